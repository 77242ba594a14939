"""What the room of segments offers: the list of people, segments, and the leaf types about contacts and consent."""

from django.utils.translation import gettext_lazy as _

from lib.offers import (
    Action,
    ApiRouter,
    ContactFilter,
    FieldUser,
    ListFilter,
    ListOrder,
    NavigationEntry,
    Panel,
    PersonalData,
)
from lib.room import Room
from segments import events, panels, work
from segments import personal_data as personal
from segments.field_users import segments_asking, views_showing
from segments.finding import find_people, find_segments
from segments.leaf_types.bucket import BucketLeaf
from segments.leaf_types.company import CompanyLeaf
from segments.leaf_types.consent import ConsentLeaf
from segments.leaf_types.field import FieldLeaf
from segments.leaf_types.in_segment import InSegmentLeaf
from segments.leaf_types.owner import OwnerLeaf
from segments.leaf_types.picked import PickedLeaf
from segments.leaf_types.role import RoleLeaf
from segments.leaf_types.suppressed import SuppressedLeaf
from segments.leaf_types.tag import TagLeaf
from segments.members import rechecking
from segments.narrowing import members_for_machines, members_line, members_of
from segments.people.bulk import acting
from segments.quality import QUALITY, of_quality, quality_now

room = Room(
    name="segments",
    works={work.WORK: rechecking.recheck_due, work.AUDIT: rechecking.audit_tonight, work.BULK: acting.go_on},
    navigation=[
        NavigationEntry(20, _("Contacts"), "users", "people:list", "contacts.see", also=_("people customers persons")),
        NavigationEntry(
            30, _("Segments"), "filter", "segments:list", "segments.see", also=_("filter audience list group")
        ),
    ],
    people_pages=[
        NavigationEntry(10, _("People"), "users", "people:list", "contacts.see"),
        NavigationEntry(
            60,
            _("List quality"),
            "gauge",
            "people:quality",
            "contacts.see",
            also=_("hygiene health deliverability bounce"),
        ),
    ],
    actions=[
        Action(_("New segment"), "filter-plus", "segments:new", "segments.own", _("filter audience list group create")),
        Action(
            _("New list of people"), "list-check", "segments:new_list", "segments.own", _("static segment by hand pick")
        ),
    ],
    panels=[Panel("inbox.card", 20, panels.card_panel, "segments/card.html", "segments.see")],
    palette_finders=[find_people, find_segments],
    leaf_types=[
        RoleLeaf,
        FieldLeaf,
        TagLeaf,
        OwnerLeaf,
        CompanyLeaf,
        ConsentLeaf,
        SuppressedLeaf,
        InSegmentLeaf,
        PickedLeaf,
        BucketLeaf,
    ],
    list_orders=[
        ListOrder(10, "newest", _("Newest first"), "c.created_at", "timestamptz"),
        ListOrder(20, "name", _("By name"), "c.name", "text", is_descending=False),
    ],
    list_filters=[ListFilter("segment", members_of, members_line), ListFilter("quality", of_quality)],
    field_users=[FieldUser(_("Segments"), segments_asking), FieldUser(_("Saved views of people"), views_showing)],
    kept_figures={QUALITY: quality_now},
    event_types={
        events.ENTERED: _("People came into a segment"),
        events.LEFT: _("People left a segment"),
        events.FILLED: _("A segment with a new rule holds its people now"),
    },
    api_routers=[ApiRouter(30, "segments", _("Segments"), "segments.api.segments.router", only_reads=True)],
    contact_filters=[ContactFilter("segment", "The number of a segment whose members they are.", members_for_machines)],
    personal_data=[
        PersonalData(
            70,
            _("Segments"),
            ("segments_segmentmember", "segments_segmentpick", "segments_segmentrecheck", "segments_bulkchange"),
            personal.gather_segments,
            personal.erase_segments,
        ),
    ],
)
