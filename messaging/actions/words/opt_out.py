"""Which texts ask us to stop. A keyword stands alone in its text; a free sentence is for a person to judge.

Sources: 47 CFR 64.1200(a)(10), Twilio's own list, and what people write.
"""

import re
import unicodedata
from enum import Enum


class Wish(Enum):
    """What a text asks for, as far as a machine may decide."""

    NONE = "none"
    STOP = "stop"
    START = "start"
    YES = "yes"  # lifts an opt-out, and means nothing without one
    HELP = "help"
    PERHAPS_STOP = "perhaps_stop"


STOP = {
    "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out",
    "alto", "parar", "pare", "detener", "cancelar", "baja", "dar de baja", "darse de baja", "no mas", "basta",
    "desuscribir", "terminar", "stop texting", "stop texting me", "stop it", "stop please", "please stop",
}  # fmt: skip
START = {"start", "unstop", "comenzar", "empezar", "iniciar", "reanudar"}
YES = {"yes", "si"}
HELP = {"help", "info", "ayuda"}

PERHAPS = [
    re.compile(pattern)
    for pattern in (
        r"\b(stop|quit|cease)\b.{0,20}\b(text|texts|texting|messag\w*|contact\w*|writing|calling)\b",
        r"\b(do not|dont|don t|never|no longer)\b.{0,20}\b(text|texts|texting|messag\w*|contact|write|call)\b",
        r"\b(no more|not any more|enough)\b.{0,15}\b(text|texts|messages|calls)\b",
        r"\b(remove|take|delete|get)\b.{0,15}\b(me|my number)\b.{0,20}\b(list|off|out|from)\b",
        r"\b(unsubscribe|opt me out|opting out|opt out)\b",
        r"\bleave me alone\b",
        r"\blose (my|this) number\b",
        r"\b(deja|dejen|dejame|dejenme|para|paren|pare)\b.{0,20}\b(escribir\w*|mensaje\w*|mandar\w*|llamar\w*|texto\w*)\b",
        r"\bno (me )?(escrib\w*|mand\w*|envi\w*|llam\w*|contact\w*)\b.{0,25}\b(mas|mensajes|textos)\b",
        r"\bno (me )?(escriban|escribas|manden|mandes|envien|envies|contacten|contactes)\b",
        r"\bno quiero\b.{0,20}\b(mensaje\w*|texto\w*|que me escriban)\b",
        r"\b(quit\w*|borr\w*|elimin\w*)(me| mi numero)\b",
        r"\b(dejenme|dejame) en paz\b",
    )
]
# "Stop by at 3?" and "I can't stop texting him" speak of something else.
ELSE = [
    re.compile(pattern)
    for pattern in (
        r"\b(can|cant|can t|could|couldnt|should|shall|may|will|want to|going to|to) stop (by|in|at|over)\b",
        r"^stop (by|in|at|over)\b",
        r"\b(cant|can t|cannot|couldnt|wont|doesnt|didnt|wouldnt) stop\b",
        r"\b(he|she|they|him|her|boyfriend|mom|dad) .{0,30}\b(stop|quit)\b",
        r"\bdont (stop|quit)\b",
    )
]


def wish_of(text: str, opt_out_type: str = "") -> Wish:
    """What a text asks for. `opt_out_type` is Twilio's own word for it, which is believed first."""
    told = {"STOP": Wish.STOP, "START": Wish.START, "HELP": Wish.HELP}.get(opt_out_type.upper())
    if told:
        return told
    words = folded(text)
    for keywords, wish in ((STOP, Wish.STOP), (START, Wish.START), (YES, Wish.YES), (HELP, Wish.HELP)):
        if words in keywords:
            return wish
    if any(pattern.search(words) for pattern in ELSE):
        return Wish.NONE
    return Wish.PERHAPS_STOP if any(pattern.search(words) for pattern in PERHAPS) else Wish.NONE


def folded(text: str) -> str:
    """Lower case, no accents, and one blank for every run of anything but letters and digits."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign)).replace("'", "").replace("\u2019", "")
    return re.sub(r"[^a-z0-9]+", " ", letters).strip()
