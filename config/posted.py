"""Which fields of a post nobody asked for: they change nothing, and the access log counts them (AUTHZ-10)."""

from collections.abc import Callable, Iterable
from typing import Any, Self

from django.http import HttpRequest, HttpResponse, QueryDict

from accounts.confirming import TOKEN

Respond = Callable[[HttpRequest], HttpResponse]


class PostedFields(QueryDict):
    """What was posted, and which of it was asked for. Only the count ever leaves: a name may be anything."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked: set[str] = set()

    @classmethod
    def of(cls, posted: QueryDict) -> Self:
        """The same fields, not yet asked for."""
        fields = cls(mutable=True, encoding=posted.encoding)
        for name, values in posted.lists():
            fields.setlist(name, values)
        fields._mutable = False
        return fields

    @property
    def ignored(self) -> int:
        """How many fields nobody asked for. None, where nobody looked at the form at all."""
        return len(self.keys() - self._asked - {TOKEN}) if self._asked else 0

    def __getitem__(self, name: str) -> Any:
        self._asked.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._asked.add(str(name))
        return super().__contains__(name)

    def getlist(self, name: str, default: Any = None) -> Any:
        self._asked.add(name)
        return super().getlist(name, default)

    def lists(self) -> Iterable[tuple[str, list[Any]]]:
        self._asked.update(self)
        return super().lists()


class PostedFieldsMiddleware:
    """Hands views a form that knows what they asked of it. Stands behind CSRF, which reads it first.

    What is exempt from CSRF reads its body itself, and refuses one that is too large in its own way.
    """

    def __init__(self, get_response: Respond) -> None:
        self._respond = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._respond(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        if request.method == "POST" and not getattr(view, "csrf_exempt", False):
            request.POST = PostedFields.of(request.POST)  # type: ignore[assignment]
        return None


def ignored_fields(request: HttpRequest) -> int:
    """How many posted fields the answer took no notice of. Reads no body that nobody has read."""
    posted = request.__dict__.get("_post")
    return posted.ignored if isinstance(posted, PostedFields) else 0
