from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SocialConfig(AppConfig):
    name = "social"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from social import panels, tasks  # noqa: F401, PLC0415 - models must be ready; registers the room's work
        from social.queues import waiting_count  # noqa: PLC0415
        from workspaces.navigation import entry  # noqa: PLC0415
        from workspaces.palette import finder  # noqa: PLC0415
        from workspaces.panels import panel  # noqa: PLC0415
        from workspaces.setting_up import step  # noqa: PLC0415

        entry(40, _("Inbox"), "inbox", "social:inbox", "social.see", count=waiting_count)
        panel("home.side", 10, panels.waiting_panel, "social/panels/waiting.html", permission="social.see")
        finder(panels.find_in_inbox)
        step(
            60,
            _("Connect a channel"),
            _("A review site’s feed or a webhook: what people write stands in the inbox within minutes."),
            "social:connections",
            panels.has_connection,
        )
