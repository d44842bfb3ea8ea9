"""Who writes in a simulation. Numbers 555-01xx are kept for fiction."""

from random import Random

LINE = "+16145550199"
CLIENTS = [f"+1614555{number:04d}" for number in range(110, 180)]
STOPPERS = [f"+1614555{number:04d}" for number in range(180, 188)]  # they say STOP and START, over and over
QUIET_CLIENT = "+16145550189"
CANARY = "kiwi-lantern"  # stands in every word of theirs, and so may stand in the clear nowhere

# How texts travel to some of them: reports early, doubled, in another order, never.
PLANS = {
    CLIENTS[0]: "early",
    CLIENTS[1]: "early",
    CLIENTS[2]: "doubled",
    CLIENTS[3]: "out_of_order",
    CLIENTS[4]: "no_callbacks",
    CLIENTS[5]: "sent_only",
    CLIENTS[6]: "slow",
    CLIENTS[7]: "undelivered_30003",
    CLIENTS[8]: "failed_30007",
}
ENDINGS = ("no_answer", "busy", "hang_up_ringing", "voicemail")
WORDS = ("¿Hay alguien?", "can you call me 👋", "thanks", "x" * 700)

# A picture of one point.
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PICTURES_EVERY, CALLS_EVERY = 60, 50  # texts


def words_of(number: int, chance: Random) -> str:
    return f"{CANARY} {number} {chance.choice(WORDS)}"


def sign_of(stopper: str) -> str:
    """By these words the desk knows whose conversation it is."""
    return f"{CANARY} of {stopper[-3:]}"
