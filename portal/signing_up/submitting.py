"""Signing up: what somebody asks for with an address that may be theirs, and the one email that asks whether it is.

Whoever types an address proves nothing. So nothing of a known person changes, nobody is told whether they are known,
and however often one address is typed it gets one email: one a day for each form, one in ten minutes and three a day for
all forms together, no more after three that nobody answered, and one a month where its owner wants nothing at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from consent.models import FormVersion, SignUp, Topic
from consent.requesting import request_consent, wants_nothing
from consent.sign_up_forms.texts import texts_in
from contacts.enriching import enrich
from contacts.history.saying import saying
from contacts.merging import survivor_of
from contacts.models import Contact, Identity
from contacts.resolving import Hint, resolve
from lib.clock import next_time_of_day, now
from lib.sql import run_sql
from portal.signing_up.confirmation_emails import send_confirmation
from workspaces import agenda
from workspaces.current import current_workspace, current_workspace_id

FORGET = "portal.forget_unconfirmed"
ONE_A_FORM = timedelta(days=1)
BETWEEN_FORMS = timedelta(minutes=10)
MOST_A_DAY = 3
MOST_UNANSWERED = 3
LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Asked:
    """What was typed and ticked, clean: `address` is normalised, `said` maps fields to answers."""

    address: str
    topics: Sequence[Topic]
    said: Mapping[str, Any]
    tracking: int | None = None


@dataclass(frozen=True)
class Circumstances:
    """How a form was filled in: the proof beside it."""

    language: str
    page: str = ""
    ip: str | None = None
    agent: str = ""
    way: str = SignUp.Way.PAGE.value


@transaction.atomic
def submit(version: FormVersion, asked: Asked, how: Circumstances) -> SignUp | None:
    """Keep the request and send its one email; None where the address was asked a moment ago, and nothing is written.

    Consent is requested for every topic, with its proof. A contact is made where nobody is known by the address; of a
    known one nothing changes before they confirm. May be called any number of times: 10,000 requests for one address
    are one email. Locks the address.
    """
    run_sql("portal/hold_address", {"workspace": current_workspace_id(), "address": asked.address})
    if was_asked_lately(version.form_id, asked.address):
        return None
    contact, is_new = _contact_of(asked.address, version, how.language)
    sign_up = SignUp.objects.create(
        form_id=version.form_id,
        version=version,
        contact=contact,
        made_contact=is_new,
        address=asked.address,
        said=dict(asked.said),
        topic_ids=[topic.pk for topic in asked.topics],
        tracking=asked.tracking,
        way=how.way,
        page=how.page[:300],
        language=how.language,
        ip=how.ip,
        agent=how.agent[:300],
    )
    request_consent(
        contact,
        asked.topics,
        wording=wording_of(version, how.language),
        source=source_of(version),
        page=sign_up.page,
        language=how.language,
        ip=how.ip,
        agent=sign_up.agent,
    )
    send_confirmation(sign_up, version)
    agenda.set_due(FORGET, next_time_of_day(current_workspace().zone, 3, 40))
    return sign_up


def was_asked_lately(form_id: int, address: str) -> bool:
    """Whether another email to this address would be one too many."""
    rows = list(
        SignUp.objects.filter(address=address, asked_at__gt=now() - LOOK_BACK).values_list(
            "form_id", "asked_at", "state"
        )
    )
    if not rows:
        return False
    a_day_ago, just_now = now() - ONE_A_FORM, now() - BETWEEN_FORMS
    is_too_soon = any(at > just_now or (form == form_id and at > a_day_ago) for form, at, _state in rows)
    today = sum(at > a_day_ago for _form, at, _state in rows)
    unanswered = sum(state == SignUp.State.ASKED for _form, _at, state in rows)
    return is_too_soon or today >= MOST_A_DAY or unanswered >= MOST_UNANSWERED or wants_nothing(address)


def wording_of(version: FormVersion, language: str) -> str:
    """The sentence that was agreed to."""
    return texts_in(version, language, version.form.language)["wording"]


def source_of(version: FormVersion) -> str:
    """Where a consent comes from, as its proof says it."""
    return f"{version.form.name}, {version.number}"[:120]


def _contact_of(address: str, version: FormVersion, language: str) -> tuple[Contact, bool]:
    """Who has this address, and whether they were made for it."""
    is_known = Identity.objects.filter(kind=Identity.Kind.EMAIL, value=address).exists()
    hint = Hint(Identity.Kind.EMAIL, address, evidence=f"typed into the form “{version.form.slug}”")
    with saying(source_of(version)):
        ((contact_id, _identity),) = resolve([[hint]])
        if not is_known:
            enrich([(contact_id, {"email": address, "language": language})])
    return Contact.objects.get(pk=survivor_of(contact_id)), not is_known
