"""What one room says about itself, as data; lib/rooms.py makes the house of all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.notices import NoticeKind
from lib.offers import (
    Action,
    AnswerPlace,
    ApiRouter,
    ComposerWay,
    ContactFilter,
    ContactPart,
    FieldUser,
    GateStep,
    ImportPreset,
    LeafType,
    ListColumn,
    ListFilter,
    ListOrder,
    MemberDuty,
    Messenger,
    NavigationEntry,
    Network,
    PaletteFinder,
    Panel,
    PersonalData,
    QualityFigure,
    SegmentUser,
    SettingsPage,
    SetupStep,
    StreamHandler,
    Work,
)
from lib.picture_uses import PictureUser
from lib.rhythm import Rhythm
from lib.segment_takers import SegmentTaker
from lib.signs import Sign, Text


@dataclass(frozen=True, kw_only=True)
class Room:
    """What one room offers to the others. Empty is the usual."""

    name: str
    works: Mapping[str, Work] = field(default_factory=dict)
    work_queues: Mapping[str, str] = field(default_factory=dict)  # works that run in another queue than the usual one
    stream_handlers: Mapping[str, StreamHandler] = field(default_factory=dict)
    kept_figures: Mapping[str, Callable[[int], Any]] = field(default_factory=dict)  # counted in the background
    navigation: Sequence[NavigationEntry] = ()
    people_pages: Sequence[NavigationEntry] = ()  # the second row of navigation beside the list of people
    settings_pages: Sequence[SettingsPage] = ()
    setup_steps: Sequence[SetupStep] = ()
    panels: Sequence[Panel] = ()
    composer_ways: Sequence[ComposerWay] = ()
    actions: Sequence[Action] = ()
    palette_finders: Sequence[PaletteFinder] = ()
    answer_places: Sequence[AnswerPlace] = ()
    leaf_types: Sequence[type[LeafType]] = ()
    gate_steps: Sequence[type[GateStep]] = ()
    list_columns: Sequence[ListColumn] = ()
    list_orders: Sequence[ListOrder] = ()
    list_filters: Sequence[ListFilter] = ()
    signs: Sequence[Sign] = ()
    timeline_badges: Mapping[int, tuple[str, ...]] = field(default_factory=dict)  # kind's code → the I's it feeds
    messengers: Sequence[type[Messenger]] = ()
    networks: Sequence[type[Network]] = ()
    email_signers: Callable[[Any], Sequence[Any]] | None = None  # sender → who signs its emails (delivery.content.dkim)
    import_presets: Sequence[ImportPreset] = ()
    segment_users: Sequence[SegmentUser] = ()
    segment_takers: Sequence[SegmentTaker] = ()
    field_users: Sequence[FieldUser] = ()
    picture_users: Sequence[PictureUser] = ()  # who shows pictures of emails/
    member_duties: Sequence[MemberDuty] = ()
    api_routers: Sequence[ApiRouter] = ()
    contact_parts: Sequence[ContactPart] = ()  # what the API says of a contact beside its own fields
    contact_filters: Sequence[ContactFilter] = ()
    event_types: Mapping[str, Text] = field(default_factory=dict)  # news that machines may hear of: name → what it says
    notice_kinds: Sequence[NoticeKind] = ()  # what members are told of
    personal_data: Sequence[PersonalData] = ()
    quality_figures: Sequence[QualityFigure] = ()
    rhythms: Sequence[Rhythm] = ()
