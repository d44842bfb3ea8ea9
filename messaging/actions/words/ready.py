"""The words every center begins with. Nothing in them says what a center does.

{opens} is replaced by the day and hour when the center opens next.
"""

from messaging.models import TemplateUse

AUTO = {
    (TemplateUse.AUTO_OPEN, "en"): (
        "First answer, open",
        "Hi, thanks for your message. Someone will write back soon. Other people may be able to read texts on"
        " your phone, so share only what feels safe. Would you rather text or talk by phone?"
        " Reply STOP to stop texts.",
    ),
    (TemplateUse.AUTO_CLOSED, "en"): (
        "First answer, closed",
        "Hi, thanks for your message. We are away now and will write back {opens}. Other people may be able to"
        " read texts on your phone, so share only what feels safe. Would you rather text or talk by phone?"
        " Reply STOP to stop texts.",
    ),
    (TemplateUse.AUTO_OPEN, "es"): (
        "Primera respuesta, abierto",
        "Hola, gracias por su mensaje. Pronto le responderá una persona. Otras personas podrían leer los mensajes de"
        " su teléfono: comparta solo lo que le parezca seguro. ¿Prefiere escribir o hablar por teléfono?"
        " Responda STOP para no recibir más mensajes.",
    ),
    (TemplateUse.AUTO_CLOSED, "es"): (
        "Primera respuesta, cerrado",
        "Hola, gracias por su mensaje. Ahora no estamos; le responderemos {opens}. Otras personas podrían leer los"
        " mensajes de su teléfono: comparta solo lo que le parezca seguro. ¿Prefiere escribir o hablar por teléfono?"
        " Responda STOP para no recibir más mensajes.",
    ),
}

TEXT_BACK = {
    (TemplateUse.MISSED_CALL, "en"): (
        "After a missed call",
        "Hi, sorry we missed your call. When is a good time to call you back, or would you rather text? Other people"
        " may be able to read texts on your phone, so share only what feels safe. Reply STOP to stop texts.",
    ),
    (TemplateUse.MISSED_CALL, "es"): (
        "Después de una llamada perdida",
        "Hola, perdone que no hayamos podido contestar su llamada. ¿A qué hora podemos llamarle, o prefiere que le"
        " escribamos? Otras personas podrían leer los mensajes de su teléfono: comparta solo lo que le parezca seguro."
        " Responda STOP para no recibir más mensajes.",
    ),
}

REPLIES = {
    "en": [
        (
            "First name",
            "Glad you wrote. I am happy to text with you. What is your first name, and what is going on today?",
        ),
        (
            "Call or text?",
            "Would you rather text or talk by phone? A call is more private. If you like a call, what is a good"
            " and safe time?",
        ),
        (
            "Better by phone",
            "Thank you for telling me. Some things are better said than written. May I call you now?",
        ),
        (
            "Missed your call",
            "Hi, sorry I missed your call. When is a good time to call you back, or would you like to start by"
            " text? What you share stays in confidence with us, though others may be able to read texts on your"
            " phone.",
        ),
        ("Still there?", "I am still here if you would like to go on. Take your time."),
        (
            "Not by text",
            "I cannot put that in a text, to keep it private for you. I can tell you by phone whenever you like.",
        ),
    ],
    "es": [
        (
            "Nombre",
            "Me alegra que escriba. Con gusto le respondo por mensaje. ¿Cómo se llama y qué le pasa hoy?",
        ),
        (
            "¿Llamada o mensaje?",
            "¿Prefiere escribir o hablar por teléfono? Una llamada es más privada. Si prefiere una llamada, ¿a qué"
            " hora puede hablar con tranquilidad?",
        ),
        (
            "Mejor por teléfono",
            "Gracias por contármelo. Hay cosas que es mejor decir que escribir. ¿Puedo llamarle ahora?",
        ),
        (
            "Llamada perdida",
            "Hola, perdone que no haya podido contestar su llamada. ¿A qué hora puedo llamarle, o prefiere empezar"
            " por mensaje? Lo que comparta queda entre nosotros, aunque otras personas podrían leer los mensajes de"
            " su teléfono.",
        ),
        ("¿Sigue ahí?", "Sigo aquí si quiere continuar. Tómese su tiempo."),
        (
            "No por mensaje",
            "Eso no lo puedo escribir en un mensaje, para cuidar su privacidad. Se lo digo por teléfono cuando quiera.",
        ),
    ],
}
