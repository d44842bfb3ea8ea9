"""Words that tell whoever holds her phone what a center is (OUT-08).

What leaves by itself may hold none of them: she has not named the subject, and nobody looks once more before it goes.
"""

import re
import unicodedata

# How words begin, folded and without accents, in English and Spanish.
BEGINNINGS = (
    "pregnan", "abort", "ultraso", "sonogra", "ecograf", "fetus", "fetal", "feto", "unborn", "baby", "babies", "bebe",
    "newborn", "recien nacid", "prenatal", "birth", "parto", "matern", "motherhood", "parenting", "adopt", "adopc",
    "embaraz", "encinta", "gynec", "ginec", "ob-gyn", "obgyn", "obstet", "contracep", "anticoncep", "morning after",
    r"plan b\b", "clinic", "medic", "women's health", "salud de la mujer", "sexual", "test result", "resultados? de",
    "prueba de",
)  # fmt: skip
LINK = r"https?://\S+|www\.\S+|\b[\w-]+\.(?:com|org|net|info|us|care|health|clinic|life)\b"
TELLING = re.compile(rf"{LINK}|\b(?:{'|'.join(BEGINNINGS)})[\w'-]*")


def telling_words(text: str, *, center_name: str, quiet_name: str) -> list[str]:
    """What in `text` tells what the center is: words of the subject, links, its name unless that is the quiet one."""
    plain, name = folded(text), folded(center_name)
    found = TELLING.findall(plain)
    if name and name != folded(quiet_name) and re.search(rf"\b{re.escape(name)}\b", plain):
        found.append(center_name)
    return list(dict.fromkeys(found))


def folded(text: str) -> str:
    """In small letters, without accents, with plain apostrophes and single spaces."""
    apart = unicodedata.normalize("NFKD", text.replace("\u2019", "'"))
    return " ".join("".join(sign for sign in apart if not unicodedata.combining(sign)).casefold().split())
