from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from encryption.blind_index import email_index
from encryption.fields import SealedTextField
from encryption.scope import SealScope
from tenancy.ids import INSTALLATION, uuid7


class StaffManager(BaseUserManager["Staff"]):
    def for_email(self, email: str) -> "Staff":
        """The person with this address; raises `Staff.DoesNotExist`."""
        return self.get(email_index=email_index(email))


class Staff(AbstractBaseUser):  # type: ignore[django-manager-missing]  # django-otp's devices have no types
    """A person who signs in. Never deleted: the log still names them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = SealedTextField(schema="accounts.staff.email.v1")
    email_index = models.BinaryField(max_length=16, unique=True, editable=False)
    name = SealedTextField(schema="accounts.staff.name.v1")
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, default="en")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "id"
    REQUIRED_FIELDS = []

    objects = StaffManager()

    class Meta:
        verbose_name_plural = "staff"

    def __str__(self) -> str:
        return f"staff {self.pk}"

    def seal_scope(self) -> SealScope:
        return SealScope(INSTALLATION)

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0]
