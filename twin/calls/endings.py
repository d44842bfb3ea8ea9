"""How a call goes, whatever the center's server wants: what she does, and what the center's phone does."""

from dataclasses import dataclass

LIVE = "live"
VOICEMAIL_SECONDS = 21
TALK_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Ending:
    """A course for both sides. What a side does is named as the page's buttons name it."""

    label: str
    staff: str = ""  # what the center's phone does when it rings; empty: it rings on
    digit: str = ""  # what is pressed there when it is asked for
    leaves: tuple[str, ...] = ("beep",)  # in which stages she hangs up, the first that comes
    speaks: bool = False  # whether she says something after the tone
    dial: str = ""  # what a Dial's action hears if she hangs up while it rings; empty: it is not called


RINGS_OFF = ("ringing", "whisper")

ENDINGS = {
    LIVE: Ending("Call, and decide as it goes", leaves=()),
    "answer": Ending("Somebody at the center picks up", staff="staff_answer", digit="1"),
    "no_answer": Ending("Nobody picks up"),
    "busy": Ending("The center's phone is busy", staff="staff_busy"),
    "hang_up_ringing": Ending("She hangs up while it rings", leaves=RINGS_OFF),
    "hang_up_ringing_canceled": Ending("The same, told as canceled", leaves=RINGS_OFF, dial="canceled"),
    "hang_up_ringing_no_answer": Ending("The same, told as not answered", leaves=RINGS_OFF, dial="no-answer"),
    "hang_up_greeting": Ending("She hangs up during the greeting", leaves=("greeting", *RINGS_OFF, "beep")),
    "staff_voicemail": Ending("The center's phone: its voicemail answers", staff="staff_voicemail"),
    "staff_declines": Ending("Somebody picks up and presses 2", staff="staff_answer", digit="2"),
    "staff_fails": Ending("The center's phone is out of reach", staff="staff_fail"),
    "voicemail": Ending("Nobody picks up, she leaves a message", leaves=("spoken",), speaks=True),
    "voicemail_key": Ending("The same, she presses # and listens on", leaves=(), speaks=True),
    "silence": Ending("Nobody picks up, she says nothing and waits", leaves=()),
}
