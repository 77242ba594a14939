from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class WorkspacesConfig(AppConfig):
    name = "workspaces"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from workspaces.granting import grant_to_app_role  # noqa: PLC0415 - the registry must be ready
        from workspaces.models import Membership  # noqa: PLC0415
        from workspaces.navigation import entry  # noqa: PLC0415
        from workspaces.setting_up import step  # noqa: PLC0415

        post_migrate.connect(grant_to_app_role, sender=self)
        entry(90, _("Settings"), "settings", "workspaces:settings", "workspace.settings", foot=True)
        step(
            10,
            _("Describe your brand"),
            _("A postal address stands in every letter."),
            "workspaces:settings",
            lambda workspace: bool(workspace.postal_address),
        )
        step(
            70,
            _("Invite a colleague"),
            _("Answers are quicker with two."),
            "workspaces:members",
            lambda workspace: Membership.objects.filter(workspace=workspace).count() > 1,
        )
