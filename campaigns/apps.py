from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from campaigns import gate_steps, segment_words, tasks, tracking  # noqa: F401, PLC0415 - models must be ready
        from campaigns.finding import has_sender, has_sent  # noqa: PLC0415 - registers a finder
        from campaigns.panels import programmes_panel  # noqa: PLC0415
        from workspaces.navigation import entry  # noqa: PLC0415
        from workspaces.panels import panel  # noqa: PLC0415
        from workspaces.setting_up import step  # noqa: PLC0415

        panel("home.main", 10, programmes_panel, "campaigns/panels/programmes.html", permission="campaigns.see")
        gate_steps.register()
        segment_words.register()
        entry(50, _("Programmes"), "target-arrow", "programmes:list", "campaigns.see")
        entry(60, _("Campaigns"), "send", "campaigns:list", "campaigns.see")
        step(20, _("Set up your sender"), _("So that letters come from you"), "campaigns:senders", has_sender)
        step(50, _("Send your first letter"), _("To people who asked for it"), "campaigns:list", has_sent)
