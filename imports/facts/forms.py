"""What is asked of a file of orders or of attendance beside its columns: what it does not say itself."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from imports.facts.amounts import CURRENCIES
from imports.facts.statuses import VisitStatus
from imports.facts.telling import moment
from imports.models import ImportRun
from lib.times.moment_fields import MomentField
from workspaces.current import current_workspace

LONGEST_SHOP, LONGEST_EVENT = 80, 200
ROLE = _("People it makes are")


def add_fact_fields(form: Any) -> None:
    """Put the fields about the file into the form of an import, and let those be asked otherwise that people ask too."""
    run = form.instance
    fields = _order_fields(run) if run.holds == ImportRun.Holds.ORDERS else _visit_fields(run)
    form.fields |= fields
    form.about_fields = tuple(fields)
    del form.fields["tracking"]
    form.fields["role"].label = ROLE
    form.fields["topic_key"].label = _("People it makes consented to")
    form.fields["topic_key"].help_text = _(
        "An order or a visit is no consent. Choose a topic only where they said yes to it."
    )
    form.fields["mode"].help_text = _("A second file with the same rows adds nothing.")


def _order_fields(run: ImportRun) -> dict[str, forms.Field]:
    home = current_workspace().currency
    codes = sorted(CURRENCIES | {home})
    return {
        "currency": forms.ChoiceField(
            label=_("Currency, where the file says none"),
            choices=[(code, code) for code in codes],
            required=False,
            initial=run.about.get("currency") or home,
        ),
        "shop": forms.CharField(
            label=_("Shop"),
            max_length=LONGEST_SHOP,
            required=False,
            initial=run.about.get("shop", ""),
            help_text=_("Only if you have several: two shops may give the same number to different orders."),
        ),
    }


def _visit_fields(run: ImportRun) -> dict[str, forms.Field]:
    at = run.about.get("event_at")
    zone = ZoneInfo(current_workspace().zone)
    words = {VisitStatus.ATTENDED.value: _("came"), VisitStatus.REGISTERED.value: _("registered")}
    return {
        "event": forms.CharField(
            label=_("Event, where the file names none"),
            max_length=LONGEST_EVENT,
            required=False,
            initial=run.about.get("event", ""),
        ),
        "event_at": ZonedField(
            label=_("When it was, where the file does not say"),
            required=False,
            initial=moment(at).astimezone(zone).replace(tzinfo=None) if at else None,
        ),
        "unsaid": forms.ChoiceField(
            label=_("Where no status says it, they"),
            choices=list(words.items()),
            required=False,
            initial=run.about.get("unsaid") or VisitStatus.ATTENDED.value,
        ),
    }


class ZonedField(MomentField):
    """A moment as a clock in the workspace's zone shows it."""

    def to_python(self, value: Any) -> Any:
        with timezone.override(current_workspace().zone):
            return super().to_python(value)
