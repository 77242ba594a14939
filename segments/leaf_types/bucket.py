"""{"bucket": {"salt": "may", "from": 0, "to": 1000}}: a share by chance of 10,000, the same people each time.

The hash is that of holdouts: a segment drawn with a campaign's salt is that campaign's control group.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lib.bucketing import BUCKETS, bucket, bucket_sql
from segments.comparing import expect
from segments.leaf_types.base import STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder


class BucketForm(LeafForm):
    percent = forms.IntegerField(label=gettext_lazy("Percent"), min_value=1, max_value=100)
    salt = forms.CharField(
        label=gettext_lazy("Drawn for"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Another word draws others."),
    )

    @classmethod
    def initial_of(cls, argument: dict[str, Any]) -> dict[str, Any]:
        return {"percent": (argument["to"] - argument["from"]) * 100 // BUCKETS, "salt": argument["salt"]}

    def argument(self) -> dict[str, Any]:
        salt = self.cleaned_data["salt"] or get_random_string(8)
        return {"salt": salt, "from": 0, "to": self.cleaned_data["percent"] * BUCKETS // 100}


class BucketLeaf(LeafType):
    type = "bucket"
    label = gettext_lazy("falls by chance into a share")
    order = 80
    icon = "arrows-split"
    form = BucketForm

    class Argument(msgspec.Struct, **STRICT):
        salt: str
        start: int = msgspec.field(name="from")
        end: int = msgspec.field(name="to")

    argument: Argument

    @classmethod
    def check(cls, argument: Argument, path: Path) -> None:
        fits = 0 <= argument.start < argument.end <= BUCKETS
        expect(fits, path, _("A share runs from 0 to %(n)s.") % {"n": BUCKETS})

    def condition(self, query: QueryBuilder) -> str:
        number = bucket_sql("c.id", query.param_name(self.argument.salt))
        start, end = query.param(self.argument.start), query.param(self.argument.end)
        return f"({number} >= {start} AND {number} < {end})"

    def phrase(self) -> Phrase:
        share = (self.argument.end - self.argument.start) * 100 / BUCKETS
        return Phrase(_("falls by chance into"), "", f"{share:g} %", self.icon)

    def evidence(self, members: Sequence[int]) -> Evidence:
        number = bucket(members[0], self.argument.salt)
        holds = self.argument.start <= number < self.argument.end
        return Evidence(_("number %(n)s of 10,000") % {"n": number}, holds=holds)
