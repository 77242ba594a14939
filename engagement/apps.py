from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EngagementConfig(AppConfig):
    name = "engagement"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from contacts.listing import column, order  # noqa: PLC0415
        from engagement import panels, segment_words, tasks  # noqa: F401, PLC0415 - models must be ready
        from engagement.defaults import feeds  # noqa: PLC0415
        from engagement.reading import shown_for  # noqa: PLC0415
        from touchpoints.timeline import FEEDS  # noqa: PLC0415
        from workspaces.navigation import entry  # noqa: PLC0415
        from workspaces.panels import panel  # noqa: PLC0415

        segment_words.register()
        FEEDS.update(feeds())
        order(
            "heat",
            _("Hottest now"),
            key="coalesce(h.heat, 0)",
            cast="float8",
            join="LEFT JOIN engagement_heat h ON h.workspace_id = c.workspace_id AND h.contact_id = c.id",
        )
        column("level", _("Level"), values=shown_for, template="engagement/cells/level.html", position=10)
        entry(10, _("Home"), "home", "engagement:home", "home.see")
        entry(70, _("Engagement"), "activity", "engagement:overview", "engagement.see")
        panel("contact.head", 10, panels.head_panel, "engagement/panels/head.html", permission="engagement.see")
        panel("contact.left", 10, panels.scores_panel, "engagement/panels/scores.html", permission="engagement.see")
        panel("inbox.card", 10, panels.card_panel, "engagement/panels/card.html", permission="engagement.see")
