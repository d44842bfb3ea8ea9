"""Reading TwiML: what the center's server answers to a text or a call."""

from dataclasses import dataclass
from xml.etree import ElementTree

XML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
LARGEST = 64 * 1024


class TwimlProblem(Exception):
    """The answer cannot be used; the code is the one Twilio would log."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    content_type: str
    data: bytes
    url: str

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Verb:
    """One element of TwiML with its text, its attributes and its children."""

    name: str
    text: str
    attributes: dict[str, str]
    children: tuple["Verb", ...]


def read_twiml(answer: Answer) -> list[Verb]:
    """Return the verbs of an answer; none for an empty one.

    raises TwimlProblem: 11750 too large, 12300 content type, 12100 not XML, 12200 no <Response>.
    """
    if len(answer.data) > LARGEST:
        raise TwimlProblem(11750)
    if answer.status == 204 or not answer.data.strip():
        return []
    if answer.content_type == "text/plain":
        return [Verb("Message", answer.text, {}, ())]
    if answer.content_type not in XML_TYPES:
        raise TwimlProblem(12300)
    return list(_parse(answer.text).children)


def _parse(text: str) -> Verb:
    if "<!" in text.replace("<!--", ""):  # no document type and no entities: nothing that could expand
        raise TwimlProblem(12100)
    try:
        root = _verb(ElementTree.fromstring(text))  # noqa: S314  # refused above: what makes it unsafe
    except ElementTree.ParseError:
        raise TwimlProblem(12100) from None
    if root.name != "Response":
        raise TwimlProblem(12200)
    return root


def _verb(element: ElementTree.Element) -> Verb:
    children = tuple(_verb(child) for child in element)
    return Verb(element.tag, (element.text or "").strip(), dict(element.attrib), children)
