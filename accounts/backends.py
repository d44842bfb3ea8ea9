from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from accounts.models import Staff


class EmailBackend(BaseBackend):
    """A person proves a password for an address, which is found by its keyed hash."""

    def authenticate(
        self, request: HttpRequest | None, email: str = "", password: str = "", **credentials: object
    ) -> Staff | None:
        try:
            staff = Staff.objects.for_email(email)
        except Staff.DoesNotExist:
            make_password(password)  # the same work, so that time does not tell who exists
            return None
        return staff if staff.check_password(password) and staff.is_active else None

    def get_user(self, user_id: UUID) -> Staff | None:
        return Staff.objects.filter(pk=user_id, is_active=True).first()
