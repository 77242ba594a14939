from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TouchpointsConfig(AppConfig):
    name = "touchpoints"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from touchpoints import segment_words, tasks  # noqa: F401, PLC0415 - register words and work
        from touchpoints.kinds import KINDS  # noqa: PLC0415
        from touchpoints.models import DayCount  # noqa: PLC0415
        from touchpoints.panels import last_contact_panel, timeline_panel  # noqa: PLC0415 - models must be ready
        from workspaces.panels import panel  # noqa: PLC0415
        from workspaces.setting_up import step  # noqa: PLC0415

        panel("contact.middle", 10, timeline_panel, "touchpoints/panels/timeline.html")
        panel("contact.left", 20, last_contact_panel, "touchpoints/panels/last.html")
        step(
            40,
            _("Put the snippet on your site"),
            _("Visits appear on timelines within seconds"),
            "workspaces:keys",
            lambda _workspace: DayCount.objects.filter(kind=KINDS["page"].code).exists(),
        )
