class Trouble(Exception):
    """Why the trial cannot go on: one sentence for the person who started it."""

    def __init__(self, sentence: str, code: int = 2) -> None:
        super().__init__(sentence)
        self.code = code
