"""Checking versions: what is wrong with one of them stands in the way of the whole campaign."""

from collections.abc import Callable, Collection

from django.utils.translation import gettext as _

from campaigns.experiments.setting_up import LETTERS, experiment_of, followed_versions
from campaigns.models import Campaign, Experiment

Varies = Experiment.Varies
Blocks = Callable[[Campaign], list[str]]


def flaws_of_versions(campaign: Campaign, known: Collection[str], blocks_of: Blocks) -> list[str]:
    """What stands in the way of a further version and not (`known`) of the first, and what makes the test none."""
    experiment = experiment_of(campaign) if campaign.variant_of_id is None else None
    if experiment is None:
        return []
    versions, flaws = followed_versions(campaign, experiment), list[str]()
    said = {_what_varies(campaign, experiment)}
    for one in versions:
        letter = LETTERS[one.variant]
        new = [text for text in blocks_of(one) if text not in known]
        flaws += [_("Version %(letter)s: %(what)s") % {"letter": letter, "what": text} for text in new]
        varies = _what_varies(one, experiment)
        if varies in said:
            same = _("it says the same as another version. Change it, or remove it.")
            flaws.append(_("Version %(letter)s: %(what)s") % {"letter": letter, "what": same})
        said.add(varies)
    return flaws


def _what_varies(campaign: Campaign, experiment: Experiment) -> object:
    content = campaign.message.content
    if experiment.varies == Varies.SENDER:
        return campaign.message.sender_id
    if experiment.varies == Varies.TIME:
        return campaign.hours_later if campaign.variant_of_id else 0
    return (content.subject, content.preheader) if experiment.varies == Varies.SUBJECT else content.body
