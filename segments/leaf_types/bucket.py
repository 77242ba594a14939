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
from segments.leaf_types.base import STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.rules.comparing import expect
from segments.words.patterns import Found, Scene
from segments.words.speech import Node, Words
from segments.words.tokens import number_words, quoted


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


BY_CHANCE = "chance"  # what words draw for that name nothing


class BucketWords(Words):
    patterns = {
        "en": (
            "[fall] by chance into <number:percent> (%|percent) [drawn for <quoted:salt>]",
            "(random|a random) <number:percent> (%|percent) [of] [drawn for <quoted:salt>]",
            "fall by chance into the numbers <whole:from> to <whole:to> drawn for <quoted:salt>",
        ),
        "de": (
            "durch zufall in <number:percent> (%|prozent) [gezogen für <quoted:salt>] [fallen]",
            "zufällig* <number:percent> (%|prozent) [der|aller|gezogen für <quoted:salt>]",
            "durch zufall in die nummern <whole:from> bis <whole:to> gezogen für <quoted:salt> [fallen]",
        ),
    }
    is_head = True

    def node(self, found: Found, scene: Scene) -> Node | None:
        salt = found.get("salt", BY_CHANCE)
        if "percent" not in found:
            return {"bucket": {"salt": salt, "from": found["from"], "to": found["to"]}}
        end = round(found["percent"] * BUCKETS / 100)
        return {"bucket": {"salt": salt, "from": 0, "to": end}} if 0 < end <= BUCKETS else None

    def say(self, argument: Any, language: str) -> str:
        salt, start, end = quoted(argument["salt"], language), argument["from"], argument["to"]
        if not start:
            share = number_words(end * 100 / BUCKETS, language)
            text = (
                f"who fall by chance into {share} % drawn for {salt}",
                f"die durch Zufall in {share} % gezogen für {salt} fallen",
            )
        else:
            text = (
                f"who fall by chance into the numbers {start} to {end} drawn for {salt}",
                f"die durch Zufall in die Nummern {start} bis {end} gezogen für {salt} fallen",
            )
        return text[language == "de"]


class BucketLeaf(LeafType):
    type = "bucket"
    label = gettext_lazy("falls by chance into a share")
    order = 80
    icon = "versions"
    form = BucketForm
    words = BucketWords()

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
