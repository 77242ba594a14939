"""What people correct about themselves on their own page, and an address that they prove to be theirs."""

from collections.abc import Mapping
from typing import Any

import structlog
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from consent.suppressing import is_suppressed
from contacts.addresses import BadAddressError, normalise_email
from contacts.editing import AddressTakenError, edit_contact
from contacts.history.saying import saying
from contacts.identifying import add_identity
from contacts.models import Contact, Identity
from lib.counting_up import count_up
from lib.foreign.cleaning import to_line
from lib.links import public_path
from lib.own_mail import send_mail
from portal.access_links import relationship_link
from portal.preferences import SOURCE, Change, Proof, note_preference, stop_all
from portal.rights import ask
from privacy.models import PrivacyRequest
from workspaces.current import current_workspace
from workspaces.languages import team_language

log = structlog.get_logger(__name__)
SALT, OPEN_SECONDS = "portal.address", 7 * 86_400
COOL_DOWN, MOST_A_DAY = 600, 5
LANGUAGES = {"en": "English", "de": "Deutsch"}


@transaction.atomic
def correct_facts(contact: Contact, said: Mapping[str, Any]) -> Change | None:
    """Their name and language are what they say; None where they leave no name at all."""
    name, language = to_line(str(said.get("name", "")), 200), str(said.get("language", ""))
    if not name or (language and language not in LANGUAGES):
        return None
    wanted = {"name": name, "language": language or contact.language}
    if name != contact.name and not {contact.given_name, contact.family_name} <= {"", *name.split()}:
        wanted |= {"given_name": "", "family_name": ""}  # the parts of another name
    before = {one: getattr(contact, one) for one in wanted}
    if wanted == before:
        return Change(_("Nothing changed."))
    with saying(SOURCE):
        edit_contact(contact, by=None, **wanted)
    note_preference(contact, "preference_shared", lambda: _("Corrected their own fields"))
    return Change(_("Saved: what you told us about you."), {"facts": before})


@transaction.atomic
def restore_facts(contact: Contact, before: Mapping[str, Any]) -> None:
    """What they took back stands as it stood, also where no name or another language stood there."""
    with saying(SOURCE):
        edit_contact(contact, by=None, **before)


def ask_for_address(contact: Contact, typed: str) -> Change | None:
    """A new address is theirs once the link that goes there is used. Says the same whoever has the address.

    None for what is no address, and where they asked five times today.
    """
    try:
        address = normalise_email(to_line(typed, 320))
    except BadAddressError:
        return None
    workspace = current_workspace()
    if count_up(f"address-of:{workspace.pk}:{contact.pk}", 86_400) > MOST_A_DAY:
        return None
    if not is_suppressed(address) and cache.add(f"address:{workspace.pk}:{address}", 1, COOL_DOWN):
        sealed = signing.dumps([workspace.pk, contact.pk, address, contact.email], salt=SALT, compress=True)
        link = f"{settings.ECRM_URL}{public_path('portal:new_address', workspace.slug, sealed)}"
        body = render_to_string("portal/emails/new_address.txt", {"workspace": workspace, "link": link})
        try:
            send_mail(_("Is this your address? %(brand)s asks") % {"brand": workspace.name}, body, address)
        except OSError:
            cache.delete(f"address:{workspace.pk}:{address}")
            return Change(_("The email could not be sent. Nothing was changed; try it again later."))
    return Change(_("A link is on its way to that address. It is yours here once you have used the link."))


def read_address_token(sealed: str) -> tuple[int, int, str, str] | None:
    """(workspace id, contact id, address, the one it was before) of a link of ours not older than a week, or None."""
    try:
        workspace_id, contact_id, address, before = signing.loads(sealed, salt=SALT, max_age=OPEN_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(workspace_id), int(contact_id), str(address), str(before)


@transaction.atomic
def take_address(contact: Contact, address: str) -> bool:
    """The address is proved to be theirs, and emails go there; the address before hears of it. May be repeated.

    False where it belongs to another record: nothing is moved then, and a colleague is asked whether they are one.
    """
    evidence, before = "link used on their own page", contact.email
    try:
        with transaction.atomic(), saying(SOURCE):
            add_identity(
                contact, Identity.Kind.EMAIL, address, by=None, is_verified=True, is_preferred=True, evidence=evidence
            )
    except AddressTakenError as error:
        with team_language():
            words = _("Proved that %(address)s is theirs; it belongs to contact %(number)s.")
        said = words % {"address": address, "number": error.owner_id}
        ask(contact, PrivacyRequest.Kind.CORRECT, said, "", is_sure=True)
        return False
    note_preference(contact, "preference_shared", lambda: _("Gave a new address"))
    if before not in {"", address}:
        _tell_address_before(contact, before)
    return True


def _tell_address_before(contact: Contact, address: str) -> None:
    """Somebody else who got hold of their page is found out. Neither a name nor the new address is told."""
    workspace = current_workspace()
    subject = _("Your address at %(brand)s was changed") % {"brand": workspace.name}
    link = relationship_link(workspace, contact.pk)
    body = render_to_string("portal/emails/moved.txt", {"workspace": workspace, "link": link})

    def send() -> None:
        try:
            send_mail(subject, body, address)
        except OSError:
            log.exception("change_of_address_not_told", workspace=workspace.slug)

    transaction.on_commit(send)


@transaction.atomic
def say_not_me(contact: Contact, proof: Proof) -> Change:
    """Whoever reads this is somebody else: no email goes there any more, and a colleague looks whose it is."""
    change = stop_all(contact, proof)
    with team_language():
        words = _("This is not me: whoever has the address %(address)s says they are somebody else.")
    asked = words % {"address": contact.email}
    ask(contact, PrivacyRequest.Kind.CORRECT, asked, "", is_sure=True, is_told=False)
    change.said = _("Thank you. No emails go to this address any more, and one of us looks whose page this is.")
    return change
