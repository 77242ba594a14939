"""What engagement offers: home, levels and scores on a person's page, in lists and in segments."""

from django.utils.translation import gettext_lazy as _

from engagement import alarms, audience_snapshots, dashboards, events, panels, quality, relevance, tasks
from engagement import personal_data as personal
from engagement.defaults import feeds
from engagement.four import FOUR
from engagement.interests import keeping
from engagement.interests.panels import interests_panel
from engagement.leaf_types.interest import InterestLeaf
from engagement.leaf_types.level import LevelLeaf
from engagement.leaf_types.level_moved import LevelMovedLeaf
from engagement.leaf_types.score import ScoreLeaf
from engagement.narrowing import at_level, level_line, who_moved
from engagement.reading import level_text, shown_for
from engagement.scoring import LEVELS_WORK
from lib.offers import ApiRouter, ListColumn, ListFilter, ListOrder, NavigationEntry, Panel, PersonalData, SettingsPage
from lib.room import Room

SEES = "engagement.see"

room = Room(
    name="engagement",
    works={
        LEVELS_WORK: tasks.announce_levels,
        audience_snapshots.NIGHTLY: tasks.write_audience_snapshots,
        audience_snapshots.MENDING: tasks.mend_snapshots,
        keeping.WORK: tasks.count_interests_anew,
    },
    kept_figures={
        "engagement.levels": dashboards.levels_now,
        "engagement.cohorts": dashboards.cohort_cells,
        "engagement.care": dashboards.care_now,
        alarms.FIGURE: alarms.count_alarms,
        relevance.FIGURE: relevance.relevance_by_message,
    },
    event_types={events.CHANGED: _("What somebody likes was said, by them or by a colleague")},
    navigation=[
        NavigationEntry(10, _("Home"), "home", "engagement:home", "home.see", also=_("dashboard start overview")),
        NavigationEntry(
            70,
            _("Engagement"),
            "activity",
            "engagement:overview",
            SEES,
            also=_("scores levels retention cohorts analytics reports"),
        ),
    ],
    settings_pages=[
        SettingsPage(
            14,
            _("Interests"),
            "heart",
            "engagement:interests",
            "workspace.settings",
            _("tags topics preferences what people like pages links categories"),
        ),
    ],
    api_routers=[ApiRouter(16, "interests", _("Interests"), "engagement.interests.api.router")],
    panels=[
        Panel("home.side", 8, relevance.home_panel, "engagement/panels/relevance_home.html", SEES),
        Panel("home.side", 3, alarms.alarms_panel, "engagement/panels/alarms.html"),
        Panel("contact.head", 10, panels.head_panel, "engagement/panels/head.html", SEES),
        Panel("contact.left", 10, panels.scores_panel, "engagement/panels/scores.html", SEES),
        Panel("contact.left", 14, relevance.contact_panel, "engagement/panels/relevance.html", SEES),
        Panel("contact.left", 12, interests_panel, "engagement/interests/panel.html", SEES),
        Panel("inbox.card", 10, panels.card_panel, "engagement/panels/card.html", SEES),
    ],
    leaf_types=[ScoreLeaf, LevelLeaf, LevelMovedLeaf, InterestLeaf],
    list_orders=[
        ListOrder(
            30,
            "heat",
            _("Hottest now"),
            key="coalesce(h.heat, 0)",
            cast="float8",
            join="LEFT JOIN engagement_heat h ON h.workspace_id = c.workspace_id AND h.contact_id = c.id",
            walk="JOIN engagement_heat h ON h.workspace_id = c.workspace_id AND h.contact_id = c.id AND h.heat > 0",
            walk_key="h.heat",
        ),
    ],
    list_filters=[ListFilter("level", at_level, level_line), ListFilter("moved", who_moved)],
    list_columns=[
        ListColumn(10, "level", _("Level"), shown_for, "engagement/cells/level.html", text=level_text),
        ListColumn(
            15,
            "score",
            _("Score"),
            shown_for,
            "engagement/cells/score.html",
            text=lambda shown: str(round(shown.overall)),
            is_default=False,
        ),
    ],
    signs=[one.sign for one in FOUR],
    timeline_badges=feeds(),
    quality_figures=quality.FIGURES,
    personal_data=[
        PersonalData(
            100,
            _("Scores and levels"),
            (
                "engagement_score",
                "engagement_dayweight",
                "engagement_heat",
                "engagement_fall",
                "engagement_levelmove",
                "engagement_touched",
            ),
            personal.gather_scores,
            personal.erase_scores,
        ),
        PersonalData(
            101,
            _("Interests"),
            ("engagement_interest", "engagement_interestday", "engagement_interestword"),
            personal.gather_interests,
            personal.erase_interests,
        ),
    ],
)
