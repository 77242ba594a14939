"""What a file of orders or of attendance needs before it may start."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from consent.models import Basis, Topic
from imports.facts.amounts import CURRENCIES
from imports.facts.targets import AT, EVENT, EVENT_AT, NUMBER, REGISTERED_AT, is_of_fact
from imports.facts.telling import moment, moment_text
from imports.models import ImportRun
from imports.targets import KEYS, SEVERAL
from lib.clock import EPOCH, is_storable
from workspaces.current import current_workspace

ABOUT = {ImportRun.Holds.ORDERS: {"currency", "shop"}, ImportRun.Holds.ATTENDANCE: {"event", "event_at", "unsaid"}}


def why_not_ready(run: ImportRun) -> str:
    """What is lacking, in a sentence; "" where it may start."""
    targets = set(run.mapping.values())
    if not targets & KEYS:
        return _("No column says whose the rows are: an email address, a phone, a customer number or a handle.")
    twice = {one for one in targets - SEVERAL if one and list(run.mapping.values()).count(one) > 1}
    if twice & {"email"} or any(is_of_fact(one) for one in twice):
        return _("Two columns are imported as the same: choose one of them.")
    lacks = _orders_lack(run, targets) if run.holds == ImportRun.Holds.ORDERS else _visits_lack(run, targets)
    return lacks or _consent_lacks(run)


def _orders_lack(run: ImportRun, targets: set[str]) -> str:
    if NUMBER not in targets:
        return _("No column holds the order number: by it a second file adds nothing.")
    if AT not in targets:
        return _("No column holds the date of the order.")
    if (currency := run.about.get("currency")) and currency not in CURRENCIES:
        return _("“%(text)s” is no currency we know. Write its code, such as EUR.") % {"text": str(currency)[:20]}
    return ""


def _visits_lack(run: ImportRun, targets: set[str]) -> str:
    if EVENT not in targets and not run.about.get("event"):
        return _("No column names the event: write its name.")
    if not targets & {EVENT_AT, REGISTERED_AT} and not run.about.get("event_at"):
        return _("No column holds a date: say when the event was.")
    if (at := run.about.get("event_at")) and moment(at) < EPOCH:
        return _("The event lies before 1970.")
    return ""


def _consent_lacks(run: ImportRun) -> str:
    """An order is no consent: who is made by it may be written to only where a basis is stated."""
    if not run.topic_key:
        return ""
    if run.basis not in Basis.values:
        return _("Choose the lawful basis.")
    if len(run.proof.strip()) < 10:
        return _("Write the sentence that proves it: where and how they consented.")
    return (
        ""
        if Topic.objects.filter(key=run.topic_key).exists()
        else _("There is no topic “%(key)s”.") % {"key": run.topic_key}
    )


def clean_about(run: ImportRun, said: dict[str, Any]) -> dict[str, Any]:
    """Of what was said about the file, what a run of its kind keeps; a moment as text, in the workspace's zone where it
    names none. ValueError for one outside the years 1900 to 2200.
    """
    kept = {name: value for name, value in said.items() if name in ABOUT.get(ImportRun.Holds(run.holds), ()) and value}
    if isinstance(at := kept.get("event_at"), datetime):
        at = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(current_workspace().zone))
        if not is_storable(at):
            raise ValueError(_("it is no date of the years 1900 to 2200"))
        kept["event_at"] = moment_text(at)
    return kept
