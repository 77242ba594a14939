from django.apps import AppConfig
from django.db.models.signals import post_migrate


class WorkspacesConfig(AppConfig):
    name = "workspaces"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from workspaces.granting import grant_to_app_role  # noqa: PLC0415 - settings must be read

        post_migrate.connect(grant_to_app_role, sender=self)
