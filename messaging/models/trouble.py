from django.db import models

from messaging.models.line import Line


class SendingTrouble(models.Model):
    """Twilio takes no texts of a line: `failures` in a row. The first success removes this row.

    paused_until    before then nothing is tried; afterwards one text at a time, as a question
    stopped_code    Twilio refuses the account: nothing is tried until an admin says so
    """

    line = models.OneToOneField(Line, models.PROTECT, primary_key=True, related_name="trouble")
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+")
    failures = models.PositiveIntegerField(default=0)
    paused_until = models.DateTimeField(null=True)
    stopped_code = models.PositiveIntegerField(null=True)
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"trouble of line {self.pk}"
