"""Whoever has the address decides: it was them, or it was not. The link alone does nothing; scanners follow links."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from consent.consenting import Proof, give_consent
from consent.models import Basis, SignUp, Suppression
from consent.sign_up_forms.confirming import topics_of
from consent.suppressing import suppress
from consent.tracking import say_tracking
from contacts.editing import add_role, add_tag
from contacts.enriching import enrich
from contacts.history.saying import saying
from contacts.merging import everyone_in, survivor_of, survivors_of
from contacts.models import Contact, Identity
from delivery.models import Delivery
from lib.clock import now
from portal.models import ConfirmationEmail
from portal.preferences import MEASURED
from portal.signing_up.submitting import Circumstances, source_of, wording_of
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.languages import team_language
from workspaces.tracking_mode import TrackingMode


class ClosedError(ValueError):
    """A request that was decided already, is too old, or whose person is gone; nothing was changed."""


@transaction.atomic
def confirm(sign_up: SignUp, how: Circumstances) -> SignUp:
    """It was them: consent is given for every topic asked for, their answers are theirs, the address is proved.

    Whoever has the address by now is meant. Works once. ClosedError. Locks the request.
    """
    sign_up = _locked(sign_up)
    contact = _holder(sign_up)
    if contact is None:
        raise ClosedError("nobody has this address any more")
    version = sign_up.version
    fact = Fact(
        "signed_up",
        f"sign-up-{sign_up.pk}",
        now(),
        contact_id=contact.pk,
        payload={"form": version.form.name, "version": version.number},
    )
    recorded = record([fact], source=source_for(f"form-{version.form_id}", version.form.name))
    proof: Proof = {
        "source": source_of(version),
        "touchpoint_id": recorded.ids[0],
        "page": how.page,
        "language": sign_up.language,
        "ip": how.ip,
        "agent": how.agent,
    }
    for topic in topics_of(sign_up):
        give_consent(contact, topic=topic, basis=Basis.CONSENT, wording=wording_of(version, sign_up.language), **proof)
    if sign_up.tracking is not None:
        with override(sign_up.language):
            words = str(MEASURED[TrackingMode(sign_up.tracking)])
        say_tracking(contact, sign_up.tracking, wording=words, **proof)
    _prove_address(sign_up, contact)
    _make_true(sign_up, contact)
    sign_up.contact = contact
    return _decided(sign_up, SignUp.State.CONFIRMED)


@transaction.atomic
def refuse(sign_up: SignUp) -> SignUp:
    """It was not them, and they want no such email again: the address is blocked. Works once. ClosedError."""
    sign_up = _locked(sign_up)
    with team_language():
        source = _("Not them who signed up; asked for no more")
    suppress(sign_up.address, reason=Suppression.Reason.MANUAL, source=source)
    return _decided(sign_up, SignUp.State.REFUSED)


def _locked(sign_up: SignUp) -> SignUp:
    found = SignUp.objects.select_for_update(of=("self",)).select_related("version__form").get(pk=sign_up.pk)
    gone = Contact.objects.filter(pk=survivor_of(found.contact_id or 0), erased_at=None).first() is None
    if not found.is_open or gone:
        raise ClosedError(found.get_state_display())
    return found


def _decided(sign_up: SignUp, state: int) -> SignUp:
    sign_up.state, sign_up.decided_at = state, now()
    sign_up.save(update_fields=["contact", "state", "decided_at"])
    return sign_up


def _mailbox(sign_up: SignUp) -> str:
    """The address in whose mailbox the link was opened: the one that the email went to."""
    messages = ConfirmationEmail.objects.filter(version=sign_up.version_id).values("message_id")
    sent = Delivery.objects.filter(message__in=messages, occasion=sign_up.pk).values_list("address", flat=True).first()
    return sent or sign_up.address


def _holder(sign_up: SignUp) -> Contact | None:
    """Who has this mailbox today, which somebody may have put right since; of several whoever asked, else the first."""
    held = Identity.objects.filter(kind=Identity.Kind.EMAIL, value=_mailbox(sign_up)).order_by("pk")
    ids, asked = list(held.values_list("contact_id", flat=True)), sign_up.contact_id or 0
    standing = survivors_of([*ids, asked])
    users = [standing[one] for one in ids]
    meant = standing[asked] if standing[asked] in users else next(iter(users), None)
    return Contact.objects.filter(pk=meant, erased_at=None).first() if meant else None


def is_theirs(sign_up: SignUp) -> bool:
    """Whether the page of their own may be opened from here: not by a mailbox that they had once."""
    mine = Identity.objects.filter(kind=Identity.Kind.EMAIL, value=_mailbox(sign_up), former_since=None)
    return mine.filter(contact__in=everyone_in(sign_up.contact_id or 0)).exists()


def _prove_address(sign_up: SignUp, contact: Contact) -> None:
    proved = Identity.objects.filter(
        contact__in=everyone_in(contact.pk), kind=Identity.Kind.EMAIL, value=_mailbox(sign_up), verified_at=None
    )
    proved.update(verified_at=now())


def _make_true(sign_up: SignUp, contact: Contact) -> None:
    """What they said of themselves, and what the form gives to whoever confirms."""
    version = sign_up.version
    with saying(source_of(version)):
        enrich([(contact.pk, sign_up.said)])
    if version.role is not None:
        add_role(contact, version.role, by=None, source=source_of(version)[:80])
    if version.tag:
        add_tag(contact, version.tag, by=None)
