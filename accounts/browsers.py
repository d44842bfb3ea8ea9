"""What a browser says it is, in two words: enough to tell one's own desk from one's own phone."""

# The first that is found counts: others say that they are Chrome, Safari or Linux too.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
            ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
SYSTEMS = (("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"),
           ("CrOS", "ChromeOS"), ("Mac OS X", "Mac"), ("Linux", "Linux"))  # fmt: skip


def name_of(user_agent: str) -> str:
    """Browser and system, such as "Firefox, Windows"; "" when it says nothing that is known."""
    found = (_first(user_agent, kinds) for kinds in (BROWSERS, SYSTEMS))
    return ", ".join(name for name in found if name)


def _first(user_agent: str, kinds: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in kinds if mark in user_agent), "")
