"""Which texts say that we have the wrong number, in English and Spanish: short statements, never a question (PRIV-04).

Missed, it changes nothing: a person reads the text anyway. Wrongly heard, nothing is sent until a person says that it
was a mistake. So only whole sentences about whose number this is are heard, none that merely speak of numbers.
"""

import re

from messaging.actions.words.opt_out import folded

MOST_WORDS = 16
# Names by which clients are often called: "I'm not Maria" says whose number this is, "I'm not ready" does not.
NAMES = (
    "abby|abigail|alejandra|alex|alexa|alexis|alice|alicia|allison|alma|alyssa|amanda|amber|amelia|amy|ana|andrea"
    "|angela|angelica|angie|anna|anne|ashley|audrey|aurora|ava|beatriz|becky|bella|beth|blanca|brandi|brandy"
    "|brenda|brianna|brittany|camila|carla|carmen|carol|carolina|caroline|cassandra|catalina|catherine|cecilia"
    "|charlotte|chelsea|christina|christine|cindy|claire|claudia|courtney|crystal|cynthia|dana|daniela|danielle"
    "|debbie|denise|diana|ella|elena|elizabeth|ellen|emily|emma|erica|erika|erin|esmeralda|eva|evelyn|fatima"
    "|fernanda|gabriela|gabriella|gloria|guadalupe|hailey|hannah|haley|heather|helen|holly|irene|isabel|isabella"
    "|jackie|jacqueline|jade|janet|jasmine|jenna|jennifer|jenny|jessica|jill|jocelyn|jordan|josefina|juana|julia"
    "|julie|karen|karina|karla|kate|katherine|kathy|katie|kayla|kelly|kelsey|kendra|kim|kimberly|kristen|kristin"
    "|laura|lauren|leah|leslie|leticia|lily|linda|lisa|liz|lorena|lori|lucia|lucy|lupe|luz|madison|mandy"
    "|margarita|maria|mariana|marie|marisol|martha|mary|megan|melanie|melissa|mercedes|mia|michelle|miranda|molly"
    "|monica|morgan|nadia|nancy|naomi|natalia|natalie|nicole|nina|norma|olivia|pamela|paola|patricia|paula|rachel"
    "|raquel|rebecca|rosa|rosario|ruby|ruth|sabrina|sam|samantha|sandra|sara|sarah|savannah|selena|shannon|sharon"
    "|sofia|sonia|sophia|stacy|stephanie|susan|susana|sydney|tania|tanya|tara|taylor|teresa|tiffany|tina|tracy"
    "|valeria|valerie|vanessa|veronica|victoria|virginia|wendy|whitney|ximena|yesenia|yolanda|zoe|juan|jose|luis"
    "|carlos|miguel|jorge|pedro|john|david|michael|mike|james|robert|chris|daniel|kevin|brian|eric|jason|josh"
    "|justin|ryan|tyler"
)
NAME = rf"(?:{NAMES})"
NUMBER = r"(?:number|numbers|num|nr|phone|phone number|cell|person|girl|woman|lady|guy|man|dude)"
WRONG = rf"(?:(?:the|a|an|my) )?(?:wrong|incorrect) {NUMBER}"
GUESS = r"(?:(?:i think|i believe|i guess|i am afraid|im afraid|looks like|it looks like|seems like|it seems) )?"
YOU = r"(?:you|u|ya|yall|you all|you guys|yous)"
MORE = r"(?: any ?more| any longer| now)?"
HERS = rf"(?:her|his|their|{NAME}s|{NAME}) (?:number|phone|cell)"
ENGLISH = (
    rf"{GUESS}(?:(?:this is|thats|that is|its|it is|this must be|it must be|must be|you are at|youre at) )?{WRONG}",
    rf"{GUESS}{YOU} (?:(?:must|might|may|probably|just|all|definitely) )*(?:have|have got|got|gotten|reached|texted"
    rf"|called|dialed|contacted|messaged|have reached|have texted|are texting|are calling|r texting) {WRONG}",
    rf"{GUESS}(?:youre|you re|ur|youve|you ve) (?:got|reached|texting|calling|messaging|contacting|texted) {WRONG}",
    r"(?:(?:there is|theres) )?(?:no one|nobody|no) (?:here )?(?:by|with) (?:that|this) name(?: here| at this number)?",
    rf"(?:(?:there is|theres) )?(?:no one|nobody|no) (?:here )?(?:named|called) {NAME}(?: here| at this number)?",
    rf"(?:(?:there is|theres) )?no {NAME} (?:here|at this number)|(?:there is|theres) no {NAME}",
    rf"{NAME} (?:does not|doesnt|dont) live here{MORE}",
    rf"i (?:do not|dont) know (?:any|a|anyone named|anybody named|anyone called|no) {NAME}",
    r"i (?:do not|dont) know (?:anyone|anybody|no one|nobody) (?:by|with) (?:that|this) name",
    rf"i (?:do not|dont) know who {NAME} is",
    rf"(?:this is|this|im|i am|my name is|its) not {NAME}{MORE}",
    r"(?:this is|im|i am) not (?:the )?(?:person|one|girl|woman|lady) (?:that )?(?:youre|you are|u are|ur|you re)"
    r" (?:looking for|trying to reach|after|texting|trying to text)",
    rf"(?:this is|this|its|it is|thats|that is) (?:not|no longer|isnt) {HERS}{MORE}",
    rf"(?:this isnt|it isnt|that isnt) {HERS}{MORE}",
    rf"(?:this|that|the) number (?:belongs to|is) (?:someone|somebody) elses?{MORE}",
    rf"this is (?:someone|somebody) elses (?:number|phone){MORE}",
    rf"(?:this|that|the) number (?:does not|doesnt|no longer) belongs? to (?:her|him|them|{NAME}){MORE}",
    rf"(?:she|he|{NAME}) (?:does not|doesnt|no longer|dont) (?:have|has|use|uses|own|owns) (?:this|that)"
    rf" (?:number|phone){MORE}",
    rf"(?:she|he|{NAME}) (?:has |have )?(?:changed|got rid of) (?:her|his|their|this) number",
)
EQUIVOCADO = r"(?:(?:un|el|al) )?numero (?:equivocado|incorrecto|errado)"
CREO = r"(?:(?:creo que|me parece que|parece que|pienso que) )?"
SUYO = rf"(?:de ella|de el|suyo|de {NAME})"
NUMERO = r"(?:numero|telefono|celular)"
SPANISH = (
    rf"{CREO}(?:(?:es|este es|esto es|ese es|aqui es|tiene|tienes|tienen|marco|marcaste|marcaron|escribio|escribiste"
    rf"|escribio a|escribiste a|llamo|llamaste|llamo a|llamaste a|esta escribiendo a) )?{EQUIVOCADO}",
    rf"{CREO}(?:(?:usted|ustedes|tu) )?(?:se|te) (?:equivoco|equivocaste|equivocaron|ha equivocado|has equivocado"
    rf"|han equivocado|esta equivocando|estas equivocando) de (?:{NUMERO}|persona)",
    rf"{CREO}(?:usted |tu )?(?:esta|estas|estan) equivocad(?:o|a|os|as) de (?:{NUMERO}|persona)",
    rf"(?:yo )?no soy (?:{NAME}|ella|la persona que (?:busca|buscas|buscan)|quien (?:busca|buscas|buscan|cree|crees))",
    rf"(?:aqui )?no (?:hay|vive|esta|existe) (?:(?:nadie|ninguna|ningun) )?{NAME}(?: aqui)?",
    r"(?:aqui )?no (?:hay|vive) nadie (?:aqui )?(?:con ese nombre|que se llame asi|llamad[ao] asi)",
    rf"(?:aqui )?no (?:hay|vive) nadie (?:aqui )?(?:que se llame|llamad[ao]|de nombre) {NAME}",
    rf"no conozco a (?:(?:ninguna|ningun) )?{NAME}",
    r"no conozco a nadie (?:con ese nombre|que se llame asi)",
    rf"(?:este|ese) {NUMERO} (?:ya )?no es {SUYO}",
    rf"(?:este|ese|esto) ya no es (?:su {NUMERO}|el {NUMERO} {SUYO})",
    rf"(?:este|ese|esto) no es (?:el )?{NUMERO} {SUYO}",
    rf"(?:este|ese) {NUMERO} (?:ahora |ya )?es de otra persona",
    rf"(?:ella|el|{NAME}) ya no (?:tiene|usa) este {NUMERO}",
    rf"(?:ella|el|{NAME}) (?:ya )?cambio (?:de|su) {NUMERO}",
)
# What people say before and after it.
BEFORE = (
    "sorry|so sorry|im sorry|i am sorry|im so sorry|my apologies|apologies|excuse me|oh|oops|hi|hello|hey|um|uh|ok|okay"
    "|no|nope|nah|yo|lol|so|well|wait|perdon|perdone|disculpe|disculpa|disculpen|lo siento|lo sentimos|hola|oiga|ay|eh"
    "|buenas|buenos dias|buenas tardes"
)
AFTER = (
    "sorry|so sorry|im sorry|please|pls|thanks|thank you|ty|bye|lol|maam|sir|miss|dude|buddy|bro|friend|have a good day"
    "|good luck|god bless|perdon|disculpe|disculpa|lo siento|gracias|por favor|amiga|amigo|senora|senorita|adios"
)
NO_MORE = (
    r"(?:(?:please|pls|so|and) )*(?:stop|do not|dont|quit) (?:text|call|writ|messag|contact)\w*(?: \w+){0,3}"
    r"|(?:por favor )?(?:ya )?no (?:me )?(?:escrib|llam|mand)\w*(?: \w+){0,2}"
)
HEARD = re.compile(
    rf"(?:(?:{BEFORE}) )*(?:(?:{'|'.join((*ENGLISH, *SPANISH))})(?: (?:{BEFORE}|{AFTER}))*(?: |$))+(?:{NO_MORE})?"
)


def says_wrong_number(text: str) -> bool:
    """Whether a text says that this number is not the one we want, or not hers any more."""
    if "?" in text or "¿" in text:
        return False
    words = folded(text)
    return words.count(" ") < MOST_WORDS and HEARD.fullmatch(words) is not None
