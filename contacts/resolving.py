"""From what a fact says about its person to a contact: found by the strongest identity, made when nobody is known.

Trust order (the lower the kind, the more it proves): external id, e-mail, phone, handle, device. Anonymous always
loses: a visitor known only by a device becomes the person, or is linked to them. Two people who are both known are
never joined here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from contacts.merging import link_contacts
from contacts.models import Identity
from workspaces.current import current_workspace_id

DEVICE = int(Identity.Kind.DEVICE)
EXTERNAL = int(Identity.Kind.EXTERNAL_ID)
MOST_ROUNDS = 4

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
    """What the database and this batch know: identity → (identity id, contact id), and who is anonymous."""

    identities: dict[Key, tuple[int, int]] = field(default_factory=dict)
    anonymous: set[int] = field(default_factory=set)
    numbered: set[int] = field(default_factory=set)


def resolve(facts: Sequence[Sequence[Hint]]) -> list[tuple[int, int]]:
    """(contact id, identity id) for each list of hints, in order; missing contacts and identities are made.

    One read and at most three writes for the whole batch. Safe to repeat and to run beside itself: whoever loses
    a race for an identity takes the winner's contact. Every list must hold at least one hint.
    """
    wanted = {hint.key: hint for hints in facts for hint in hints}
    has_pairs = any(len(hints) > 1 for hints in facts)
    for _round in range(MOST_ROUNDS):
        known = _look_up(list(wanted), check_numbers=has_pairs)
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

    def place(self, hints: Sequence[Hint]) -> None:
        """Decide for one fact: its contact, what else now points to that contact, who was the same visitor."""
        ordered = sorted(hints, key=lambda hint: hint.kind) if len(hints) > 1 else hints
        first = ordered[0]
        contact = self.owner.get(first.key)
        if contact is None:
            contact = self._adopt(ordered)
            self._attach(first, contact)
        for hint in ordered[1:]:
            holder = self.owner.get(hint.key)
            if holder is None:
                self._attach(hint, contact)
            elif holder != contact and self._is_anonymous(holder) and not self._is_anonymous(contact):
                self.links[holder] = contact

    def _adopt(self, ordered: Sequence[Hint]) -> int:
        """The contact that a new strongest identity belongs to: one that a weaker hint finds, else a new one."""
        for hint in ordered[1:]:
            holder = self.owner.get(hint.key)
            if holder is None:
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
                _run("UPDATE contacts_contact SET is_anonymous = false WHERE workspace_id = %s AND id = ANY(%s)", risen)
        else:
            real = {}
        for loser, survivor in self.links.items():
            link_contacts(real.get(loser, loser), real.get(survivor, survivor), reason="the same visitor")
        return True

    def _write_contacts(self) -> dict[int, int]:
        if not self.fresh:
            return {}
        flags = [number not in self.named for number in self.fresh]
        rows = _run(MAKE_CONTACTS, flags)
        return {number: row[0] for number, row in zip(self.fresh, rows, strict=True)}

    def _write_identities(self, wanted: dict[Key, Hint], real: dict[int, int]) -> bool:
        keys = sorted(self.attached)  # one order for everybody: no deadlocks
        hints = [wanted[key] for key in keys]
        rows = _run(
            MAKE_IDENTITIES,
            [real.get(self.attached[key], self.attached[key]) for key in keys],
            [key[0] for key in keys],
            [key[1] for key in keys],
            [hint.is_verified for hint in hints],
            [hint.evidence[:120] for hint in hints],
        )
        for identity_id, contact_id, kind, value in rows:
            self.known.identities[kind, value] = (identity_id, contact_id)
        if len(rows) == len(keys):
            return True
        if real:  # contacts that lost the race for all their identities would be nobody
            _run(DROP_NOBODIES, list(real.values()))
        return False

    def answer(self, hints: Sequence[Hint]) -> tuple[int, int]:
        best = hints[0] if len(hints) == 1 else min(hints, key=lambda hint: hint.kind)
        identity_id, contact_id = self.known.identities[best.key]
        return contact_id, identity_id


LOOK_UP = """
-- The identities of a batch, with whether their contact is anonymous. LATERAL with OFFSET 0 keeps one index probe an
-- identity even where the planner has no statistics yet (a first import: 920 ms a thousand otherwise, 4 ms so).
SELECT wanted.kind, wanted.value, i.id, i.contact_id, c.is_anonymous
FROM unnest(%s::smallint[], %s::text[]) AS wanted (kind, value)
CROSS JOIN LATERAL (SELECT id, contact_id FROM contacts_identity
                    WHERE workspace_id = %s AND kind = wanted.kind AND value = wanted.value OFFSET 0) i
CROSS JOIN LATERAL (SELECT is_anonymous FROM contacts_contact
                    WHERE workspace_id = %s AND id = i.contact_id OFFSET 0) c
"""
NUMBERED = """
-- Who of these has a customer number.
SELECT DISTINCT contact_id FROM contacts_identity WHERE workspace_id = %s AND contact_id = ANY(%s) AND kind = 1
"""
COLUMNS = "name, given_name, family_name, email, language, zone, country, city"
MAKE_CONTACTS = f"""
-- Empty contacts, one for each flag, in order.
INSERT INTO contacts_contact (workspace_id, is_anonymous, {COLUMNS}, dial, talk, is_profiled, created_at)
SELECT %s, flag, '', '', '', '', '', '', '', '', 2, 1, true, statement_timestamp()
FROM unnest(%s::boolean[]) WITH ORDINALITY AS f (flag, place) ORDER BY place
RETURNING id
"""
MAKE_IDENTITIES = """
-- New identities; those that somebody else just wrote are left out of the answer.
INSERT INTO contacts_identity (workspace_id, contact_id, kind, value, verified_at, evidence, created_at)
SELECT %s, contact, kind, value, CASE WHEN verified THEN statement_timestamp() END, evidence, statement_timestamp()
FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::boolean[], %s::text[])
     AS n (contact, kind, value, verified, evidence)
ON CONFLICT (workspace_id, kind, value) DO NOTHING
RETURNING id, contact_id, kind, value
"""
DROP_NOBODIES = """
-- Contacts made a moment ago that ended up without any identity.
DELETE FROM contacts_contact c WHERE workspace_id = %s AND id = ANY(%s)
  AND NOT EXISTS (SELECT 1 FROM contacts_identity i WHERE i.workspace_id = c.workspace_id AND i.contact_id = c.id)
"""


def _look_up(keys: list[Key], *, check_numbers: bool) -> Known:
    known = Known()
    with connection.cursor() as cursor:
        workspace = current_workspace_id()
        cursor.execute(LOOK_UP, [[key[0] for key in keys], [key[1] for key in keys], workspace, workspace])
        for kind, value, identity_id, contact_id, is_anonymous in cursor.fetchall():
            known.identities[kind, value] = (identity_id, contact_id)
            if is_anonymous:
                known.anonymous.add(contact_id)
    if check_numbers and known.identities:
        known.numbered.update(row[0] for row in _run(NUMBERED, [c for _, c in known.identities.values()]))
    return known


def _run(sql: str, *lists: Sequence[object]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [current_workspace_id(), *map(list, lists)])
        return cursor.fetchall() if cursor.description else []
