"""What is said on the phone. Nothing in it says what a center does, nor to whom a call belongs.

A center may change the first two (`TemplateUse.CALL_BEGINS`, `VOICEMAIL`). A caller always hears that her message is
recorded before it is (OUT-14), in both languages: `ALSO` stands in for the language that the longer words are not in.
"""

from messaging.models import TemplateUse

SPOKEN = {
    (TemplateUse.CALL_BEGINS, "en"): (
        "Call, before it rings",
        "Thank you for calling. One moment, please.",
    ),
    (TemplateUse.CALL_BEGINS, "es"): (
        "Llamada, antes de que suene",
        "Gracias por llamar. Un momento, por favor.",
    ),
    (TemplateUse.VOICEMAIL, "en"): (
        "Call, before a message",
        "Nobody can take your call right now. You can leave a message after the tone: say how and when it is good"
        " to reach you. Or just hang up, and we will get back to you.",
    ),
    (TemplateUse.VOICEMAIL, "es"): (
        "Llamada, antes de un mensaje",
        "En este momento nadie puede contestar. Puede dejar un mensaje después del tono: díganos cómo y a qué hora"
        " podemos llamarle. O simplemente cuelgue, y le devolveremos la llamada.",
    ),
}
ALSO = {
    TemplateUse.CALL_BEGINS: {"en": "One moment, please.", "es": "Un momento, por favor."},
    TemplateUse.VOICEMAIL: {
        "en": "Nobody can answer now. You can also leave your message in English, after the tone.",
        "es": "Ahora nadie puede contestar. También puede dejar su mensaje en español, después del tono.",
    },
}
IS_RECORDED = {"en": "Your message is recorded.", "es": "Su mensaje quedará grabado."}
THANKS = {"en": "Thank you. Goodbye.", "es": "Gracias. Adiós."}
# Heard by the center's own phone, which may be a private one that somebody else picks up.
PRESS_1 = {"en": "A call for the line. Press 1 to take it.", "es": "Una llamada para la línea. Marque 1 para tomarla."}


def other(language: str) -> str:
    return "es" if language == "en" else "en"
