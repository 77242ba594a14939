"""What the room of campaigns offers: programmes on home, campaigns in the palette."""

from django.utils.translation import gettext_lazy as _

from campaigns import dry_running, events, link_checks, objectives, panels, planning, reporting
from campaigns.charters import counting, lifting_all
from campaigns.experiments import deciding, going_together
from campaigns.finding import find_campaigns, find_programmes, has_sent, uses_of_segment
from campaigns.list_figures import RESULTS
from campaigns.narrowing import whose_email
from campaigns.offers import offer_panel
from campaigns.personal_data import erase_entries, gather_entries
from campaigns.standing import entering, handing_over
from campaigns.standing.rhythms import STANDING
from campaigns.taking import take_segment
from delivery.engine.lanes import QUEUE
from lib.offers import (
    Action,
    ApiRouter,
    ListFilter,
    NavigationEntry,
    Panel,
    PersonalData,
    SegmentUser,
    SettingsPage,
    SetupStep,
)
from lib.room import Room
from lib.segment_takers import SegmentTaker

SEES = "campaigns.see"

room = Room(
    name="campaigns",
    works={
        planning.WORK: planning.plan_due,
        objectives.WORK: objectives.measure_due,
        lifting_all.WORK: lifting_all.measure_nightly,
        dry_running.WORK: dry_running.go_on,
        entering.WORK: handing_over.hand_over_due,
        link_checks.WORK: link_checks.check_waiting,
        going_together.WORK: deciding.look_due,
    },
    work_queues={planning.WORK: QUEUE},  # what a campaign waits for before it can be sent; one at once
    rhythms=[STANDING],
    event_types={
        events.SENT: _("A campaign has gone out to everybody it was for"),
        events.CANCELLED: _("A campaign was cancelled"),
    },
    kept_figures={
        RESULTS: reporting.results_now,
        counting.FIGURE: counting.programme_now,
        lifting_all.FIGURE: lifting_all.everything_now,
    },
    navigation=[
        NavigationEntry(50, _("Programmes"), "target-arrow", "programmes:list", SEES, also=_("initiative project")),
        NavigationEntry(
            60,
            _("Campaigns"),
            "send",
            "campaigns:list",
            SEES,
            also=_("newsletter letter broadcast mailing blast email"),
        ),
    ],
    panels=[
        Panel("inbox.card", 30, panels.card_panel, "campaigns/panels/card.html", SEES),
        Panel("offer.after", 10, offer_panel, "campaigns/panels/offer.html", SEES),
        Panel("home.main", 5, panels.reviews_panel, "campaigns/panels/reviews.html", "campaigns.launch"),
        Panel("home.main", 10, panels.programmes_panel, "campaigns/panels/programmes.html", SEES),
    ],
    settings_pages=[
        SettingsPage(
            18,
            _("Holdout"),
            "user-minus",
            "campaigns:holdout",
            "workspace.settings",
            _("global holdout control group lift marketing offers"),
        )
    ],
    segment_users=[SegmentUser(_("Campaigns"), uses_of_segment)],
    segment_takers=[SegmentTaker("campaign", take_segment)],
    list_filters=[ListFilter("email", whose_email)],
    actions=[
        Action(
            _("New campaign"),
            "edit",
            "campaigns:new",
            "campaigns.edit",
            _("write email newsletter broadcast mailing blast"),
            on_home=10,
        ),
        Action(_("Calendar"), "calendar", "campaigns:calendar", SEES, _("schedule plan month campaigns")),
        Action(_("New programme"), "target-arrow", "programmes:new", "campaigns.edit", _("initiative project")),
    ],
    api_routers=[
        ApiRouter(76, "campaigns", _("Campaigns"), "campaigns.api.campaigns.router"),
        ApiRouter(78, "programmes", _("Programmes"), "campaigns.api.programmes.router"),
        ApiRouter(77, "campaigns", _("Campaigns"), "campaigns.api.experiments.router"),
        ApiRouter(77, "campaigns", _("Campaigns"), "campaigns.api.standing.router"),
        ApiRouter(77, "campaigns", _("Campaigns"), "campaigns.api.keeping.router"),
    ],
    palette_finders=[find_campaigns, find_programmes],
    personal_data=[
        PersonalData(205, _("Standing campaigns"), ("campaigns_standingentry",), gather_entries, erase_entries),
    ],
    setup_steps=[
        SetupStep(50, _("Send your first email"), _("To people who asked for it"), "campaigns:new", has_sent),
    ],
)
