"""Ad audiences: who is a critic is told to no ad network."""

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from consent.eligibility import Eligibility
from consent.steps.base import EVERY_CLASS, GateStep, Reason
from contacts.channels import Channel
from contacts.models import Audience
from lib.sql import array_of, run_sql
from workspaces.current import current_workspace_id


class CriticStep(GateStep):
    order = 101
    code = "critic"
    classes = EVERY_CLASS
    channels = frozenset({int(Channel.ADS)})
    passed = _("No critic")

    def prepare(self, people: Collection[Eligibility]) -> None:
        params = {
            "workspace": current_workspace_id(),
            "people": array_of(sorted({one.id for one in people})),
            "role": int(Audience.CRITIC),
        }
        self.critics = {row[0] for row in run_sql("messengers/critics", params)}

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        return self.refuse(_("Is a critic: told to no ad network")) if person.id in self.critics else self.passes
