from django.apps import AppConfig


class DeliverabilityConfig(AppConfig):
    name = "deliverability"
    default_auto_field = "django.db.models.BigAutoField"
