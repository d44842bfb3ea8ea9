from django.db import models


class RunningSearch(models.Model):
    """The search that a person began or took up last. A newer one ends the older, in whatever window that runs."""

    membership = models.OneToOneField("accounts.Membership", models.CASCADE, primary_key=True, related_name="+")
    center = models.ForeignKey("accounts.Center", models.PROTECT, related_name="+", db_index=False)
    token = models.UUIDField()

    class Meta:
        verbose_name_plural = "running searches"

    def __str__(self) -> str:
        return f"running search of {self.membership_id}"
