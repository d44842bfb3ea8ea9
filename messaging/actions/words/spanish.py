"""Whether a first text is Spanish: enough to choose between two greetings, and a person can change it."""

import re

WORDS = {
    "hola", "buenas", "buenos", "dias", "días", "tardes", "noches", "gracias", "por", "favor", "necesito", "quiero",
    "quisiera", "puedo", "puede", "pueden", "ayuda", "ayudar", "tengo", "estoy", "soy", "esta", "está", "este", "una",
    "unos", "con", "para", "pero", "porque", "que", "como", "cuando", "donde", "cita", "hablar", "alguien", "usted",
    "ustedes", "mi", "me", "lo", "la", "el", "los", "las", "del", "sus", "muy", "mas", "más", "tambien", "también",
    "si", "sí", "no", "se", "sé", "hacer", "llamar", "mensaje", "miedo", "sola",
}  # fmt: skip
SIGNS = re.compile("[¿¡ñ]")
ALSO_ENGLISH = {"me", "no", "la", "con", "sus", "mi", "el", "los", "las", "para", "favor", "si", "hola", "este"}


def is_spanish(text: str) -> bool:
    """Whether its signs, or a third of its words with one that English has not, are Spanish."""
    lowered = text.casefold()
    if SIGNS.search(lowered):
        return True
    words = re.findall(r"[a-záéíóúü]+", lowered)
    hits = [word for word in words if word in WORDS]
    telling = [word for word in hits if word not in ALSO_ENGLISH]
    return (bool(telling) and len(hits) * 3 >= len(words)) or words[:1] == ["hola"]
