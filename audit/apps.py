from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit import fill, mailing, receivers  # noqa: F401  # the last two register what they hold

        fill.connect()
