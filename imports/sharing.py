"""Addresses in a file that several people use: a function's (info@) of a row that names a person, and what is shared already.

They tell nobody apart. Whom the row is about is told by another identity, else by the name among those who use it.
"""

from collections.abc import Mapping, Sequence

from contacts.duplicates.gathering import is_function
from contacts.folding import fold
from contacts.loading import Key
from contacts.models import Identity
from contacts.sharing import SHAREABLE, Usage, Why, share_all, usages_of
from imports.drafts import Draft
from imports.models import ImportRun

EMAIL = int(Identity.Kind.EMAIL)
Users = Mapping[Key, Sequence[Usage]]


def named_in(draft: Draft) -> str:
    """The name that the row says, folded; "" where it names nobody."""
    whole = draft.fields.get("name") or f"{draft.fields.get('given_name', '')} {draft.fields.get('family_name', '')}"
    return " ".join(fold(whole).split())


def note_shared(drafts: Sequence[Draft], keys: Mapping[int, Sequence[Key]], owners: dict[Key, int]) -> Users:
    """Put what tells nobody apart into each draft's `shared`; returns who uses it. At most one statement. No index stops two who
    write down one person of a shared address at once: imports of a workspace go one after another (`run_slice`).

    It may stand in `owners` too (a mailbox that one person has so far): ask `shared` first.
    """
    wanted = {
        key
        for draft in drafts
        for key in keys[draft.line]
        if key[0] in SHAREABLE and (key not in owners or (key[0] == EMAIL and is_function(key[1])))
    }
    users = usages_of(sorted(wanted))
    offices = {key for key in wanted if key[0] == EMAIL and is_function(key[1])}
    looked_at = offices | users.keys()  # of nearly every row: none
    for draft in drafts if looked_at else ():
        if looked_at.isdisjoint(keys[draft.line]):
            continue
        name = named_in(draft)
        for key in looked_at.intersection(keys[draft.line]):
            held = users.get(key, ())
            if (held and held[0].is_shared) or (key in offices and name and not _is_of(held, name)):
                draft.shared.add(key)
    return users


def who_is_named(draft: Draft, users: Users) -> int | None:
    """Who of those that use the row's shared addresses bears its name; of a row that names nobody the first of them."""
    name = named_in(draft)
    for key in sorted(draft.shared):
        for one in users.get(key, ()):
            if not name or fold(one.name).split() == name.split():
                return one.contact_id
    return None


def write_shared(run: ImportRun, drafts: Sequence[Draft], people: Mapping[int, int]) -> None:
    """The people of these rows use their shared addresses. One statement."""
    uses = [(people[draft.line], *key) for draft in drafts for key in sorted(draft.shared)]
    share_all(uses, why=Why.FUNCTION, evidence=run.source)


def _is_of(held: Sequence[Usage], name: str) -> bool:
    """Whether somebody of this name holds it alone: the row is about them, and nothing is shared yet."""
    return len(held) == 1 and not held[0].is_shared and " ".join(fold(held[0].name).split()) == name
