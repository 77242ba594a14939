"""Forms about custom fields: declaring one, and entering the values of a person."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.html import escape
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.custom_fields.defining import LONGEST_HELP, check_choices
from contacts.custom_fields.entering import Entered, values_of
from contacts.custom_fields.knowing import LONGEST_NAME, active_fields
from contacts.custom_fields.values import LONGEST_TEXT, BadValueError, read_value
from contacts.models import Contact, CustomType, FieldDefinition
from lib.written_meanwhile import SHORT, MeanwhileForm
from workspaces.current import current_workspace

LONGEST_CHOICES = 12_000


class DefineForm(forms.Form):
    """A field to declare."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("Rules, files and the API know the field by it for good. The label can change."),
    )
    type = forms.ChoiceField(label=gettext_lazy("Type"), choices=CustomType.choices, initial=CustomType.TEXT)
    choices = forms.CharField(
        label=gettext_lazy("Choices"),
        required=False,
        max_length=LONGEST_CHOICES,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("For the type “Choice”: one a line."),
    )
    help_line = forms.CharField(
        label=gettext_lazy("Help line"),
        required=False,
        max_length=LONGEST_HELP,
        help_text=gettext_lazy("Stands under the field where it is entered."),
    )

    def clean_choices(self) -> list[str]:
        return lines_of(self.cleaned_data["choices"])

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if facts.get("type") == CustomType.CHOICE and "choices" in facts:
            try:
                facts["choices"] = check_choices(facts["choices"])
            except ValueError as error:
                self.add_error("choices", str(error))
        return facts


class LabelForm(MeanwhileForm):
    """What people read."""

    label = forms.CharField(label=gettext_lazy("Label"), max_length=LONGEST_NAME)
    help_line = forms.CharField(label=gettext_lazy("Help line"), required=False, max_length=LONGEST_HELP)


class RetypeForm(MeanwhileForm):
    """The type and the choices that a field that `stood` is `wanted` to have, neither of them written.

    Both are one thing: what becomes of the values was shown of the two together.
    """

    def __init__(self, stood: FieldDefinition, wanted: FieldDefinition, data: Any = None) -> None:
        super().__init__(data)
        self.stood, self.wanted = stood, wanted

    def standing_beside(self) -> dict[str, str]:
        return {"shape": _shape_of(self.stood)}

    def clean(self) -> dict[str, Any]:
        whose = self.whose("shape", _shape_of(self.stood), _shape_of(self.wanted))
        if whose == "theirs":
            self.wanted = self.stood
        elif whose == "both":
            offered = ", ".join(self.stood.offered)
            words = f"{self.stood.get_type_display()}: {offered}" if offered else self.stood.get_type_display()
            said = _(
                "Somebody else changed this field meanwhile to: %(words)s. Change it again to put yours over theirs."
            )
            self.add_error(None, said % {"words": Truncator(words).chars(SHORT)})
        return super().clean() or self.cleaned_data


class ValuesForm(MeanwhileForm):
    """The declared fields of one person, each entered by its type; `said` is what changed."""

    def __init__(
        self,
        data: Any = None,
        *,
        contact: Contact | None = None,
        declared: Sequence[FieldDefinition] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, prefix="own", **kwargs)
        self.meets = contact is not None
        self.declared = active_fields() if declared is None else list(declared)
        held = {one.field.pk: one for one in values_of(contact, self.declared)} if contact and self.declared else {}
        for one in self.declared:
            self.fields[f"f{one.pk}"] = entry_for(one, held.get(one.pk))

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        for one in self.declared:
            name = f"f{one.pk}"
            if name in facts and name in self.changed_data:
                try:
                    read_value(one, facts[name])
                except BadValueError as error:
                    self.add_error(name, str(error))
        return facts

    @property
    def said(self) -> dict[str, Any]:
        """Name of a field → what was entered, of those that were changed."""
        by_name = {f"f{one.pk}": one.name for one in self.declared}
        return {by_name[name]: self.cleaned_data[name] for name in self.changed_data if name in self.cleaned_data}


def entry_for(field: FieldDefinition, held: Entered | None) -> forms.Field:
    """How a field is entered, filled with what somebody has there."""
    text = held.text if held else ""
    given: dict[str, Any] = {
        "label": field.label,
        "required": False,
        "help_text": escape(field.help_line),  # the form's template trusts what stands there
        "initial": text,
    }
    match field.type:
        case CustomType.NUMBER:
            widget: forms.Widget = forms.TextInput(attrs={"inputmode": "decimal"})
            return forms.CharField(widget=widget, max_length=60, **given)
        case CustomType.DATE:
            if held and held.moment:
                given["initial"] = held.moment.astimezone(ZoneInfo(current_workspace().zone)).date().isoformat()
            is_day = not text or (held is not None and held.moment is not None)
            widget = forms.TextInput(attrs={"type": "date", "min": "1900-01-01", "max": "2200-12-31"} if is_day else {})
            return forms.CharField(widget=widget, max_length=60, **given)
        case CustomType.YES_NO:
            return _select([("yes", _("Yes")), ("no", _("No"))], text, given)
        case CustomType.CHOICE:
            return _select([(one, one) for one in field.offered], text, given)
    return forms.CharField(max_length=LONGEST_TEXT, **given)


def lines_of(text: str) -> list[str]:
    """The lines of a text that hold something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _shape_of(field: FieldDefinition) -> str:
    return "\n".join([field.type, *field.offered])


def _select(choices: list[tuple[str, str]], text: str, given: dict[str, Any]) -> forms.Field:
    """A choice; what somebody has and nobody is offered any more stays to be kept."""
    if text and text not in dict(choices):
        choices = [*choices, (text, _("%(value)s (no longer offered)") % {"value": text})]
    return forms.ChoiceField(choices=[("", "–"), *choices], **given)
