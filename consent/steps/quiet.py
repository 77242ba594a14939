"""Offers wait for an hour at which people are written to where they live."""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache

from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from consent.asking import Ask
from consent.eligibility import Eligibility
from consent.rules import Hours, hours, zone_of
from consent.steps.base import MARKETING, GateStep, Reason
from contacts.channels import CHANNELS, Channel
from lib.local_words import date_format
from workspaces.current import current_workspace


def _written(moment: datetime) -> str:
    return date_format(moment, "D, H:i")


clock = lazy(_written, str)


class QuietHoursStep(GateStep):
    order = 130
    code = "quiet"
    classes = MARKETING
    looks_at = ("zone", "country")
    passed = _("Not night there")
    is_momentary = True

    def __init__(self, ask: Ask) -> None:
        super().__init__(ask)
        self.hours = Hours(())

    def prepare(self, people: Collection[Eligibility]) -> None:
        self.hours = hours(is_calling=False)

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        if not CHANNELS[Channel(self.ask.channel)].disturbs:
            return self.passes
        return self._judge_place(person.zone, person.country, now)

    def _judge_place(self, zone: str, country: str, now: datetime) -> Reason:
        if not self.hours.by_country:
            ends = night_ends(zone, current_workspace().zone, now)
            return self.refuse(_("It is night there: wait until 8 o’clock"), ends_at=ends) if ends else self.passes
        ends = self.hours.opens_at(country, zone_of(zone, current_workspace().zone).key, now)
        if ends is None:
            return self.passes
        return self.refuse(format_lazy(_("Not at this hour there: wait until {when}"), when=clock(ends)), ends_at=ends)


@lru_cache(maxsize=4096)
def night_ends(zone: str, otherwise: str, now: datetime) -> datetime | None:
    """The end of the usual night (20:00 to 8:00) in this zone, or else in the other, if it is night there now."""
    return Hours(()).opens_at("", zone_of(zone, otherwise).key, now)
