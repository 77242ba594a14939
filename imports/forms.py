"""Forms of an import: the file, how it is read, what its columns mean, on which basis."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from consent.models import Basis, Topic
from contacts.countries import country_choices
from contacts.models import Audience
from imports.facts.forms import add_fact_fields
from imports.facts.readiness import clean_about
from imports.facts.statuses import UNKNOWN, meanings_of
from imports.facts.targets import STATUSES, fact_targets
from imports.judging import Word
from imports.mapping import presets
from imports.models import ImportRun
from imports.reading import UnusableFileError
from imports.sniffing import ENCODINGS
from imports.starting import FACT_MODES, REFUSALS, NotReadyError, check_file, check_ready, words_of
from imports.targets import ASK, rules_for, targets, usual_rule
from workspaces.tracking_mode import TrackingMode

SILENT = "silent"
MEANINGS = {
    Word.YES.value: _("agreed"),
    Word.NO.value: _("no consent"),
    Word.UNCLEAR.value: _("not understood: no consent"),
    Word.OPTED_OUT.value: _("unsubscribed: do not contact"),
    Word.BOUNCED.value: _("address does not work"),
    Word.COMPLAINED.value: _("marked us as spam"),
    SILENT: _("says nothing about consent"),
}
MOST_TITLE_ROWS = 30


class UploadForm(forms.Form):
    """A file, and what it holds where somebody says it."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, Excel (.xlsx) or vCard, from Mailchimp, HubSpot, Shopify, Eventbrite or any other program."),
    )
    holds = forms.ChoiceField(
        label=_("It holds"),
        choices=[("", _("find out from its columns")), *ImportRun.Holds.choices],
        required=False,
    )

    def clean_file(self) -> UploadedFile:
        """A table of people, as far as its beginning tells: what is none is refused before it is kept."""
        upload: UploadedFile = self.cleaned_data["file"]
        try:
            check_file(upload)  # type: ignore[arg-type]
        except UnusableFileError as error:
            raise ValidationError(str(error)) from error
        return upload


class ReadingForm(forms.Form):
    """How the file is written; each choice is a proposal that the sample below it proves right or wrong."""

    holds = forms.ChoiceField(label=_("It holds"), choices=ImportRun.Holds.choices, required=False)
    encoding = forms.ChoiceField(label=_("Encoding"), choices=list(ENCODINGS.items()))
    delimiter = forms.ChoiceField(
        label=_("Separator"),
        choices=[(",", _("Comma ,")), (";", _("Semicolon ;")), ("\t", _("Tab")), ("|", _("Bar |"))],
    )
    header_row = forms.TypedChoiceField(label=_("Header line"), coerce=int)
    region = forms.ChoiceField(label=_("Phones without +"), required=False)
    month_first = forms.ChoiceField(
        label=_("Dates"),
        choices=[("", _("day first: 31.12.2026")), ("1", _("month first: 12/31/2026"))],
        required=False,
    )
    decimal_comma = forms.ChoiceField(label=_("Numbers"), choices=[("", "1,234.56"), ("1", "1.234,56")], required=False)

    def __init__(self, data: Any = None, *, run: ImportRun) -> None:
        how = run.dialect
        initial = {name: how.get(name) for name in ("encoding", "delimiter", "header_row", "region")}
        initial |= {name: "1" if how.get(name) else "" for name in ("month_first", "decimal_comma")}
        initial["holds"] = run.holds
        super().__init__(data, initial=initial)
        rows: list[tuple[int, Any]] = [(0, _("none: the first line is a person"))]
        rows += [(n, _("line %(n)d") % {"n": n}) for n in range(1, MOST_TITLE_ROWS + 1)]
        self.fields["header_row"].choices = rows  # type: ignore[attr-defined]
        known = [("", _("your country")), ("+", _("begin with a country code"))]
        self.fields["region"].choices = [*known, *country_choices()]  # type: ignore[attr-defined]
        if how.get("kind") != "csv":  # a workbook or vCards have neither
            del self.fields["encoding"], self.fields["delimiter"]
        elif how.get("delimiter") not in {value for value, _label in self.fields["delimiter"].choices}:  # type: ignore[attr-defined]
            self.fields["delimiter"].choices += [(how["delimiter"], how["delimiter"])]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        for name in ("month_first", "decimal_comma"):
            facts[name] = bool(facts.get(name))
        return facts


class ImportForm(forms.ModelForm):
    """What the file is for, what its columns mean, and why we may hold it."""

    about_fields: tuple[str, ...] = ()
    preset = forms.ChoiceField(label=_("Written by"), required=False)
    role = forms.TypedChoiceField(label=_("Everybody in it is"), required=False, coerce=int, empty_value=None)
    topic_key = forms.ChoiceField(label=_("Consent to"), required=False)
    tracking = forms.TypedChoiceField(
        label=_("They let us measure"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Who consented to measuring has said so somewhere; the sentence below must say it too."),
    )

    class Meta:
        model = ImportRun
        fields = ("mode", "preset", "role", "topic_key", "tracking", "basis", "proof")
        labels: ClassVar = {"mode": _("What to do")}
        widgets: ClassVar = {"proof": forms.Textarea(attrs={"rows": 2})}
        help_texts: ClassVar = {
            "proof": _(
                "Where and how they consented, such as: “Ticked ‘send me the newsletter’ at the till, 2023 to 2025.”"
            ),
        }

    def __init__(self, *args: Any, sample: list[list[str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = [name for name in self.instance.dialect.get("header", []) if name]
        known = [(one.name, one.label) for one in presets() if one.holds == self.instance.holds]
        self.is_of_people = self.instance.holds == ImportRun.Holds.PEOPLE
        self.fields["preset"].choices = [("", "CSV"), *known] if self.is_of_people else known  # type: ignore[attr-defined]
        self.fields["role"].choices = [("", _("no role")), *Audience.choices]  # type: ignore[attr-defined]
        topics = [(topic.key, topic.name) for topic in Topic.objects.all()]
        self.fields["topic_key"].choices = [("", _("nothing: only take them in")), *topics]  # type: ignore[attr-defined]
        usual = [("", _("the workspace’s usual way"))]
        self.fields["tracking"].choices = [*usual, *TrackingMode.choices]  # type: ignore[attr-defined]
        is_fact = [mode for mode in ImportRun.Mode.choices if (mode[0] in FACT_MODES) != self.is_of_people]
        self.fields["mode"].choices = is_fact  # type: ignore[attr-defined]
        self.fields["basis"].choices = [("", _("choose")), *Basis.choices]  # type: ignore[attr-defined]
        self.words = words_of(self.instance, sample or [])
        for place, column in enumerate(self.columns):
            self._add_column(place, column)
        takes_in = (self.data.get("mode") or self.instance.mode) not in REFUSALS
        self.fields["basis"].required = self.fields["proof"].required = takes_in and self.is_of_people
        self.fields["basis"].error_messages["required"] = _("Choose the lawful basis.")
        self.fields["proof"].error_messages["required"] = _("Write the sentence that proves it.")
        if not self.is_of_people:
            add_fact_fields(self)

    def _add_column(self, place: int, column: str) -> None:
        target = self.instance.mapping.get(column, "")
        known = targets() if self.is_of_people else fact_targets(self.instance.holds)
        choices: list[tuple[str, Any]] = list(known.items())
        if target == ASK:
            choices.insert(0, (ASK, _("choose…")))
        self.fields[f"column_{place}"] = _select(column, choices, target)
        told = self.data.get(f"column_{place}", target)
        if self.is_of_people and (rules := rules_for(told)):
            chosen = self.instance.rules.get(column) or usual_rule(told)
            label = _("%(column)s, if there is a value") % {"column": column}
            self.fields[f"rule_{place}"] = _select(label, list(rules.items()), chosen)
        for number, (word, _count, meant) in enumerate(self.words.get(column, [])):
            label = _("“%(word)s” means") % {"word": word}
            meanings = meanings_of(target) if target in STATUSES else MEANINGS
            chosen = meant or (UNKNOWN if target in STATUSES else SILENT)
            self.fields[f"word_{place}_{number}"] = _select(label, list(meanings.items()), chosen)

    @cached_property
    def column_rows(self) -> list[dict[str, Any]]:
        """For each column: its field, the field of its rule, its words with what each means, whether it is a question."""
        rows = []
        for place, column in enumerate(self.columns):
            rule = f"rule_{place}"
            words = [
                (word, count, self[f"word_{place}_{number}"])
                for number, (word, count, _meant) in enumerate(self.words.get(column, []))
            ]
            target = self.instance.mapping.get(column)
            is_open = target == ASK
            rows.append(
                {
                    "is_status": target in STATUSES,
                    "field": self[f"column_{place}"],
                    "rule": self[rule] if rule in self.fields else None,
                    "words": words,
                    "is_open": is_open,
                }
            )
        return rows

    def main_fields(self) -> list[Any]:
        """All others."""
        names = [*self.Meta.fields[:2], *self.about_fields, *self.Meta.fields[2:]]
        return [self[name] for name in names if name in self.fields]

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        run = self.instance
        run.mapping = {name: facts.get(f"column_{place}", "") for place, name in enumerate(self.columns)}
        run.rules = {name: rule for place, name in enumerate(self.columns) if (rule := facts.get(f"rule_{place}"))}
        run.answers = self._answers(facts)
        for name in self.Meta.fields:
            setattr(run, name, facts.get(name) if name in {"role", "tracking"} else facts.get(name) or "")
        run.about = clean_about(run, facts)
        try:
            check_ready(run)
        except NotReadyError as error:
            needs_basis = run.mode not in REFUSALS and self.is_of_people
            field = (
                "basis" if needs_basis and not run.basis else "proof" if needs_basis and len(run.proof) < 10 else None
            )
            raise ValidationError({field: str(error)} if field else str(error)) from error
        return facts

    def _answers(self, facts: dict[str, Any]) -> dict[str, dict[str, str]]:
        """What words mean where somebody said it otherwise than we read them; what was said before stays."""
        answers = {column: dict(self.instance.answers.get(column, {})) for column in self.columns}
        for place, column in enumerate(self.columns):
            for number, (word, _count, meant) in enumerate(self.words.get(column, [])):
                said = facts.get(f"word_{place}_{number}")
                if said and said not in {meant or SILENT, meant or UNKNOWN}:
                    answers[column][word.casefold()] = said
        return {column: said for column, said in answers.items() if said}


def _select(label: Any, choices: list[tuple[str, Any]], initial: str) -> forms.ChoiceField:
    widget = forms.Select(attrs={"class": "field"})
    return forms.ChoiceField(label=label, choices=choices, required=False, initial=initial, widget=widget)
