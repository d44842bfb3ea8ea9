"""Which texts say that we have the wrong number. What follows from it is in test_epochs."""

from itertools import product

import pytest

from messaging.actions.words.wrong_number import MOST_WORDS, says_wrong_number

SAYINGS = """
wrong number
the wrong number
This is the wrong number
that's the wrong number
its the wrong number
It must be a wrong number
you have the wrong number
you've got the wrong number
u got the wrong number
You must have the wrong number
I think you have the wrong number
I think this is the wrong number
you texted the wrong number
you're texting the wrong number
you reached the wrong number
You guys have the wrong number
Looks like you have the wrong number
you got the wrong person
you have the wrong girl
incorrect number
there is no one here by that name
no one by that name here
There's nobody named Maria here
no Jessica here
nobody here by that name
I don't know any Maria
I don't know anyone by that name
I dont know who Ashley is
this is not Maria
I'm not Maria
im not jessica
my name is not Sarah
I'm not the person you are looking for
this is not the person you're trying to reach
this is not her number
this isn't Maria's phone
This is no longer her number
this is not her number anymore
this number belongs to someone else
this number belongs to somebody else now
this number no longer belongs to her
this is someone else's number
she doesn't have this number anymore
She no longer has this number
Maria doesn't use this phone any more
she changed her number
Jessica doesn't live here
número equivocado
numero equivocado
Es número equivocado
este es el número equivocado
creo que es número equivocado
tiene el número equivocado
tienes el numero equivocado
Marcó el número equivocado
se equivocó de número
te equivocaste de numero
Creo que se equivocó de número
se ha equivocado de persona
está equivocado de número
estás equivocada de numero
no soy María
no soy maria
No soy ella
no soy la persona que busca
aquí no hay ninguna María
aqui no vive Maria
no hay nadie con ese nombre
no conozco a ninguna Ana
no conozco a nadie con ese nombre
este número ya no es de ella
este numero no es de Maria
ese ya no es su número
este número es de otra persona
Ella ya no tiene este número
María cambió de número
""".strip().splitlines()
BEFORE, AFTER = ("", "Sorry, ", "Hi. ", "Disculpe, "), ("", ".", "!", " sorry", ", please stop texting me", ". Gracias")

OTHER = """
Is this the wrong number?
Do I have the wrong number?
is this the wrong number
do i have the wrong number
¿Es número equivocado?
es este el numero correcto
Did you get the wrong number for my mom
I called the wrong number yesterday
I gave him the wrong number
he has the wrong number for me
I got the wrong number from the website
My number changed, this is my new number
I have a new number
i just got this number from a friend
what number should I call
I'm not sure
I'm not ready
I'm not pregnant
im not ok
I am not safe here
this is not good
this is not fair
this is not my phone
This is my sister's phone
i dont know who to talk to
I don't know what to do
I don't know anyone here
nobody knows
there is no one here
no one is home now
she changed her mind
he doesn't have my number
don't call this number
no soy mayor de edad
no soy mala persona
no soy de aqui
no soy casada
no estoy segura
estoy equivocada
creo que me equivoqué
me equivoqué de día
tengo el número
no tengo este numero guardado
no hay nadie aquí
ya no tengo su número
este es mi número nuevo
el test salió equivocado
Wrong
number
I took the wrong pill
you are wrong
this is Maria
No, Maria
no sam
soy Maria
Maria gave me this number
Everything went wrong and I don't know which number of days it has been since then, can you help me please
wrong number of weeks I think
""".strip().splitlines()


@pytest.mark.parametrize("saying", SAYINGS)
def test_it_is_heard_however_it_is_said(saying: str) -> None:
    ways = [f"{before}{saying}{after}" for before, after in product(BEFORE, AFTER)]
    deaf = [way for way in (*ways, saying.upper()) if not says_wrong_number(way)]
    assert deaf == []
    assert len(SAYINGS) * len(ways) > 1000, "a hundred phrasings and more were asked for"


@pytest.mark.parametrize("text", OTHER)
def test_what_merely_speaks_of_numbers_or_asks_is_not_heard(text: str) -> None:
    assert not says_wrong_number(text)


def test_a_question_mark_makes_a_question_of_it() -> None:
    assert [saying for saying in SAYINGS if says_wrong_number(f"{saying}?")] == []


def test_a_long_text_says_more_than_that_and_is_never_heard() -> None:
    assert not says_wrong_number("wrong number " + "sorry " * MOST_WORDS)
    assert not says_wrong_number("sorry " * 100_000 + "x"), "and takes no time to be told apart"
