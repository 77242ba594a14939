"""What the ledger offers: the timeline, what happened as a line of a segment."""

from django.utils.translation import gettext_lazy as _

from lib.offers import ListColumn, Panel, PersonalData, SetupStep
from lib.room import Room
from touchpoints import forgetting_pages, panels, timestamps
from touchpoints import personal_data as personal
from touchpoints.kinds import KINDS
from touchpoints.last_of_each import last_of_each
from touchpoints.leaf_types.did import DidLeaf
from touchpoints.leaf_types.last import LastLeaf
from touchpoints.leaf_types.sequence import SequenceLeaf
from touchpoints.models import DayCount
from touchpoints.rhythms import REACHED
from workspaces.models import Workspace


def has_visits(_workspace: Workspace) -> bool:
    """The site has told of a visit."""
    return DayCount.objects.filter(kind=KINDS["page"].code).exists()


room = Room(
    name="touchpoints",
    works={
        timestamps.WORK: timestamps.forget_arrivals,
        forgetting_pages.WORK: forgetting_pages.forget_pages_tonight,
    },
    panels=[
        Panel("company.middle", 10, panels.company_panel, "touchpoints/panels/company.html"),
        Panel("duplicates.after", 20, panels.joining_panel, "touchpoints/panels/joining.html"),
        Panel("contact.moments", 10, panels.just_now_panel, "touchpoints/panels/just_now.html"),
        Panel("contact.middle", 10, panels.timeline_panel, "touchpoints/panels/timeline.html"),
        Panel("contact.left", 20, panels.last_contact_panel, "touchpoints/panels/last.html"),
    ],
    list_columns=[
        ListColumn(20, "last", _("Last touchpoint"), last_of_each, "touchpoints/cells/last.html", is_default=False)
    ],
    setup_steps=[
        SetupStep(
            40,
            _("Put the snippet on your site"),
            _("Visits appear on timelines within seconds"),
            "workspaces:keys",
            has_visits,
        ),
    ],
    rhythms=[REACHED],
    leaf_types=[DidLeaf, LastLeaf, SequenceLeaf],
    personal_data=[
        PersonalData(
            80,
            _("Timeline"),
            ("touchpoints_touchpoint",),
            personal.gather_timeline,
            personal.erase_timeline,
            _("That something happened, on which channel and of what value, for the sums"),
        ),
    ],
)
