from django import forms


class ClockInput(forms.TimeInput):
    """A time of day, in the browser's own field for it."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")
