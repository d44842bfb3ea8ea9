"""Whether a first text is Spanish: enough to choose between two greetings, and a person can change it."""

import re

WORDS = set(
    [
        "hola",
        "buenas",
        "buenos",
        "dias",
        "tardes",
        "noches",
        "gracias",
        "por",
        "favor",
        "necesito",
        "quiero",
        "quisiera",
        "puedo",
        "puede",
        "ayuda",
        "ayudar",
        "tengo",
        "estoy",
        "soy",
        "esta",
        "este",
        "una",
        "unos",
        "con",
        "para",
        "pero",
        "porque",
        "que",
        "como",
        "cuando",
        "donde",
        "cita",
        "hablar",
        "alguien",
        "usted",
        "ustedes",
        "mi",
        "me",
        "lo",
        "la",
        "el",
        "los",
        "las",
        "del",
        "sus",
        "muy",
        "mas",
        "tambien",
        "si",
        "no",
        "se",
        "hacer",
        "llamar",
        "mensaje",
        "miedo",
        "sola",
    ]
)
SIGNS = re.compile("[¿¡ñ]")
ALSO_ENGLISH = {"me", "no", "la", "con", "sus", "mi"}


def is_spanish(text: str) -> bool:
    lowered = text.casefold()
    if SIGNS.search(lowered):
        return True
    words = re.findall(r"[a-záéíóúü]+", lowered)
    hits = [word for word in words if word in WORDS]
    telling = [word for word in hits if word not in ALSO_ENGLISH]
    return bool(telling) and len(hits) * 3 >= len(words)
