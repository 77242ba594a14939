"""Who sees names. Analysts see "Contact 1234" until they reveal one person, which is written down."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from contacts.models import Contact
from workspaces.permissions import may
from workspaces.requests import Request

SESSION_KEY = "revealed_contacts"
MOST_REVEALED = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """What this member sees of a person's identity."""

    pk: int
    name: str
    email: str
    initials: str
    is_masked: bool

    @property
    def first_name(self) -> str:
        """How sentences call the person."""
        return _("them") if self.is_masked or not self.name or "@" in self.name else self.name.split()[0]


def sees_names(request: Request) -> bool:
    """Whether this member sees everybody's name at once."""
    return may(request.membership.role, "contacts.identify")


def shown(request: Request, contact: Contact) -> Shown:
    """The identity of one contact as this member may see it."""
    if sees_names(request) or is_revealed(request, contact.pk):
        return Shown(contact.pk, str(contact), contact.email, contact.initials, False)
    return masked(contact.pk)


def masked(pk: int) -> Shown:
    """Somebody without a name."""
    return Shown(pk, _("Contact %(number)s") % {"number": pk}, "", "•", True)


def shown_row(request: Request, row: dict[str, Any]) -> Shown:
    """The same for a plain row with id, name and email."""
    contact = Contact(pk=row["id"], name=row["name"], email=row["email"])
    return shown(request, contact)


def name_for(request: Request, pk: int, name: str) -> str:
    """`name`, or what stands for it where this member sees none."""
    return name if sees_names(request) or is_revealed(request, pk) else masked(pk).name


def is_revealed(request: Request, pk: int) -> bool:
    """Whether this member was shown who this is, in this session: by a reveal, or by looking up exactly them."""
    return pk in _revealed(request)


def reveal(request: Request, contact: Contact) -> None:
    """Let this member see one person's name for the rest of the session. The caller writes it down."""
    kept = [pk for pk in _revealed(request) if pk != contact.pk][-MOST_REVEALED + 1 :]
    request.session[_key(request)] = [*kept, contact.pk]


def _revealed(request: Request) -> list[int]:
    return list(request.session.get(_key(request), []))


def _key(request: Request) -> str:
    return f"{SESSION_KEY}_{request.workspace.pk}"
