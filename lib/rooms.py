"""What a room says about itself, and the house that all rooms make together.

A room's `room.py` holds one `Room(...)`; `ecrm/flow.py` lists them and opens the house once, at start. A lower room
asks the house for what upper rooms offer, without knowing them. There is no other registry.
"""

from collections.abc import Callable, Iterable
from functools import cached_property
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
from lib.room import Room
from lib.segment_takers import SegmentTaker
from lib.signs import Sign, Text


class NotOpenError(RuntimeError):
    """Somebody asked the house before ecrm/flow.py had opened it."""


class TwiceOfferedError(ValueError):
    """Two rooms offer something under one name."""


class House:
    """All rooms, bottom first, and what they offer together, each offer in its order."""

    def __init__(self) -> None:
        self._rooms: tuple[Room, ...] = ()

    def open(self, rooms: Iterable[Room]) -> None:
        """Take the rooms in. Called once by ecrm/flow.py; TwiceOfferedError where two offers share a name."""
        self._rooms = tuple(rooms)
        for name in [name for name in vars(self) if not name.startswith("_")]:
            delattr(self, name)  # what was worked out of other rooms
        named = ("works", "stream_handlers", "kept_figures", "leaf_types", "messengers", "networks", "list_columns")
        others = (
            "signs",
            "quality_figures",
            "contact_parts",
            "contact_filters",
            "event_types",
            "rhythms",
            "notice_kinds",
        )
        for offer in (*named, *others):
            getattr(self, offer)

    @property
    def rooms(self) -> tuple[Room, ...]:
        """Every room, bottom first."""
        if not self._rooms:
            raise NotOpenError("The house is not open yet: ecrm/flow.py opens it when Django is ready.")
        return self._rooms

    @cached_property
    def works(self) -> dict[str, Work]:
        """What the agenda can do, by name."""
        return _by_name((name, work) for room in self.rooms for name, work in room.works.items())

    @cached_property
    def work_queues(self) -> dict[str, str]:
        """Which works have a queue of their own, and its name."""
        return _by_name((name, queue) for room in self.rooms for name, queue in room.work_queues.items())

    @cached_property
    def stream_handlers(self) -> dict[str, StreamHandler]:
        """Who takes the items of the stream, by name."""
        return _by_name((name, one) for room in self.rooms for name, one in room.stream_handlers.items())

    @cached_property
    def kept_figures(self) -> dict[str, Callable[[int], Any]]:
        """What counts a figure about everybody, by its name."""
        return _by_name((name, one) for room in self.rooms for name, one in room.kept_figures.items())

    @cached_property
    def navigation(self) -> list[NavigationEntry]:
        """The lines of the rail."""
        return sorted((one for room in self.rooms for one in room.navigation), key=_order)

    @cached_property
    def people_pages(self) -> list[NavigationEntry]:
        """The pages beside the list of people, and the list itself."""
        return sorted((one for room in self.rooms for one in room.people_pages), key=_order)

    @cached_property
    def settings_pages(self) -> list[SettingsPage]:
        """The pages of the settings."""
        return sorted((one for room in self.rooms for one in room.settings_pages), key=_order)

    @cached_property
    def setup_steps(self) -> list[SetupStep]:
        """The steps of the first hour."""
        return sorted((one for room in self.rooms for one in room.setup_steps), key=_order)

    @cached_property
    def composer_ways(self) -> list[ComposerWay]:
        """The ways to speak with a person from their page."""
        ways = _by_name((one.name, one) for room in self.rooms for one in room.composer_ways)
        return sorted(ways.values(), key=_order)

    @cached_property
    def actions(self) -> list[Action]:
        """What the palette can begin."""
        return [one for room in self.rooms for one in room.actions]

    @cached_property
    def palette_finders(self) -> list[PaletteFinder]:
        """Who looks for the words of the palette."""
        return [one for room in self.rooms for one in room.palette_finders]

    @cached_property
    def answer_places(self) -> list[AnswerPlace]:
        """Who knows where somebody who waits for us is answered."""
        return [one for room in self.rooms for one in room.answer_places]

    def email_signers(self, sender: Any) -> list[Any]:
        """Who signs the emails of this sender, in the open workspace."""
        return [one for room in self.rooms if room.email_signers for one in room.email_signers(sender)]

    def panels_at(self, place: str) -> list[Panel]:
        """The panels of one place, in their order."""
        return self._panels.get(place, [])

    @cached_property
    def _panels(self) -> dict[str, list[Panel]]:
        places: dict[str, list[Panel]] = {}
        for one in sorted((one for room in self.rooms for one in room.panels), key=_order):
            places.setdefault(one.place, []).append(one)
        return places

    @cached_property
    def leaf_types(self) -> dict[str, type[LeafType]]:
        """The kinds of lines that a segment's rule may hold."""
        return _by_name((one.type, one) for room in self.rooms for one in room.leaf_types)

    @cached_property
    def gate_steps(self) -> list[type[GateStep]]:
        """The questions of the gate."""
        return sorted((one for room in self.rooms for one in room.gate_steps), key=_order)

    @cached_property
    def list_columns(self) -> list[ListColumn]:
        """The columns that rooms add to the list of people."""
        return sorted(
            _by_name((one.name, one) for room in self.rooms for one in room.list_columns).values(), key=_order
        )

    @cached_property
    def list_orders(self) -> dict[str, ListOrder]:
        """The ways to sort the list of people."""
        orders = sorted((one for room in self.rooms for one in room.list_orders), key=_order)
        return _by_name((one.name, one) for one in orders)

    @cached_property
    def list_filters(self) -> dict[str, ListFilter]:
        """The ways to narrow the list of people that rooms add, by the name in the address."""
        return _by_name((one.name, one) for room in self.rooms for one in room.list_filters)

    @cached_property
    def signs(self) -> dict[str, Sign]:
        """The product's signs, by name."""
        return _by_name((one.name, one) for room in self.rooms for one in room.signs)

    @cached_property
    def timeline_badges(self) -> dict[int, tuple[str, ...]]:
        """Which of the four I's a kind of touchpoint feeds, by code."""
        return _by_name((code, names) for room in self.rooms for code, names in room.timeline_badges.items())

    @cached_property
    def messengers(self) -> dict[str, type[Messenger]]:
        """The ways out, by kind."""
        return _by_name((one.kind, one) for room in self.rooms for one in room.messengers)

    @cached_property
    def networks(self) -> dict[str, type[Network]]:
        """The kinds of connections, by key."""
        return _by_name((one.key, one) for room in self.rooms for one in room.networks)

    @cached_property
    def import_presets(self) -> dict[str, ImportPreset]:
        """The programs whose exports we know, by name."""
        return _by_name((one.name, one) for room in self.rooms for one in room.import_presets)

    @cached_property
    def segment_takers(self) -> dict[str, SegmentTaker]:
        """Pages that wait for a segment, by name."""
        return _by_name((one.name, one) for room in self.rooms for one in room.segment_takers)

    @cached_property
    def segment_users(self) -> list[SegmentUser]:
        """Who relies on segments."""
        return [one for room in self.rooms for one in room.segment_users]

    @cached_property
    def field_users(self) -> list[FieldUser]:
        """Who relies on custom fields."""
        return [one for room in self.rooms for one in room.field_users]

    @cached_property
    def picture_users(self) -> list[PictureUser]:
        """Who shows pictures of the workspace."""
        return [one for room in self.rooms for one in room.picture_users]

    @cached_property
    def member_duties(self) -> list[MemberDuty]:
        """What is in the hands of members."""
        return [one for room in self.rooms for one in room.member_duties]

    @cached_property
    def api_routers(self) -> list[ApiRouter]:
        """The operations of the API."""
        return sorted((one for room in self.rooms for one in room.api_routers), key=_order)

    @cached_property
    def contact_parts(self) -> dict[str, ContactPart]:
        """What rooms say of a contact in the API, by name."""
        return _by_name((one.name, one) for room in self.rooms for one in room.contact_parts)

    @cached_property
    def contact_filters(self) -> dict[str, ContactFilter]:
        """The ways to narrow the contacts of the API, by the name in the address."""
        return _by_name((one.name, one) for room in self.rooms for one in room.contact_filters)

    @cached_property
    def event_types(self) -> dict[str, Text]:
        """The kinds of news that machines may hear of, by name."""
        return _by_name((name, says) for room in self.rooms for name, says in room.event_types.items())

    @cached_property
    def notice_kinds(self) -> dict[str, NoticeKind]:
        """What members are told of, by name."""
        return _by_name((one.name, one) for room in self.rooms for one in room.notice_kinds)

    @cached_property
    def personal_data(self) -> list[PersonalData]:
        """What is held about a person, by all rooms."""
        return sorted((one for room in self.rooms for one in room.personal_data), key=_order)

    @cached_property
    def quality_figures(self) -> dict[str, QualityFigure]:
        """What tells how healthy the list of people is, by name."""
        figures = sorted((one for room in self.rooms for one in room.quality_figures), key=_order)
        return _by_name((one.name, one) for one in figures)

    @cached_property
    def rhythms(self) -> dict[str, Rhythm]:
        """What happens by itself day after day, by name."""
        return _by_name((one.name, one) for room in self.rooms for one in room.rhythms)


house = House()


def _order(one: Any) -> int:
    return int(one.order)


def _by_name[K, V](pairs: Iterable[tuple[K, V]]) -> dict[K, V]:
    found: dict[K, V] = {}
    for name, value in pairs:
        if name in found:
            raise TwiceOfferedError(f"{name!r} is offered twice.")
        found[name] = value
    return found
