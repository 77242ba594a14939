"""The page of the list of people: what its template is given, for whoever asks, and one filter that is being written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from contacts.models import Audience
from contacts.owning import members
from contacts.showing import sees_names, shown_row
from lib.asked import whole_number
from lib.clock import now
from lib.offers import ListOrder
from lib.rooms import house
from segments.builder.wording import pieces_of
from segments.leaf_types.base import LeafForm, RuleError, leaf_type
from segments.listing import COUNT_UP_TO, costs_a_look_at_many, count_people, list_people
from segments.models import BulkAction, Segment
from segments.people.asking import Asked
from segments.people.bulk.acting import UNDO_FOR, VERBS, can_undo
from segments.people.bulk.fields import settable_fields
from segments.people.columns import Column, chosen_columns, default_keys, fill_cells, known_columns
from segments.people.filters import PREFIX, check_filters, filters_in_words, form_for, kinds
from segments.people.saved import chosen_for, views_of
from segments.rules.compiler import Rule
from segments.rules.statements import TooSlowError
from segments.words.understanding import LONGEST, Understood
from workspaces.permissions import may
from workspaces.requests import Request

MOST_ACTIONS, MOST_LISTS = 10, 200


@dataclass
class Adding:
    """A filter that is being written: the form that is open, or the sentence that was not understood.

    `filters` is set when it was written well: all filters with the new one.
    """

    kind: str = ""
    at: int | None = None
    form: LeafForm | None = None
    typed: str = ""
    misread: Understood | None = None
    filters: list[Rule] | None = None
    error: str = ""

    @property
    def label(self) -> Any:
        """What the open form is about."""
        known = leaf_type(self.kind)
        return known.label if known else ""

    @property
    def pieces(self) -> list[Any]:
        """The sentence, cut where it was not understood."""
        return pieces_of(self.misread) if self.misread else []


@dataclass(frozen=True, slots=True)
class Said:
    """How many fit of how many; without a number where counting is left for later."""

    total: int | None
    of: int

    @property
    def is_more(self) -> bool:
        """Whether only this much is known: more than it was counted to."""
        return self.total is not None and self.total > COUNT_UP_TO

    @property
    def shown(self) -> int:
        """The number to say."""
        return min(self.total or 0, COUNT_UP_TO)

    @property
    def of_is_more(self) -> bool:
        """The same of everybody."""
        return self.of > COUNT_UP_TO

    @property
    def of_shown(self) -> int:
        """Everybody, as far as they are counted."""
        return min(self.of, COUNT_UP_TO)


def read_adding(request: Request, asked: Asked, params: QueryDict) -> Adding:
    """What these parameters add to the filters: the kind `add` (in place of the filter `at`), or the words `say`."""
    at = whole_number(params.get("at", ""))
    nodes = asked.filters.nodes
    adding = Adding(params.get("add", ""), at if at is not None and at < len(nodes) else None)
    adding.typed = params.get("say", "")[:LONGEST]
    if adding.typed.strip():
        new, understood = filters_in_words(adding.typed)
        adding.misread = None if new or understood.rule is not None else understood
        if adding.misread is None:
            _keep(request, adding, [*nodes, *(one for one in new if one not in nodes)])
        return adding
    node = nodes[adding.at] if adding.at is not None else None
    is_sent = any(name.startswith(f"{PREFIX}-") for name in params)
    adding.form = form_for(adding.kind, params if is_sent else None, node=node)
    if adding.form is not None and is_sent and adding.form.is_valid():
        made = {adding.kind: adding.form.argument()}
        place = len(nodes) if adding.at is None else adding.at
        _keep(request, adding, [*nodes[:place], made, *nodes[place + 1 :]])
    return adding


def people_page(request: Request, asked: Asked, cursor: str = "") -> dict[str, Any]:
    """The rows of the list and what stands above them."""
    slow = ""
    try:
        page = list_people(**asked.of_whom, sort=asked.sort, cursor=cursor, has_cells=False)
        rows, behind = list(page.rows), page.cursor
    except (TooSlowError, RuleError) as error:
        rows, behind, slow = [], "", str(error)
    view = views_of(int(request.user.pk or 0)).filter(pk=asked.view_id).first() if asked.view_id else None
    chosen = chosen_for(int(request.user.pk or 0), view)
    known = known_columns(sees_names=sees_names(request))
    columns = chosen_columns(chosen.columns or default_keys(), known)
    fill_cells(rows, columns)
    return {
        "rows": [{**row, "person": shown_row(request, row)} for row in rows],
        "cursor": behind,
        "columns": columns,
        "other_columns": [one for one in known.values() if one not in columns],
        "view": view,
        "chosen": chosen,
        "known": known,
        "may_edit": may(request.membership.role, "contacts.edit"),
        "asked": asked,
        "text": asked.text,
        "slow": slow,
        "here": asked.address(),
        "sees_names": sees_names(request),
        "is_filtered": asked.is_filtered,
    }


def head_of(request: Request, asked: Asked, *, counts: bool = False) -> dict[str, Any]:
    """The sentence above the list, and the filters in words; `counts`: also what takes long to count."""
    role = request.membership.role
    return {
        "said": said_of(asked, counts=counts),
        "actions": actions_of(request),
        "views": list(views_of(int(request.user.pk or 0))),
        "may_share": may(role, "segments.edit"),
        "may_export": may(role, "contacts.identify"),
        "orders": orders_for(request),
        "chips": chips_of(asked),
        "kinds": [{"type": one.type, "label": one.label, "icon": one.icon} for one in kinds()],
        "may_import": may(role, "contacts.import"),
        "may_keep": may(role, "segments.own"),
    }


def said_of(asked: Asked, *, counts: bool = False) -> Said:
    """How many fit, of how many."""
    everybody = count_people() if asked.is_filtered else 0
    rule = asked.of_whom["rule"]
    try:
        is_later = not counts and rule is not None and costs_a_look_at_many(rule)
        total = None if is_later else count_people(**asked.of_whom)
    except (TooSlowError, RuleError):
        total = None
    return Said(total, everybody if asked.is_filtered else total or 0)


@dataclass(frozen=True, slots=True)
class ShownChip:
    """A filter in words with the address without it, and the one that opens its form."""

    phrase: Any = None
    words: Any = ""
    without: str = ""
    change: str = ""

    @property
    def said(self) -> str:
        """The filter as a text."""
        return str(self.phrase or self.words)


@dataclass(frozen=True, slots=True)
class ShownAction:
    """What was done to many people, as one line says it."""

    row: BulkAction

    @property
    def said(self) -> str:
        """What it did."""
        verb = VERBS.get(self.row.verb)
        return verb.said(self.row.argument) if verb else self.row.verb

    @property
    def is_going(self) -> bool:
        """Whether it is still at work, one way or the other."""
        return self.row.state in {BulkAction.State.RUNNING, BulkAction.State.UNDOING}

    @property
    def had_it(self) -> int:
        """Whom it did not change."""
        return self.row.done_count - self.row.changed_count

    @property
    def kept(self) -> int:
        """Who was changed by somebody since, and was left alone when it was taken back."""
        return self.row.changed_count - self.row.undone_count

    @property
    def is_undone(self) -> bool:
        """Whether it was taken back."""
        return self.row.state == BulkAction.State.UNDONE

    @property
    def can_undo(self) -> bool:
        """Whether it can be taken back still."""
        return self.row.state == BulkAction.State.DONE and self.row.changed_count > 0 and can_undo(self.row)

    @property
    def until(self) -> datetime:
        """Until when."""
        return self.row.at + UNDO_FOR


def shown_action(action: BulkAction) -> ShownAction:
    """An action as the page says it."""
    return ShownAction(action)


def actions_of(request: Request) -> list[ShownAction]:
    """What this member did to many people within the last day, the newest first."""
    if not may(request.membership.role, "contacts.edit"):
        return []
    mine = BulkAction.objects.filter(by_id=request.user.pk, at__gte=now() - UNDO_FOR).order_by("-pk")
    return [ShownAction(one) for one in mine[:MOST_ACTIONS]]


def bulk_choices(known: Mapping[str, Column]) -> dict[str, Any]:
    """What the forms about many people offer; topics and own fields are those that can be columns."""
    return {
        "roles": Audience.choices,
        "topics": [
            (key.removeprefix("consent:"), one.label) for key, one in known.items() if key.startswith("consent:")
        ],
        "lists": Segment.objects.filter(is_list=True, is_private=False).order_by("name")[:MOST_LISTS],
        "settable": [(one.name, one.label) for one in settable_fields()],
        "custom": [(key.removeprefix("custom:"), one.label) for key, one in known.items() if key.startswith("custom:")],
        "members": members(),
    }


def chips_of(asked: Asked) -> list[ShownChip]:
    """Everything that the list is narrowed by."""
    chips = []
    if asked.role is not None:
        words = _("Role: %(name)s") % {"name": Audience(asked.role).label}
        chips.append(ShownChip(words=words, without=asked.address(without="role")))
    chips += [ShownChip(words=one.words, without=asked.address(without=name)) for name, one in asked.narrowed.items()]
    nodes = asked.filters.nodes
    for one in asked.filters.chips():
        rest = asked.address(filters=[*nodes[: one.place], *nodes[one.place + 1 :]])
        change = f"{asked.address()}&add={one.kind}&at={one.place}" if one.kind else ""
        chips.append(ShownChip(phrase=one.phrase, without=rest, change=change))
    return chips


def orders_for(request: Request) -> list[ListOrder]:
    """The orders of the list; by name for those who see names."""
    return [one for one in house.list_orders.values() if sees_names(request) or one.name != "name"]


def _keep(request: Request, adding: Adding, nodes: list[Rule]) -> None:
    try:
        check_filters(request, nodes)
        adding.filters = nodes
    except RuleError as error:
        adding.error = error.text
