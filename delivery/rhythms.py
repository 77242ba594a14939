"""Transactional emails that a shop has sent day after day: when none is asked for any more, the shop's side is broken."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db.models import Sum
from django.urls import reverse

from delivery.models import TemplateVersion, TransactionalTemplate
from lib.rhythm import Rhythm
from touchpoints.kinds import KINDS
from touchpoints.models import DayCount


def count_templates(since: date) -> Iterable[tuple[int, date, int]]:
    """Emails of each template a day, of all its versions."""
    template_of = dict(TemplateVersion.objects.values_list("message_id", "template_id"))
    rows = DayCount.objects.filter(kind=KINDS["sent"].code, day__gte=since, message_id__in=template_of)
    sums = rows.values_list("message_id", "day").annotate(together=Sum("count"))
    return [(template_of[message], day, count) for message, day, count in sums]


def templates_named(keys: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    """Those that go out."""
    rows = TransactionalTemplate.objects.filter(pk__in=keys, retired_at=None)
    return {row.pk: (row.name, reverse("templates:page", args=[row.pk])) for row in rows}


TEMPLATES = Rhythm("delivery.templates", count_templates, templates_named, "campaigns.see")
