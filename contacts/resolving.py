"""From what a fact says about its person to a contact: found by the strongest identity, made when nobody is known.

Trust order (the lower the kind, the more it proves): external id, email, phone, handle, device. Anonymous always
loses: a visitor known only by a device becomes the person, or is linked to them. Two people who are both known are
never joined here. A shared address (contacts/sharing.py) tells nobody apart: what says nothing else is told of who has
used it longest. One that two people with different customer numbers use is shared from then on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import CharField

from contacts.history.saying import made, saying
from contacts.merging import link_all, survivors_of
from contacts.models import Contact, ContactFrequency, Identity
from contacts.news import contacts_changed
from contacts.searching import index_people
from contacts.sharing import SHAREABLE, Why, share_all
from lib.sql import array_of, array_of_texts, load_sql, run_prepared, run_sql, run_text
from workspaces.current import current_workspace_id

DEVICE = int(Identity.Kind.DEVICE)
EXTERNAL = int(Identity.Kind.EXTERNAL_ID)
MOST_ROUNDS = 4
TOLD = "told with a customer number"

Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing a fact says about its person: an identity's kind and normalised value, and how we know."""

    kind: int
    value: str
    is_verified: bool = False
    evidence: str = ""

    @property
    def key(self) -> Key:
        return (self.kind, self.value)


@dataclass(slots=True)
class Known:
    """What the database and this batch know: identity → (identity id, contact id), who is anonymous, what is shared."""

    identities: dict[Key, tuple[int, int]] = field(default_factory=dict)
    anonymous: set[int] = field(default_factory=set)
    numbered: set[int] = field(default_factory=set)
    shared: set[Key] = field(default_factory=set)


def resolve(facts: Sequence[Sequence[Hint]]) -> list[tuple[int, int]]:
    """(contact id, identity id) for each list of hints, in order; missing contacts and identities are made.

    A constant number of statements for the whole batch. Safe to repeat and to run beside itself: whoever loses
    a race for an identity takes the winner's contact. Every list must hold at least one hint.
    """
    wanted = {hint.key: hint for hints in facts for hint in hints}
    has_pairs = any(len(hints) > 1 for hints in facts)
    for _round in range(MOST_ROUNDS):
        known = _look_up(list(wanted), has_pairs=has_pairs)
        if not has_pairs and len(known.identities) == len(wanted):  # each is known, and none says who another is
            found = {key: (contact, identity) for key, (identity, contact) in known.identities.items()}
            return [found[hints[0].key] for hints in facts]
        plan = _Plan(known)
        for hints in facts:
            plan.place(hints)
        if plan.carry_out(wanted):
            return [plan.answer(hints) for hints in facts]
    raise RuntimeError("Identities kept changing hands while resolving.")


class _Plan:
    """Who gets which identity; new contacts have negative numbers until they are written."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.owner: dict[Key, int] = {key: contact for key, (_id, contact) in known.identities.items()}
        self.fresh: list[int] = []
        self.named: set[int] = set()
        self.attached: dict[Key, int] = {}
        self.links: dict[int, int] = {}
        self.uses: dict[tuple[int, int, str], None] = {}

    def place(self, hints: Sequence[Hint]) -> None:
        """Decide for one fact: its contact, what else now points to that contact, who was the same visitor."""
        ordered = sorted(hints, key=self._trust) if len(hints) > 1 else hints
        first = ordered[0]
        contact = self.owner.get(first.key)
        if contact is None:
            contact = self._adopt(ordered)
            self._attach(first, contact)
        for hint in ordered[1:]:
            holder = self.owner.get(hint.key)
            if holder is None:
                self._attach(hint, contact)
            elif self._is_shared(hint, holder, contact):
                self.uses[contact, *hint.key] = None
            elif holder != contact and self._is_anonymous(holder) and not self._is_anonymous(contact):
                self.links[holder] = contact

    def _adopt(self, ordered: Sequence[Hint]) -> int:
        """The contact that a new strongest identity belongs to: one that a weaker hint finds, else a new one."""
        for hint in ordered[1:]:
            holder = self.owner.get(hint.key)
            if holder is None or hint.key in self.known.shared:
                continue
            if hint.kind == DEVICE and not self._is_anonymous(holder):
                continue  # a shared browser proves nothing about a new name
            if ordered[0].kind == EXTERNAL and holder in self.known.numbered:
                continue  # they have another customer number: somebody else
            return holder
        number = -len(self.fresh) - 1
        self.fresh.append(number)
        return number

    def _attach(self, hint: Hint, contact: int) -> None:
        self.owner[hint.key] = self.attached[hint.key] = contact
        if hint.kind != DEVICE:
            self.named.add(contact)
        if hint.kind == EXTERNAL:
            self.known.numbered.add(contact)

    def _trust(self, hint: Hint) -> tuple[bool, int]:
        return hint.key in self.known.shared, hint.kind

    def _is_shared(self, hint: Hint, holder: int, contact: int) -> bool:
        """Whether the address is shared, or is from now on: both have a customer number, and not the same."""
        if hint.key in self.known.shared:
            return not self._is_anonymous(contact)
        return hint.kind in SHAREABLE and holder != contact and {holder, contact} <= self.known.numbered

    def _is_anonymous(self, contact: int) -> bool:
        return contact not in self.named and (contact < 0 or contact in self.known.anonymous)

    def carry_out(self, wanted: dict[Key, Hint]) -> bool:
        """Write contacts, identities and links; False when somebody else was faster and all must be read again."""
        if self.attached:
            real = self._write_contacts()
            self.owner = {key: real.get(contact, contact) for key, contact in self.owner.items()}
            if not self._write_identities(wanted, real):
                return False
            risen = [c for c in self.named if c > 0 and c in self.known.anonymous]
            if risen:
                Contact.objects.filter(pk__in=risen).update(is_anonymous=False)
        else:
            real = {}
        pairs = [(real.get(loser, loser), real.get(survivor, survivor)) for loser, survivor in self.links.items()]
        if pairs:
            link_all(pairs, reason="the same visitor")
        if self.uses:
            self._share(real)
        return True

    def _share(self, real: dict[int, int]) -> None:
        """These use addresses beside others; who turned out to be one person does not."""
        uses = [(real.get(contact, contact), kind, value) for contact, kind, value in self.uses]
        holders = {(kind, value): self.known.identities[kind, value][1] for _contact, kind, value in uses}
        stands = survivors_of({*holders.values(), *(contact for contact, _kind, _value in uses)})
        uses = [one for one in uses if stands[one[0]] != stands[holders[one[1], one[2]]]]
        with saying(TOLD):
            changed = share_all(uses, why=Why.NOTICED, evidence=TOLD)
        if changed:
            index_people(sorted(changed))
            contacts_changed.tell(contact_ids=sorted(changed))

    def _write_contacts(self) -> dict[int, int]:
        if not self.fresh:
            return {}
        flags = [number not in self.named for number in self.fresh]
        params = {
            "workspace": current_workspace_id(),
            "flags": flags,
            "frequency": int(ContactFrequency.NORMAL),
            "dialogue": int(Contact.DialogueMode.WRITE),
        }
        rows = run_text(_make_contacts(), params)
        made([row[0] for row in rows])
        return {number: row[0] for number, row in zip(self.fresh, rows, strict=True)}

    def _write_identities(self, wanted: dict[Key, Hint], real: dict[int, int]) -> bool:
        keys = sorted(self.attached)  # one order for everybody: no deadlocks
        hints = [wanted[key] for key in keys]
        rows = _run(
            "make_identities",
            contacts=[real.get(self.attached[key], self.attached[key]) for key in keys],
            kinds=[kind for kind, _value in keys],
            values=[value for _kind, value in keys],
            verified=[hint.is_verified for hint in hints],
            evidence=[hint.evidence[:120] for hint in hints],
        )
        for identity_id, contact_id, kind, value in rows:
            self.known.identities[kind, value] = (identity_id, contact_id)
        if len(rows) == len(keys):
            return True
        if real:  # contacts that lost the race for all their identities would be nobody
            _run("drop_nobodies", contacts=list(real.values()))
        return False

    def answer(self, hints: Sequence[Hint]) -> tuple[int, int]:
        best = hints[0] if len(hints) == 1 else min(hints, key=self._trust)
        identity_id, contact_id = self.known.identities[best.key]
        return contact_id, identity_id


def _look_up(keys: list[Key], *, has_pairs: bool) -> Known:
    """What is known of these identities. Who is anonymous and who has a number matters only where a fact names two."""
    known = Known()
    params = {
        "workspace": current_workspace_id(),
        "kinds": array_of(kind for kind, _value in keys),
        "values": array_of_texts([value for _kind, value in keys]),
    }
    for place, identity_id, contact_id, is_anonymous, is_shared in run_prepared(_looking(has_pairs), params):
        known.identities[keys[place - 1]] = (identity_id, contact_id)
        if is_shared:
            known.shared.add(keys[place - 1])
        if is_anonymous:
            known.anonymous.add(contact_id)
    if has_pairs and known.identities:
        holders = [contact for _id, contact in known.identities.values()]
        numbered = Identity.objects.filter(contact__in=holders, kind=EXTERNAL)
        known.numbered.update(numbered.values_list("contact_id", flat=True))
    return known


@cache
def _looking(has_pairs: bool) -> str:
    contact, is_anonymous = (load_sql("contacts/contact_of"), "c.is_anonymous") if has_pairs else ("", "false")
    return load_sql("contacts/look_up", contact=contact, is_anonymous=is_anonymous)


def _run(name: str, **params: Any) -> list[tuple[Any, ...]]:
    return run_sql(f"contacts/{name}", _in_workspace(params))


def _in_workspace(params: dict[str, Any]) -> dict[str, Any]:
    return {"workspace": current_workspace_id(), **params}


def _make_contacts() -> str:
    """The statement, with every text column of Contact empty: the database has no defaults."""
    columns = [str(one.column) for one in Contact._meta.local_fields if isinstance(one, CharField)]
    return load_sql("contacts/make_contacts", columns=", ".join(columns), empty=", ".join("''" for _ in columns))
