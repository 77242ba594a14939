"""Whether the links of a campaign lead somewhere, asked of the web by a worker when somebody wants to know.

What came of it is kept in Valkey for a day, with the version of the words that it is about: a hint, never a fact.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache

from campaigns.models import Campaign
from campaigns.sampling import sample_person
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.test_sends import write_sample
from emails.lint.link_checking import check_links
from emails.lint.linting import lint
from lib.clock import now
from workspaces.current import current_workspace_id, working_in
from workspaces.models import Workspace
from workspaces.tasks import hurry

WORK = "campaigns.link_checks"
KEPT = timedelta(days=1)
LONGEST_WAIT = timedelta(minutes=3)  # then nobody waits any more: it can be asked again
SECONDS = 5.0  # of one address
MOST_WAITING = 50


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """`trouble`: (words of the link, why) of those that lead nowhere, then of those somebody should open. `is_old`: the
    words were changed since.
    """

    is_waiting: bool
    looked_at: int = 0
    trouble: tuple[tuple[str, str], ...] = ()
    at: datetime | None = None
    is_old: bool = False


def ask_links(campaign: Campaign) -> None:
    """Have a worker look. May be repeated: one that waits is asked once."""
    waiting = cache.get(_queue()) or []
    cache.set(_queue(), [*(one for one in waiting if one != campaign.pk), campaign.pk][-MOST_WAITING:], _seconds())
    cache.set(_key(campaign.pk), {"is_waiting": True}, int(LONGEST_WAIT.total_seconds()))
    hurry(WORK)


def found_of(campaign: Campaign) -> LinkCheck | None:
    """What the newest look found; None where nobody asked, or it is longer ago than a day."""
    kept: dict[str, Any] | None = cache.get(_key(campaign.pk))
    if kept is None:
        return None
    if kept.get("is_waiting"):
        return LinkCheck(is_waiting=True)
    trouble = tuple((text, why) for text, why in kept["trouble"])
    return LinkCheck(False, kept["looked_at"], trouble, kept["at"], kept["version"] != campaign.message.content.version)


def check_waiting(workspace: Workspace) -> None:
    """The agenda's work: ask the web about the links of those that wait, outside of any transaction."""
    with working_in(workspace):
        queue = _queue()
    waiting = cache.get(queue) or []
    cache.delete(queue)  # who asks from now on is another look's
    for pk in waiting:
        with working_in(workspace):
            campaign = (
                Campaign.objects.select_related("message__content", "message__sender", "segment").filter(pk=pk).first()
            )
            links, version, key = _links_of(campaign, workspace), _version_of(campaign), _key(pk)
        answers = check_links(links, seconds=SECONDS)
        said = [one for one in answers.values() if one.text]
        trouble = [(links[one.target], one.text) for one in sorted(said, key=lambda one: not one.is_broken)]
        found = {"looked_at": len(answers), "trouble": trouble, "at": now(), "version": version}
        cache.set(key, found, _seconds())


def _links_of(campaign: Campaign | None, workspace: Workspace) -> dict[str, str]:
    """Target → what the link says."""
    if campaign is None:
        return {}
    try:
        written = write_sample(campaign.message, workspace, sample_person(campaign))
    except (BadTemplateError, MissingFieldError):
        return {}
    return {one.target: one.text or one.target[:60] for one in lint(written.html).links}


def _version_of(campaign: Campaign | None) -> int:
    return campaign.message.content.version if campaign else 0


def _key(pk: int) -> str:
    return f"link-check:{current_workspace_id()}:{pk}"


def _queue() -> str:
    return f"link-checks:{current_workspace_id()}"


def _seconds() -> int:
    return int(KEPT.total_seconds())
