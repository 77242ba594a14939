"""What people ask by law on their own page: everything we know, erased, corrected, no longer used."""

from contacts.merging import everyone_in
from contacts.models import Contact
from portal.preferences import Change
from privacy.asking import open_request
from privacy.models import PrivacyRequest

Kind = PrivacyRequest.Kind
ASKED_HERE = (Kind.ACCESS, Kind.CORRECT, Kind.OBJECT, Kind.RESTRICT, Kind.ERASE)


def ask(contact: Contact, kind: str, words: str, said: str, *, is_sure: bool, is_told: bool = True) -> Change | None:
    """Their page is the proof that it is them: the request is checked, and its clock runs. None: nothing to ask."""
    if kind not in ASKED_HERE or (kind == Kind.CORRECT and not words.strip()) or (kind == Kind.ERASE and not is_sure):
        return None
    open_request(
        kind,
        contact,
        way=PrivacyRequest.Way.OWN_PAGE,
        by=None,
        details=words,
        identity=PrivacyRequest.Identity.SIGNED_LINK,
        is_told=is_told,
    )
    return Change(said)


def requests_of(contact: Contact) -> list[PrivacyRequest]:
    """What they asked, newest first."""
    rows = PrivacyRequest.objects.filter(contact__in=everyone_in(contact.pk))
    return list(rows.order_by("-received_at", "-pk")[:20])
