from django.apps import AppConfig


class MessengersConfig(AppConfig):
    name = "messengers"
    default_auto_field = "django.db.models.BigAutoField"
