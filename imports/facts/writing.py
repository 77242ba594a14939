"""Writing a chunk of rows of orders or visits as a set: what each file says is kept, the ledger follows, rows hear why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.merging import survivors_of
from imports.facts.differing import differences, word_of
from imports.facts.keeping import Part, Word, keep_words, words_on
from imports.facts.people import Whose, find_people, make_people
from imports.facts.standing import Wish, facts_of, hold_records, settle, told, whose, wishes
from imports.facts.telling import MOST_ITEMS, ContradictionError, Entry, Said, TooManyItemsError, Wanted, add
from imports.models import ImportRun
from imports.writing import Fate


@dataclass
class Group:
    """The rows of a chunk that are of one order or visit, and what files said of it before.

    `own` is what this run says of it now, `others` what other runs say; `owner` whose it was before.
    """

    key: UUID
    run_id: int
    entries: list[Entry] = field(default_factory=list)
    others: list[Word] = field(default_factory=list)
    own: Said = field(default_factory=dict)
    own_contact: int | None = None
    line: int = 0
    owner: int | None = None
    fate: Fate | None = None
    makers: set[int] = field(default_factory=set)

    @property
    def named(self) -> Entry | None:
        """The first row that says whose it is."""
        return next((entry for entry in self.entries if not entry.draft.error), None)

    @property
    def words(self) -> list[Word]:
        """What all files say, the earliest first."""
        own = Word(self.run_id, self.line, self.own_contact, self.own)
        return sorted([*self.others, own], key=lambda word: word.run_id) if self.others else [own]

    @cached_property
    def whole(self) -> Said:
        """What all files say together. Ask when all rows of the chunk are in."""
        return told([word.said for word in self.words])

    @cached_property
    def facts(self) -> list[Wanted]:
        """What follows from it."""
        return facts_of(self.whole)


@transaction.atomic
def write_records(run: ImportRun, entries: Sequence[Entry]) -> dict[int, Fate]:
    """Keep what these rows say and let the ledger follow; line → what became of it. A constant number of statements.

    Holds the records of the workspace until the transaction ends: a second file with the same orders waits, and finds
    them then. May be repeated: what this run said before is known.
    """
    fates = {entry.line: Fate("invalid", entry.error, None, True) for entry in entries if entry.error}
    hold_records()
    groups = _groups(run, [entry for entry in entries if not entry.error and entry.key], fates)
    for entry in entries:
        if not entry.error and entry.key is None:
            fates[entry.line] = _nobody(entry)
    _find_owners(run, groups)
    kept = [group for group in groups if group.fate is None]
    keep_words(run.pk, {group.key: Word(run.pk, group.line, group.own_contact, group.own) for group in kept})
    settle([group.key for group in kept], _wanted(kept), by_id=run.by_id)
    for group in groups:
        word = group.fate or _fate(group)
        for entry in group.entries:
            twice = fates.get(entry.line)
            fates[entry.line] = (
                twice._replace(contact_id=word.contact_id, is_new=entry.line in group.makers)
                if twice
                else _of_row(entry, group, word)
            )
    return fates


def _groups(run: ImportRun, entries: Sequence[Entry], fates: dict[int, Fate]) -> list[Group]:
    """The rows by what they are of, put to what this run said of it before; what says nothing new has its fate."""
    groups: dict[UUID, Group] = {}
    words: Mapping[UUID, list[Word]] = words_on({entry.key for entry in entries if entry.key})
    for entry in entries:
        key = entry.key or UUID(int=0)
        group = groups.get(key)
        if group is None:
            group = groups[key] = _group(run, key, words.get(key, []), entry.line)
        try:
            is_new = add(group.own, entry)
        except (ContradictionError, TooManyItemsError) as error:
            fates[entry.line] = Fate("invalid", _why(error, group.line), None, True)
            continue
        group.entries.append(entry)
        if not is_new:
            said = _("Stands on line %(line)s already.") % {"line": group.line}
            fates[entry.line] = Fate("duplicate", said, None, True)
    return [group for group in groups.values() if group.entries]


def _group(run: ImportRun, key: UUID, words: Sequence[Word], line: int) -> Group:
    own = next((word for word in words if word.run_id == run.pk), None)
    others = [word for word in words if word.run_id != run.pk]
    group = Group(key, run.pk, others=others, line=line, owner=whose(words))
    if own is not None:
        group.own, group.own_contact, group.line = dict(own.said), own.contact_id, own.line
        group.own["items"] = list(group.own.get("items", []))
    if any(not word.said for word in words):
        group.fate = Fate("suppressed", _("Erased at their request: not imported again."))
    return group


def _find_owners(run: ImportRun, groups: Sequence[Group]) -> None:
    """Whose each is; who is not known is made where something is to be recorded. A group that may not stay has its fate."""
    asking = {group.named.line: group for group in groups if group.fate is None and group.named}
    found = find_people([group.named.draft for group in asking.values() if group.named]) if asking else {}
    survivors = survivors_of({group.owner for group in asking.values() if group.owner})
    fresh: dict[int, Group] = {}
    for line, group in asking.items():
        one = found.get(line)
        if one is not None and one.fate is not None:
            group.fate = one.fate
        elif group.owner:
            is_theirs = one is not None and one.contact_id in {group.owner, survivors[group.owner]}
            is_theirs = is_theirs or group.own["of"] == "visit"  # its key says whose it is
            group.fate = None if is_theirs else _somebody_else(group)
            group.own_contact = group.own_contact or group.owner
        elif one is not None:
            group.own_contact = one.contact_id
        elif group.facts:
            fresh[line] = group
    made = make_people(run, [group.named.draft for group in fresh.values() if group.named]) if fresh else {}
    for line, group in fresh.items():
        _take_person(group, line, made[line])


def _take_person(group: Group, line: int, one: Whose) -> None:
    group.own_contact, group.fate = one.contact_id, one.fate
    if one.is_new:
        group.makers.add(line)


def _wanted(groups: Sequence[Group]) -> dict[Part, Wish]:
    wanted: dict[Part, Wish] = {}
    for group in groups:
        wanted |= wishes(group.key, whose(group.words), group.facts)
    return wanted


def _fate(group: Group) -> Fate:
    """What became of a group: new, same, changed, nothing to record, or nobody's."""
    before, after = told([word.said for word in group.others]), group.whole
    had, has = facts_of(before) if whose(group.others) else [], group.facts
    contact = group.own_contact or group.owner
    if not has and not had:
        return Fate("nothing", word_of(after), contact, True)
    if contact is None:
        entry = group.named or group.entries[0]
        return _nobody(entry)
    if not had:
        return Fate("created", "", contact)
    if has == had:
        return Fate("same", "", contact)
    return Fate("updated", differences(before, after), contact)


def _of_row(entry: Entry, group: Group, word: Fate) -> Fate:
    notes = entry.draft.notes if word.contact_id or word.word == "invalid" else []
    reason = " ".join(filter(None, [word.reason, *notes]))
    return word._replace(reason=reason, keeps_cells=word.keeps_cells or bool(notes), is_new=entry.line in group.makers)


def _nobody(entry: Entry) -> Fate:
    words = entry.draft.error or _("Nobody is named in this row: no email, phone, number or handle.")
    return Fate("nobody", words, None, True)


def _somebody_else(group: Group) -> Fate:
    words = _("This number is an order of contact %(number)s already. If it is of another shop, name the shop.")
    return Fate("invalid", words % {"number": group.owner}, None, True)


def _why(error: ContradictionError | TooManyItemsError, line: int) -> str:
    if isinstance(error, TooManyItemsError):
        words = _("More than %(n)d rows with this number: it is no order number, or not one order.")
        return words % {"n": MOST_ITEMS}
    if error.name.startswith("who_"):
        return _("Line %(line)s of the same file says that this order is of somebody else.") % {"line": line}
    words = _("Line %(line)s of the same file says otherwise: %(what)s.")
    what = differences({error.name: error.before}, {error.name: error.after})
    return words % {"line": line, "what": what.rstrip(".")}
