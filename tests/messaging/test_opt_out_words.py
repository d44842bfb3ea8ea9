import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.actions.words.opt_out import Wish, wish_of

KEYWORDS = [
    "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out",
    "alto", "parar", "pare", "detener", "cancelar", "baja", "dar de baja", "darse de baja",
]  # fmt: skip
DRESSES = ["{}", " {} ", "{}.", "{}!!!", '"{}"', "\n{}\n", "{} 🛑", "({})", "¡{}!", "  {}…"]

ASKS_A_PERSON = """
please stop texting me
Please stop texting me.
stop texting me
Stop sending me messages
stop messaging me please
can you stop
could you stop texting
STOP PLEASE
please stop
ok stop
stop it
just stop already
quit texting me
you need to stop texting me
I want you to stop texting me
I want to stop getting these texts
I said stop
do not text me again
don't text me
dont contact me anymore
Don\u2019t message me
never text me again
no more texts
no more messages please
not any more messages
remove me from your list
take me off this list
please remove me
delete my number from your list
unsubscribe me
please unsubscribe
opt me out
I'd like to opt out
leave me alone
lose my number
wrong number stop
stop contacting me
stop bothering me
please cancel
deja de escribirme
dejen de mandarme mensajes
por favor no me escriban más
no me manden mensajes
no me escribas
no quiero mensajes
no quiero recibir más mensajes
no más mensajes
ya basta
basta
no más
quítenme de la lista
borren mi número
déjenme en paz
no me contacten
para de mandarme mensajes
""".strip().splitlines()

SPEAKS_OF_SOMETHING_ELSE = """
can I stop by at 3?
Stop by at 3?
I could stop in tomorrow
is it ok to stop by
which bus stop is closest
I'm at the bus stop
he won't stop texting me
my ex wont stop calling
I can't stop crying
I cant stop thinking about it
don't stop
I want to stop the pregnancy
I stopped taking the pill
my boyfriend told me to stop
tell him to stop calling me
I want to stop texting him
should I stop taking my meds
when does my period stop
I need to cancel my appointment
can you cancel for tomorrow
the end of the month
in the end I told her
I quit my job
end of next week works
how do I start
start of my last period
yes please
yes I can come
help me please
can you help
I need info about hours
no
no thanks
hola
quiero cancelar mi cita
necesito parar un momento
está en alta o baja?
no puedo hablar ahora
terminar
quiero terminar
tengo miedo
alto y delgado
dame una cita por favor
para mi hija
gracias
text me later
don't worry
call me when you can
I never told anybody
list of places
please take me off guard duty lol
""".strip().splitlines()


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("word", KEYWORDS)
def test_a_keyword_alone_in_its_text_is_her_stop_however_it_is_dressed(word: str, dress: str) -> None:
    for text in (word, word.upper(), word.title()):
        assert wish_of(dress.format(text)) is Wish.STOP


@pytest.mark.parametrize("text", ASKS_A_PERSON)
def test_a_free_sentence_that_may_ask_us_to_stop_is_for_a_person_to_judge(text: str) -> None:
    assert wish_of(text) is Wish.PERHAPS_STOP
    assert wish_of(text.upper()) is Wish.PERHAPS_STOP


@pytest.mark.parametrize("text", SPEAKS_OF_SOMETHING_ELSE[:-1])
def test_other_uses_of_the_words_ask_for_nothing(text: str) -> None:
    assert wish_of(text) is Wish.NONE


def test_a_doubtful_sentence_is_rather_asked_about_than_missed() -> None:
    assert wish_of(SPEAKS_OF_SOMETHING_ELSE[-1]) is Wish.PERHAPS_STOP


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("START", Wish.START),
        ("unstop", Wish.START),
        ("Comenzar", Wish.START),
        ("yes", Wish.YES),
        ("Yes.", Wish.YES),
        ("HELP", Wish.HELP),
        ("info", Wish.HELP),
        ("", Wish.NONE),
        ("🙂", Wish.NONE),
        ("sí", Wish.NONE),
    ],
)
def test_the_other_keywords_are_known(text: str, wish: Wish) -> None:
    assert wish_of(text) is wish


@pytest.mark.parametrize(("told", "wish"), [("STOP", Wish.STOP), ("START", Wish.START), ("HELP", Wish.HELP)])
def test_what_twilio_says_of_a_text_is_believed_over_the_text(told: str, wish: Wish) -> None:
    assert wish_of("adios amigos", told) is wish
    assert wish_of("adios amigos", told.lower()) is wish


def test_an_unknown_word_of_twilio_leaves_the_text_to_speak() -> None:
    assert wish_of("stop", "SOMETHING") is Wish.STOP


@given(st.text(max_size=1700))
def test_any_text_is_judged(text: str) -> None:
    assert wish_of(text) in Wish
