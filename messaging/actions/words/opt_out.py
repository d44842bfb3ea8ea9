"""Which texts ask us to stop. A keyword stands alone in its text; a free sentence is for a person to judge.

It asks a person rather more often than needed: the cost of asking is a look, of missing it is her trust.
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


# Twilio's own words, what 47 CFR 64.1200(a)(10) adds, and their Spanish equivalents. "Terminar", "basta" and
# "no más" are not among them: as an answer to a question of ours they mean something else.
STOP = {
    "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out",
    "alto", "pare", "parar", "detener", "cancelar", "baja", "dar de baja", "darse de baja", "darme de baja",
    "desuscribir", "desuscribirse", "desuscribirme", "anular suscripcion",
}  # fmt: skip
START = {"start", "unstop", "comenzar", "empezar", "iniciar", "reanudar"}
YES = {"yes"}
HELP = {"help", "info"}

PERHAPS = [
    re.compile(pattern)
    for pattern in (
        r"^((please|pls|plz|ok|okay|just|hey|no|now|seriously|i said|can you|could you) )*"
        r"(will you |you need to |wrong number )?(stop|unsubscribe|unsuscribe|optout|cancel)"
        r"( (please|pls|plz|it|this|that|all|everything|now|already|asap|immediately|thanks|thank you))*$",
        r"\b(stop|quit|cease)\b.{0,20}\b(text|texts|texting|txt\w*|messag\w*|contact\w*|writing|calling|bothering)\b",
        r"\b(do not|dont|don t|never|no longer|please not)\b.{0,20}"
        r"\b(text|texts|texting|txt\w*|messag\w*|contact|write|call)\b",
        r"\b(no more|not any more|enough)\b.{0,15}\b(text|texts|texting|messages|calls)\b",
        r"\b(remove|take|delete|get)\b.{0,15}\b(me|my number)\b.{0,20}\b(list|off|out|from)\b",
        r"^(please )?(remove|delete) (me|my number)( please)?$",
        r"\b(unsubscribe|opt me out|opting out|opt out)\b",
        r"\bleave me alone\b",
        r"\blose (my|this) number\b",
        r"\b(deja|deje|dejen|dejame|dejenme|para|paren|pare|basta)\b.{0,20}"
        r"\b(escribi\w*|mensaje\w*|manda\w*|llama\w*|texto\w*|textear\w*)\b",
        r"\bno (me )?(escrib\w*|mand\w*|envi\w*|llam\w*|contact\w*|text\w*)\b.{0,25}\b(mas|mensajes|textos)\b",
        r"\bno me (escriban?|escribas?|manden?|mandes?|envien?|envies?|contacten?|contactes?|texteen?|textees?)\b",
        r"\bno quiero\b.{0,20}\b(mensaje\w*|texto\w*|que me escriban?)\b",
        r"\bno mas (mensajes|textos)\b",
        r"^(ya )?(basta|no mas)( por favor| ya)?$",
        r"\b(quit\w*|borr\w*|elimin\w*)(me| mi numero)\b",
        r"\b(dejenme|dejeme|dejame) en paz\b",
    )
]
# "Stop by at 3?" and "he won't stop texting me" speak of something else.
ELSE = [
    re.compile(pattern)
    for pattern in (
        r"\bstop(ping)? (by|in|at|over)\b",
        r"\b(bus|truck|train|full|next|first|last|whole|rest|pit) stop\b",
        r"\bstop (sign|light|lights)\b",
        r"\b(cant|can t|cannot|couldnt|wont|doesnt|didnt|wouldnt|never|not|hard to|trying to) (stop|quit)\b",
        r"\bstop (text\w*|call\w*|messag\w*|contact\w*|writing|bothering) (him|her|them|my|people)\b",
        r"\b(he|she|they|him|her|ex|boyfriend|husband|mom|dad|mother|father|somebody|someone) .{0,30}\b(stop|quit)\b",
        r"\b(make|making|made|get|told|tell|asked) (him|her|them)\b",
        r"\bdont (stop|quit)\b",
        r"\bstop (taking|using|eating|drinking|smoking|thinking|crying|worrying|feeling|being|having|my)\b",
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
