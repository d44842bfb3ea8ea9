from django.db import models

ONLY = 1


class MailTrouble(models.Model):
    """The mail server does not answer: `failures` in a row. There is one row at most; the first answer removes it.

    paused_until    before then nothing is tried; afterwards one mail at a time, as a question
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    failures = models.PositiveIntegerField(default=0)
    paused_until = models.DateTimeField()
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return "trouble with the mail server"
