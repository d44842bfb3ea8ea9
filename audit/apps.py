from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit import fill, receivers  # noqa: F401  # receivers register themselves

        fill.connect()
