"""Notes: written, changed with what stood there before kept, taken away; who is mentioned hears of it and may read it."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.attaching import Upload, attach_files, check_files
from contacts.mentioning import members_by_name, mentioned_in
from contacts.merging import everyone_in
from contacts.models import Contact, Note, NoteMention
from lib.clock import now
from lib.notices import NoticeKind
from workspaces.auditing import audit
from workspaces.models import User
from workspaces.notices.noticing import notify

MOST_KEPT = 50
NAMED = "contacts.named"


def _there(ids: Sequence[int]) -> dict[int, str]:
    """Those that there are, without their names: not everybody who is named may read them."""
    return dict.fromkeys(Contact.objects.filter(pk__in=ids, erased_at=None).values_list("pk", flat=True), "")


NAMED_IN_NOTES = NoticeKind(
    NAMED, _("%(who)s named you in a note about somebody"), "at", "contacts:contact", _there, "contacts.look_up"
)


@transaction.atomic
def add_note(contact: Contact, text: str, *, by: User, is_private: bool = True, files: Sequence[Upload] = ()) -> Note:
    """Write something down about a contact; members named with @ find it on their home. BadFileError: nothing is kept."""
    check_files(files)
    note = Note.objects.create(contact=contact, text=text, author_id=by.pk, is_private=is_private)
    attach_files(note, files)
    _mention(note, by)
    audit("contact.noted", by=by, target=contact)
    return note


@transaction.atomic
def edit_note(note: Note, text: str, *, by: User, is_private: bool = True) -> Note:
    """Change one's own note; what stood there is kept. May be repeated. Somebody else's stays. Locks the note."""
    note = Note.objects.select_for_update().get(pk=note.pk)
    if note.author_id != by.pk or (note.text, note.is_private) == (text, is_private):
        return note
    before = {"text": note.text, "is_private": note.is_private, "until": now().isoformat()}
    note.former = [before, *note.former][:MOST_KEPT]
    note.text, note.is_private = text, is_private
    note.save(update_fields=["former", "text", "is_private"])
    _mention(note, by)
    audit("contact.note_edited", by=by, target=note.contact)
    return note


@transaction.atomic
def remove_note(contact: Contact, note_id: int, *, by: User) -> None:
    """Take one's own note away, with its files. May be repeated."""
    if Note.objects.filter(contact__in=everyone_in(contact.pk), pk=note_id, author_id=by.pk).delete()[0]:
        audit("contact.note_removed", by=by, target=contact)


def notes_for(contact: Contact, user_id: int, *, may_note: bool) -> QuerySet[Note]:
    """The notes about a contact that this member may read: all, or those that are not private and where they are named."""
    notes = Note.objects.filter(contact__in=everyone_in(contact.pk))
    if may_note:
        return notes
    named = NoteMention.objects.filter(user_id=user_id, note__contact__in=everyone_in(contact.pk))
    return notes.filter(Q(is_private=False) | Q(pk__in=named.values("note_id")))


def mentions_of(user_id: int) -> QuerySet[NoteMention]:
    """Where this member is named and has not looked yet, the newest first."""
    unseen = NoteMention.objects.filter(user_id=user_id, seen_at=None, note__contact__erased_at=None)
    return unseen.select_related("note__contact").order_by("-created_at", "-pk")


def mark_mentions_seen(pks: Iterable[int], user_id: int) -> None:
    """One's own mentions do not wait any more. May be repeated."""
    NoteMention.objects.filter(pk__in=list(pks), user_id=user_id, seen_at=None).update(seen_at=now())


def _mention(note: Note, by: User) -> None:
    """Who is named in the note as it stands, is mentioned; who is no longer, is not."""
    named, _ambiguous = mentioned_in(note.text, members_by_name()) if "@" in note.text else (set(), [])
    named.discard(by.pk)
    NoteMention.objects.filter(note=note).exclude(user_id__in=named).delete()
    rows = [NoteMention(note=note, user_id=one) for one in sorted(named)]
    NoteMention.objects.bulk_create(rows, ignore_conflicts=True)
    notify(NAMED, note.contact_id, named, by_id=by.pk, occasion=note.pk)
