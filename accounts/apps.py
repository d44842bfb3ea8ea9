from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from auditlog.registry import auditlog
        from django.contrib.auth.signals import user_logged_in

        from accounts import tasks  # noqa: F401  # it registers what it holds
        from accounts.models import Center, Invitation, Membership
        from accounts.names import names_of_center
        from audit.names import set_name_resolver

        auditlog.register(Center, include_fields=["time_zone", "language"])
        auditlog.register(Invitation, include_fields=["role", "used_at"])
        auditlog.register(Membership, include_fields=["role", "ended_at"])
        set_name_resolver(names_of_center)
        # Django would note it after the password alone; see actions/signing.py.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
