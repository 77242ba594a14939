"""What a form asks beside the address: fields of the contact, and custom fields of five kinds under a name of one's own."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.models import FormVersion
from contacts.custom_fields.knowing import active_fields, field_named
from contacts.enriching import LONGEST_NAME, LONGEST_TEXT
from contacts.fields import ContactField, Place, field_of_trait, fields_at, reserved_names
from contacts.models import FieldValue
from lib.foreign.cleaning import to_line
from lib.offers import SegmentUse
from lib.times.moments import check_storable

MOST_QUESTIONS, MOST_CHOICES, MOST_OFFERED = 20, 50, 100
NEVER_ASKED = {"email", "language", "zone"}  # the address stands first; the page knows its language
COUNTRY = re.compile(r"[A-Za-z]{2}\Z")
LETTER = re.compile(r"[^\W\d_]")


class Kind(models.TextChoices):
    """How an answer is entered and kept."""

    TEXT = "text", gettext_lazy("text")
    NUMBER = "number", gettext_lazy("number")
    DATE = "date", gettext_lazy("date")
    YES_NO = "yes_no", gettext_lazy("yes or no")
    CHOICE = "choice", gettext_lazy("choice")


@dataclass(frozen=True)
class Question:
    """One question. `name` is a field of the contact, or a custom field as it is called."""

    name: str
    kind: str = Kind.TEXT.value
    is_required: bool = False
    choices: list[str] = field(default_factory=list)
    said: str = field(default="", compare=False)  # the label of a declared field today

    @property
    def own(self) -> ContactField | None:
        """The contact's own field, if it is one."""
        return next((one for one in own_fields() if one.name == self.name), None)

    @property
    def label(self) -> str:
        """What it is called on the page, in the page's language."""
        own = self.own
        label = str(own.label) if own else self.said or self.name
        return label[:1].upper() + label[1:]

    @property
    def kind_label(self) -> str:
        """How it is answered, in words."""
        if self.kind == Kind.CHOICE:
            return _("choice of %(count)s") % {"count": len(self.choices)}
        return str(Kind(self.kind).label)

    def as_row(self) -> dict[str, Any]:
        """As a version keeps it."""
        return {name: value for name, value in asdict(self).items() if name != "said"}


class BadQuestionError(ValueError):
    """A question that cannot be asked; the text says why."""


class LineField(forms.CharField):
    """A line of text as it is kept: without what cannot be seen. Of nothing else it is empty."""

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "")
        return to_line(text, (self.max_length or LONGEST_TEXT) + 1)


def own_fields() -> list[ContactField]:
    """Fields of the contact that a form may ask for."""
    told = {one.name for one in fields_at(Place.API)}
    return [one for one in fields_at(Place.FORM) if one.name in told - NEVER_ASKED]


def custom_names() -> list[str]:
    """Custom fields that somebody has in this workspace."""
    held = FieldValue.objects.order_by("name").values_list("name", flat=True).distinct()[:MOST_OFFERED]
    return list(dict.fromkeys([*(one.name for one in active_fields()), *held]))[:MOST_OFFERED]


def read_questions(rows: Any) -> list[Question]:
    """The questions of a version; what is none is left out. One statement where a declared field may be among them."""
    found = []
    ours = {one.name for one in own_fields()}
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, Mapping) and row.get("name") and row.get("kind") in Kind.values:
            choices = [str(one) for one in row.get("choices") or []]
            found.append(Question(str(row["name"]), row["kind"], bool(row.get("is_required")), choices))
    labels = {one.name: one.label for one in active_fields()} if any(one.name not in ours for one in found) else {}
    return [replace(one, said=labels.get(one.name, "")) for one in found]


def make_question(
    name: str, *, kind: str = Kind.TEXT.value, is_required: bool = False, choices: Iterable[str] = ()
) -> Question:
    """A question as somebody wrote it down; a field that the workspace declared is asked by its own type and choices.
    BadQuestionError.
    """
    clean = to_line(name, LONGEST_NAME)
    if any(one.name == clean for one in own_fields()):
        return Question(clean, Kind.TEXT.value, is_required)
    if not LETTER.search(clean):
        raise BadQuestionError(_("A field needs a name with a letter in it."))
    if clean in reserved_names() or field_of_trait(clean) is not None:
        raise BadQuestionError(_("“%(name)s” is a field of ours that no form asks for.") % {"name": clean})
    if (declared := field_named(clean)) is not None and declared.archived_at is None:
        return Question(declared.name, declared.type, is_required, declared.offered)
    offered = list(dict.fromkeys(filter(None, (to_line(one, 120) for one in choices))))
    if kind not in Kind.values:
        raise BadQuestionError(_("This is no kind of field."))
    if kind == Kind.CHOICE and not 2 <= len(offered) <= MOST_CHOICES:
        raise BadQuestionError(_("Give 2 to %(most)s choices, one a line.") % {"most": MOST_CHOICES})
    return Question(clean, kind, is_required, offered if kind == Kind.CHOICE else [])


def forms_asking(name: str, _user_id: int | None) -> Sequence[SegmentUse]:
    """The forms that are not archived and ask for it."""
    newest: dict[int, int] = {}
    found: dict[int, str] = {}
    versions = FormVersion.objects.filter(form__archived_at=None).select_related("form").order_by("form", "-number")
    for version in versions:
        is_asked = version.number == 0 or newest.setdefault(version.form_id, version.number) == version.number
        if is_asked and any(isinstance(row, dict) and row.get("name") == name for row in version.questions or []):
            found[version.form_id] = version.form.name
    return [SegmentUse(label, reverse("consent:form", args=[pk])) for pk, label in found.items()]


def answer_field(question: Question) -> forms.Field:
    """The field of the public form; its clean value is what `enrich` takes, "" or None for no answer."""
    given: dict[str, Any] = {"label": question.label, "required": question.is_required}
    if question.name == "country":
        return forms.CharField(
            max_length=2, validators=[_check_country], help_text=_("Two letters, such as SE."), **given
        )
    if question.own:
        return LineField(max_length=question.own.length, **given)
    return _custom_field(question, given)


def answer_of(value: Any) -> Any:
    """A clean value as it is kept with the request: text on one line, a number, a day, a yes."""
    if isinstance(value, date):
        return value.isoformat()
    return to_line(value, LONGEST_TEXT) if isinstance(value, str) else value


def _check_country(text: str) -> None:
    if not COUNTRY.match(text):
        raise ValidationError(_("Two letters, such as SE."))


def _custom_field(question: Question, given: dict[str, Any]) -> forms.Field:
    match question.kind:
        case Kind.NUMBER:
            return forms.FloatField(min_value=-1e15, max_value=1e15, **given)
        case Kind.DATE:
            widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            return forms.DateField(widget=widget, validators=[check_storable], **given)
        case Kind.YES_NO:
            return forms.BooleanField(**given)
        case Kind.CHOICE:
            empty = [("", _("Choose one") if question.is_required else "–")]
            return forms.ChoiceField(choices=[*empty, *((one, one) for one in question.choices)], **given)
    return LineField(max_length=LONGEST_TEXT, **given)
