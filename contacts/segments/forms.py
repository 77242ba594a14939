"""Forms of the lines of a rule, and of a segment itself. Rooms above bring their own LeafForms."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from contacts.models import Audience, Segment, Tag, Topic, Trait
from contacts.segments.comparing import MOMENT_OPS, NUMBER_OPS, TEXT_OPS
from contacts.segments.leaves_people import FIELDS, MOMENT, NUMBER, TEXT, YES_NO
from contacts.segments.leaves_standing import BUCKETS, CHANNEL_NAMES

ALL_OPS = {**TEXT_OPS, **NUMBER_OPS, **MOMENT_OPS}
WITHOUT_VALUE = {"set", "unset"}


class LeafForm(forms.Form):
    """Values of one line. `initial_of` reads an argument into fields, `argument` writes it back."""

    @classmethod
    def initial_of(cls, argument: Any) -> dict[str, Any]:
        """The form's initial values for a line that exists."""
        return dict(argument)

    def argument(self) -> Any:
        """What stands behind the word in the rule."""
        return dict(self.cleaned_data)


class SegmentDetailsForm(forms.ModelForm):
    """Name and sentence."""

    class Meta:
        model = Segment
        fields = ("name", "description", "is_private")
        labels: ClassVar = {"is_private": _("Only I see it")}


class RoleForm(LeafForm):
    """Plays one of these roles."""

    roles = forms.MultipleChoiceField(
        label=_("Role"), choices=[(r.name.lower(), r.label) for r in Audience], widget=forms.CheckboxSelectMultiple
    )

    @classmethod
    def initial_of(cls, argument: Any) -> dict[str, Any]:
        return {"roles": argument.get("in", [])}

    def argument(self) -> Any:
        return {"in": self.cleaned_data["roles"]}


class ComparisonForm(LeafForm):
    """An operator and a value."""

    op = forms.ChoiceField(label=_("How"), choices=list(ALL_OPS.items()))
    value = forms.CharField(label=_("Value"), required=False, max_length=500)

    def comparison(self, kind: str) -> dict[str, Any]:
        """Op and value as the rule wants them for this kind of value."""
        op, text = self.cleaned_data["op"], self.cleaned_data["value"].strip()
        if op in WITHOUT_VALUE:
            return {"op": op}
        if op == "last_days" or kind == NUMBER:
            try:
                number = float(text.replace(",", "."))
            except ValueError as error:
                raise ValidationError({"value": _("This needs a number.")}) from error
            return {"op": op, "value": int(number) if number.is_integer() else number}
        if op == "in":
            return {"op": op, "value": [part.strip() for part in text.split(",") if part.strip()]}
        if kind == YES_NO:
            return {"op": "=", "value": text.lower() in {"yes", "true", "1", "ja", "x"}}
        return {"op": op, "value": text}


class FieldForm(ComparisonForm):
    """A fixed field."""

    name = forms.ChoiceField(label=_("Field"), choices=[(name, label) for name, (_kind, label) in FIELDS.items()])
    field_order = ("name", "op", "value")

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if {"name", "op"} <= facts.keys():
            facts["made"] = {"name": facts["name"], **self.comparison(FIELDS[facts["name"]][0])}
        return facts

    def argument(self) -> Any:
        return self.cleaned_data["made"]


class TraitForm(ComparisonForm):
    """A field of the workspace's own."""

    name = forms.CharField(label=_("Field"), max_length=80)
    field_order = ("name", "op", "value")

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if {"name", "op"} <= facts.keys():
            facts["made"] = {"name": facts["name"], **self.comparison(self._kind(facts))}
        return facts

    def _kind(self, facts: dict[str, Any]) -> str:
        """Numbers compare as numbers where the field holds any."""
        if facts["op"] in {"before", "after"}:
            return MOMENT
        if facts["op"] in {"<", "<=", ">", ">="}:
            return NUMBER
        holds_numbers = Trait.objects.filter(name=facts["name"], number__isnull=False).exists()
        return NUMBER if facts["op"] in NUMBER_OPS and holds_numbers else TEXT

    def argument(self) -> Any:
        return self.cleaned_data["made"]


class TagForm(LeafForm):
    """Words on a contact."""

    test = forms.ChoiceField(
        label=_("Tags"),
        choices=[
            ("has_any", _("include one of")),
            ("has_all", _("include all of")),
            ("has_none", _("include none of")),
        ],
    )
    names = forms.CharField(label=_("Words"), max_length=500, help_text=_("Several with commas between them."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Tag.objects.order_by("name").values_list("name", flat=True).distinct()[:12]
        if known:
            self.fields["names"].help_text = _("With commas between them. In use: %(tags)s") % {
                "tags": ", ".join(known)
            }

    @classmethod
    def initial_of(cls, argument: Any) -> dict[str, Any]:
        ((test, names),) = argument.items()
        return {"test": test, "names": ", ".join(names)}

    def argument(self) -> Any:
        names = [name.strip() for name in self.cleaned_data["names"].split(",") if name.strip()]
        return {self.cleaned_data["test"]: names}


class ConsentForm(LeafForm):
    """What they said about a topic."""

    state = forms.ChoiceField(
        label=_("They"),
        choices=[("given", _("agreed to")), ("withdrawn", _("said no to")), ("none", _("never answered about"))],
    )
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    channel = forms.ChoiceField(label=_("By"), choices=[(name, c.label) for name, c in CHANNEL_NAMES.items()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = [(topic.key, topic.name) for topic in Topic.objects.all()]
        self.fields["topic"].choices = [*topics, ("", _("everything"))]  # type: ignore[attr-defined]

    def argument(self) -> Any:
        return {**self.cleaned_data, "topic": self.cleaned_data["topic"] or None}


class SuppressedForm(LeafForm):
    """On the do-not-contact list."""

    channel = forms.ChoiceField(label=_("By"), choices=[(name, c.label) for name, c in CHANNEL_NAMES.items()])


class SegmentForm(LeafForm):
    """In another segment or not."""

    inside = forms.ChoiceField(label=_("Is"), choices=[("1", _("in")), ("0", _("not in"))])
    segment = forms.ModelChoiceField(label=_("Segment"), queryset=Segment.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["segment"].queryset = Segment.objects.filter(is_private=False)  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, argument: Any) -> dict[str, Any]:
        return {"inside": "1" if argument.get("in", True) else "0", "segment": argument.get("id")}

    def argument(self) -> Any:
        return {"id": self.cleaned_data["segment"].pk, "in": self.cleaned_data["inside"] == "1"}


class BucketForm(LeafForm):
    """A share by chance, the same people each time."""

    percent = forms.IntegerField(label=_("Percent"), min_value=1, max_value=100)
    salt = forms.CharField(
        label=_("Drawn for"), required=False, max_length=40, help_text=_("Another word draws others.")
    )

    @classmethod
    def initial_of(cls, argument: Any) -> dict[str, Any]:
        return {"percent": (argument["to"] - argument["from"]) * 100 // BUCKETS, "salt": argument["salt"]}

    def argument(self) -> Any:
        salt = self.cleaned_data["salt"] or get_random_string(8)
        return {"salt": salt, "from": 0, "to": self.cleaned_data["percent"] * BUCKETS // 100}
