"""What `doctor` says of the lines: whether Twilio calls the addresses that it should."""

from django.db import DatabaseError

from config.checks import Finding
from messaging.actions.connecting import Connection, standings

WORDS = {
    Connection.RIGHT: "",
    Connection.DIFFERS: "Twilio calls other addresses than ours for this line. Set them: bin/manage doctor --fix.",
    Connection.NOT_THERE: "The account of this line does not hold its number. Check the account SID and the number.",
    Connection.AWAY: "Twilio cannot be asked now, or refuses the line's token. Try again, then check the token.",
}


def examine_lines(*, mend: bool) -> list[Finding]:
    """One finding a line. They are warnings: a trial works with addresses that nobody has set at Twilio."""
    try:
        found = standings(mend=mend)
    except DatabaseError:
        return []  # the database's own check says so
    return [Finding(f"webhooks of line {one.line_id}", WORDS[one.connection], is_warning=True) for one in found]
