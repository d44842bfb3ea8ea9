from dataclasses import dataclass, field


@dataclass(frozen=True)
class Plan:
    """How much, for how long, and the number that chooses what breaks when."""

    seed: int
    texts: int
    replies: int
    faults: int
    seconds: float

    @property
    def command(self) -> str:
        """Runs the same plan again."""
        minutes = f"{self.seconds / 60:.2f}"
        sizes = f"--messages {self.texts} --replies {self.replies} --faults {self.faults} --minutes {minutes}"
        return f"bin/simulate faults {sizes} --seed {self.seed}"


@dataclass
class Result:
    """What became of it. `broken` names every promise that did not hold."""

    plan: Plan
    seconds: int
    counts: dict[str, int]
    faults: dict[str, int]
    left_out: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.broken
