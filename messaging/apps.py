from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        from audit.names import set_client_name_resolver
        from messaging import receivers, tasks  # noqa: F401  # both register what they hold
        from messaging.names import names_of_clients

        set_client_name_resolver(names_of_clients)
