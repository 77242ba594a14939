"""A pair in words: how likely, what speaks for it and against, with the values as they stand today."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.duplicates.finding import ALMOST, SAME
from contacts.fields import CONTACT_FIELDS
from contacts.merging import everyone_in
from contacts.models import Contact, DuplicatePair, FieldValue, Identity
from contacts.reaching import primary_of

VERY_LIKELY, LIKELY = 850, 750
LABELS: Mapping[str, str | Promise] = {one.name: one.label for one in CONTACT_FIELDS} | {"phone": gettext_lazy("phone")}
SAID_OF = {SAME: gettext_lazy("same %(field)s"), ALMOST: gettext_lazy("%(field)s almost the same")}


@dataclass(frozen=True)
class Reason:
    """One field: what it says, both values, and its part of the score in thousandths."""

    text: str
    values: str
    milli: int

    @property
    def weight(self) -> str:
        """+0.28, −0.04."""
        return f"{'+' if self.milli > 0 else '−'}{abs(self.milli) / 1000:.2f}"


def how_likely(pair: DuplicatePair) -> str:
    """In two words."""
    if pair.score_milli >= VERY_LIKELY:
        return _("Very likely")
    return _("Likely") if pair.score_milli >= LIKELY else _("Possible")


def in_short(pair: DuplicatePair) -> str:
    """What speaks most for it: "same phone, same street"."""
    best = [one for one in pair.evidence if one["milli"] > 0][:3]
    return capfirst(", ".join(map(_said, best)))


def reasons(pair: DuplicatePair, value_of: Callable[[int, str], str]) -> list[Reason]:
    """What speaks for it and against; `value_of(contact id, field)` is what they have of it today."""
    found = []
    for one in pair.evidence:
        values = dict.fromkeys(filter(None, (value_of(pk, one["field"]) for pk in (pair.left_id, pair.right_id))))
        found.append(Reason(capfirst(_said(one)), " · ".join(values), one["milli"]))
    return found


def values_of(*people: Contact) -> Callable[[int, str], str]:
    """What these people have of a field today, by contact id and name."""
    known: dict[int, dict[str, Any]] = {}
    for one in people:
        rows = FieldValue.objects.filter(contact__in=everyone_in(one.pk)).order_by("updated_at")
        own = {field.name: getattr(one, field.name, "") for field in CONTACT_FIELDS}
        known[one.pk] = {row.name: row.text for row in rows} | own
        known[one.pk].setdefault("phone", primary_of(one, Identity.Kind.PHONE))
    return lambda pk, name: str(known.get(pk, {}).get(name) or "")


def _said(one: Mapping[str, Any]) -> str:
    label = str(LABELS.get(one["field"], one["field"]))
    sentence = SAID_OF.get(one["how"])
    return str(sentence) % {"field": label} if sentence else _("different %(field)s") % {"field": label}
