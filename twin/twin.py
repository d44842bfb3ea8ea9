"""The parts of the twin, put together."""

from dataclasses import dataclass

from twin.mailbox import Mailbox
from twin.postbox import Postbox
from twin.postman import Postman
from twin.world import World


@dataclass(slots=True)
class Twin:
    """What every door is given: what is known, and the way out."""

    world: World
    postman: Postman
    postbox: Postbox
    mailbox: Mailbox

    @classmethod
    def of(cls, world: World) -> "Twin":
        postman = Postman(world)
        return cls(world, postman, Postbox(world, postman), Mailbox(world.archive, world.hub))
