from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from contacts import tasks  # noqa: F401, PLC0415 - the registry must be ready
        from contacts.segments import leaves  # noqa: PLC0415

        leaves.register()
