"""Twilio's own handling of STOP, START and HELP."""

from twin.config import Number
from twin.world import World

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})

STOPPED = (
    "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe."
)
STARTED = (
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
)
HELP = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."


def keyword(body: str) -> str:
    """Return STOP, START or HELP when the text is nothing but such a word, else nothing."""
    word = body.strip().upper()
    if word in STOP_WORDS:
        return "STOP"
    if word in START_WORDS:
        return "START"
    return "HELP" if word in HELP_WORDS else ""


def heed(world: World, person: str, line: Number, body: str) -> tuple[str, str]:
    """Do what a text asks of Twilio itself.

    returns  the word it was taken for (nothing if none, or if it changed nothing), and Twilio's answer
    """
    word = keyword(body) if line.opt_out != "off" else ""
    if word == "STOP" and world.block(person, line.pool):
        return word, STOPPED
    if word == "START" and world.unblock(person, line.pool):
        return word, STARTED
    if word == "HELP":
        return word, HELP
    return ("STOP", "") if word == "STOP" else ("", "")
