"""Setting up a test: a campaign, its further versions, and what in them follows the campaign."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from campaigns.composing import compose, keep, remove_draft, set_limits
from campaigns.models import Campaign, Experiment, StandingCampaign
from delivery.models import Content, Message
from workspaces.auditing import audit
from workspaces.models import User

LETTERS = "ABCD"
MOST_VERSIONS = len(LETTERS)
Varies = Experiment.Varies
WORDS = ("subject", "preheader")
WRITING = ("body_format", "body", "blocks", "language")
ALWAYS = ("topic", "purpose")
PLACES = ("programme", "segment", "holdout_percent", "adds_utm", "intended_at")


class NotTestableError(ValueError):
    """The campaign takes no test, or not this version; the text is a code: "standing", "no_draft", "full", "version"."""


def experiment_of(campaign: Campaign) -> Experiment | None:
    """The test of a campaign, also asked of one of its further versions."""
    return Experiment.objects.filter(campaign=campaign.variant_of_id or campaign.pk).first()


def versions_of(campaign: Campaign) -> list[Campaign]:
    """The further versions, by their numbers; none of one that is not tested."""
    related = ("message__content", "message__sender", "message__topic", "programme", "segment")
    return list(campaign.versions.select_related(*related).order_by("variant"))


def first_of(campaign: Campaign) -> Campaign:
    """The campaign that a version is tested against; itself, unless it is one."""
    return campaign.variant_of or campaign


@transaction.atomic
def make_experiment(campaign: Campaign, *, by: User | None, **facts: Any) -> Experiment:
    """A draft has a test that says what `facts` say (fields of Experiment), and a second version at least.

    NotTestableError. Locks the message's row.
    """
    _check_draft(campaign)
    if StandingCampaign.objects.filter(campaign=campaign).exists() or campaign.follows.exists():
        raise NotTestableError("standing")
    experiment = experiment_of(campaign) or Experiment(campaign=campaign)
    for name, value in facts.items():
        setattr(experiment, name, value)
    experiment.save()
    if not campaign.versions.exists():
        add_version(campaign, by=by)
    audit("campaign.test", by=by, target=campaign, fields=sorted(facts))
    return experiment


@transaction.atomic
def add_version(campaign: Campaign, *, by: User | None) -> Campaign:
    """One more version of a draft, which says the same until it is changed. NotTestableError. Locks the message's row."""
    _check_draft(campaign)
    last = campaign.versions.aggregate(last=Max("variant"))["last"] or 0
    if last + 1 >= MOST_VERSIONS:
        raise NotTestableError("full")
    content = Content(changed_by_id=by.pk if by else None)
    made = Campaign(created_by_id=by.pk if by else None, message=Message(content=content))
    made.variant_of, made.variant, made.hours_later = campaign, last + 1, 3 * (last + 1)
    _take(made.message.content, campaign.message.content, (*WORDS, *WRITING))
    follow_first(made, campaign, "")
    keep(made)
    set_limits(campaign)  # its links tell from here on that it is version A
    audit("campaign.version_added", by=by, target=campaign, version=LETTERS[made.variant])
    return made


@transaction.atomic
def change_version(campaign: Campaign, number: int, *, by: User | None, **facts: Any) -> None:
    """A further version says this: `subject` and `preheader`, `sender` or `hours_later`. NotTestableError."""
    _check_draft(campaign)
    compose(_version(campaign, number), **facts)
    audit("campaign.version_changed", by=by, target=campaign, version=LETTERS[number])


@transaction.atomic
def remove_version(campaign: Campaign, number: int, *, by: User | None) -> None:
    """It goes; the later ones move up. With the last one the test goes. NotTestableError."""
    _check_draft(campaign)
    remove_draft(_version(campaign, number))
    for later in campaign.versions.filter(variant__gt=number).order_by("variant"):
        Campaign.objects.filter(pk=later.pk).update(variant=later.variant - 1)
    audit("campaign.version_removed", by=by, target=campaign, version=LETTERS[number])
    if not campaign.versions.exists():
        drop_experiment(campaign, by=by)


@transaction.atomic
def drop_experiment(campaign: Campaign, *, by: User | None) -> None:
    """A draft goes out as it is, untested; its further versions are gone. NotTestableError."""
    _check_draft(campaign)
    for version in versions_of(campaign):
        remove_draft(version)
    set_limits(campaign)
    if Experiment.objects.filter(campaign=campaign).delete()[0]:
        audit("campaign.test_dropped", by=by, target=campaign)


def follow_first(version: Campaign, first: Campaign, varies: str) -> None:
    """In memory: a version says what the first says, in all but what varies. Its name is the first's with its letter."""
    message, lead = version.message, first.message
    message.name = f"{lead.name[:110]} · {LETTERS[version.variant]}"
    _take(message, lead, ALWAYS)
    _take(version, first, PLACES)
    if varies != Varies.SENDER:
        message.sender = lead.sender
    if varies != Varies.SUBJECT:
        _take(message.content, lead.content, WORDS)
    if varies != Varies.CONTENT:
        _take(message.content, lead.content, WRITING)


def followed_versions(campaign: Campaign, experiment: Experiment) -> Sequence[Campaign]:
    """The further versions as they would go out, not kept."""
    versions = versions_of(campaign)
    for one in versions:
        follow_first(one, campaign, experiment.varies)
    return versions


def _take(row: Any, given: Any, names: Sequence[str]) -> None:
    for name in names:
        setattr(row, name, getattr(given, name))


def _version(campaign: Campaign, number: int) -> Campaign:
    found = [one for one in versions_of(campaign) if one.variant == number]
    if not found:
        raise NotTestableError("version")
    return found[0]


def _check_draft(campaign: Campaign) -> None:
    """It is a draft that is no version itself; locks its message's row, so that nobody approves it meanwhile."""
    message = Message.objects.select_for_update(no_key=True).get(pk=campaign.message_id)
    if message.state != Message.State.DRAFT or campaign.variant_of_id:
        raise NotTestableError("no_draft")
