"""Another type for a field, and declaring a field that people hold values under already: every held value is looked at.

A value that the new type can hold is written as that type writes it. What it cannot hold is said, with how many people
hold it, and nothing changes until somebody has said for each such value what stands in its place, or that it goes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.custom_fields.defining import BadFieldError, check_choices, define_field, in_order
from contacts.custom_fields.values import BadValueError, Written, held_text, read_choice, read_value
from contacts.folding import folded
from contacts.history.saying import saying
from contacts.long_changes.beginning import AT_ONCE, RETYPE, begin, going
from contacts.models import CustomType, FieldDefinition, FieldValue
from contacts.news import contacts_changed
from lib.clock import now
from lib.sql import run_sql
from workspaces.auditing import audit
from workspaces.current import current_workspace_id
from workspaces.models import User

MOST_ASKED, EXAMPLES = 50, 3
A_PIECE = 5_000
LONGEST = FieldValue._meta.get_field("text").max_length or 0
Columns = tuple[str, float | None, Any]
Between = tuple[int, int]
EVERYBODY: Between = (0, 2**63 - 1)


@dataclass(frozen=True)
class Unfit:
    """A value that the new type cannot hold: why, how many people hold it, and some of them by number."""

    text: str
    people: int
    why: str
    answer: str | None = None  # what stands in its place; "" for nothing
    contact_ids: Sequence[int] = ()

    @property
    def is_answered(self) -> bool:
        """Whether somebody said what becomes of it."""
        return self.answer is not None and not self.why


@dataclass
class Check:
    """What another type would do: to how many people nothing, for whom the value is written otherwise, what does not fit.

    `unfit` holds the first 50 values, those of most people first; `unfit_values` and `unfit_people` count all.
    """

    fitting: int = 0
    rewritten: int = 0
    unfit: list[Unfit] = field(default_factory=list)
    unfit_values: int = 0
    unfit_people: int = 0
    changes: dict[Columns, Written | None] = field(default_factory=dict)
    is_long: bool = False  # for so many people that the agenda does it; `changes` is empty then

    @property
    def is_safe(self) -> bool:
        """Whether nothing is lost that nobody agreed to lose."""
        return not self.unfit_values

    @property
    def is_more(self) -> bool:
        """Whether there are more values than are shown."""
        return self.unfit_values > len(self.unfit)


class UnsafeChangeError(ValueError):
    """Values would be lost; `check` says which."""

    def __init__(self, check: Check) -> None:
        super().__init__(
            _("%(values)s values of %(people)s people do not fit. Nothing was changed.")
            % {"values": check.unfit_values, "people": check.unfit_people}
        )
        self.check = check


def check_type(
    name: str, wanted: FieldDefinition, answers: Mapping[str, str] | None = None, *, between: Between = EVERYBODY
) -> Check:
    """What would become of every value held under a name if it were of this type, which is not written.

    `answers`: value → what stands in its place ("": nothing). `between`: of contacts by number after one and up to another.
    One statement, and one for the examples.
    """
    found, said = Check(), answers or {}
    rows = run_sql("contacts/held_values", _held_by(name, between))
    unfit: list[Unfit] = []
    for text, number, moment, people in rows:
        columns: Columns = (text, number, moment)
        shown = held_text(*columns)
        answer = said.get(shown)
        try:
            becomes = _as(wanted, columns if answer is None else (answer, None, None))
        except BadValueError as error:
            unfit.append(Unfit(shown, people, str(error), answer))
            continue
        if becomes is not None and (becomes.text, becomes.number, becomes.moment) == columns:
            found.fitting += people
        else:
            found.rewritten += people
            if found.rewritten <= AT_ONCE:
                found.changes[columns] = becomes
    if found.rewritten > AT_ONCE:
        found.is_long, found.changes = True, {}
    found.unfit_values, found.unfit_people = len(unfit), sum(one.people for one in unfit)
    unfit.sort(key=lambda one: (-one.people, one.text))
    found.unfit = _with_examples(name, unfit[:MOST_ASKED])
    return found


@transaction.atomic
def change_type(
    field: FieldDefinition,
    type: str,  # noqa: A002 - what it is called everywhere
    *,
    choices: Sequence[str] = (),
    answers: Mapping[str, str] | None = None,
    by: User | None,
) -> Check:
    """The field is of this type from now on, and so is every value. UnsafeChangeError where a value does not fit and
    nobody said what becomes of it; BadFieldError, also while an earlier change of it goes on. Holds the field's row. Values
    of more than 10,000 people are written by the agenda; what is entered meanwhile is of the new type. May be repeated.
    """
    held = FieldDefinition.objects.select_for_update().get(pk=field.pk)
    if (change := going(RETYPE, field=held.pk)) is not None:
        words = _(
            "This field is being changed: %(done)s of %(all)s people. Wait until that is done. Nothing was changed."
        )
        raise BadFieldError(words % {"done": change.done_count, "all": change.total_count})
    wanted = as_type(held, type, choices)
    done = check_type(held.name, wanted, answers)
    if not done.is_safe:
        raise UnsafeChangeError(done)
    wanted.save(update_fields=["type", "choices"])
    field.type, field.choices = wanted.type, wanted.choices
    _carry_out(wanted, done, answers, by)
    audit("field.type_changed", by=by, target=field, type=type, rewritten=done.rewritten)
    return done


@transaction.atomic
def declare_held(
    name: str,
    *,
    type: str,  # noqa: A002 - what it is called everywhere
    label: str = "",
    choices: Sequence[str] = (),
    help_line: str = "",
    answers: Mapping[str, str] | None = None,
    by: User | None,
) -> FieldDefinition:
    """Define a field together with what people hold under its name already. UnsafeChangeError, BadFieldError."""
    made = define_field(name, type=type, label=label, choices=choices, help_line=help_line, by=by)
    done = check_type(made.name, made, answers)
    if not done.is_safe:
        raise UnsafeChangeError(done)
    _carry_out(made, done, answers, by)
    return made


def retype_between(
    field: FieldDefinition, after_id: int, until_id: int, answers: Mapping[str, str], *, by_id: int | None
) -> Check:
    """The values of these contacts are of the field's type; what it cannot hold stays, and is counted. May be repeated."""
    done = check_type(field.name, field, answers, between=(after_id, until_id))
    _write(field.name, done.changes, by_id, (after_id, until_id))
    return done


def as_type(held: FieldDefinition, type: str, choices: Sequence[str]) -> FieldDefinition:  # noqa: A002
    """The field as it would be with this type, not written. Choices that it had stay archived. BadFieldError."""
    if type not in CustomType.values:
        raise BadFieldError(_("There is no such type of field."))
    wanted = FieldDefinition.objects.get(pk=held.pk) if held.pk else held
    wanted.type = type
    if type == CustomType.CHOICE:
        offered = check_choices(choices or wanted.offered)
        rest = [
            one for one in wanted.known_choices if folded(one, LONGEST) not in {folded(o, LONGEST) for o in offered}
        ]
        wanted.choices = [*in_order(offered), *({"value": one, "is_archived": True} for one in rest)]
    return wanted


def _as(wanted: FieldDefinition, columns: Columns) -> Written | None:
    """A held value in another type. BadValueError."""
    text, number, moment = columns
    if wanted.type == CustomType.CHOICE:
        shown = held_text(*columns)
        return read_choice(wanted, shown, also_archived=True) if shown else None
    if wanted.type == CustomType.TEXT:
        return Written(held_text(*columns)) if held_text(*columns) else None
    if wanted.type == CustomType.NUMBER and number is not None:
        return Written(text or held_text(*columns), number=number)
    if wanted.type == CustomType.DATE and moment is not None:
        return Written(text or held_text(*columns), moment=moment)
    return read_value(wanted, held_text(*columns))


def _with_examples(name: str, unfit: Sequence[Unfit]) -> list[Unfit]:
    """Each with some of the people who hold it."""
    texts = [one.text for one in unfit]
    some: dict[str, list[int]] = {}
    if texts:
        params = {"workspace": current_workspace_id(), "name": name, "texts": texts, "most": EXAMPLES}
        folds = [folded(one, LONGEST) for one in texts]
        for text, contact in run_sql("contacts/examples_of_values", params | {"folds": folds}):
            some.setdefault(str(text), []).append(int(str(contact)))
    return [Unfit(one.text, one.people, one.why, one.answer, some.get(one.text, [])) for one in unfit]


def _carry_out(wanted: FieldDefinition, done: Check, answers: Mapping[str, str] | None, by: User | None) -> None:
    """Write every value at once, or let the agenda do it."""
    if done.is_long:
        said = {"field": wanted.pk, "label": wanted.label, "type": wanted.type, "answers": dict(answers or {})}
        begin(RETYPE, said, done.rewritten + done.fitting, by=by)
    else:
        _write(wanted.name, done.changes, by.pk if by else None)


def _held_by(name: str, between: Between) -> dict[str, Any]:
    return {"workspace": current_workspace_id(), "name": name, "after": between[0], "until": between[1]}


def _write(
    name: str, changes: Mapping[Columns, Written | None], by_id: int | None, between: Between = EVERYBODY
) -> None:
    """Each value becomes what it was read as; None takes it away. News of everybody whose value changed."""
    if not changes:
        return
    params: dict[str, Any] = _held_by(name, between) | {"now": now()}
    params["was_texts"] = [was[0] for was in changes]
    params["was_numbers"] = [was[1] for was in changes]
    params["was_moments"] = [was[2] for was in changes]
    params["texts"] = [new.text if new else None for new in changes.values()]
    params["folds"] = [folded(new.text, LONGEST) if new else None for new in changes.values()]
    params["numbers"] = [new.number if new else None for new in changes.values()]
    params["moments"] = [new.moment if new else None for new in changes.values()]
    with saying("changed for many", by_id=by_id):
        people = sorted(int(row[0]) for row in run_sql("contacts/rewrite_values", params))
    for first in range(0, len(people), A_PIECE):
        contacts_changed.tell(contact_ids=people[first : first + A_PIECE])
