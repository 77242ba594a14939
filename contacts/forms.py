"""Forms about one person."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contacts.addresses import BadAddressError, normalise_email, normalise_phone, region_of_zone
from contacts.models import Audience, Contact, Note, Topic
from workspaces.current import current_workspace
from workspaces.models import check_zone

KINDS_OF_LETTER = [
    ("marketing", _("an offer")),
    ("subscribed", _("a letter they asked for")),
    ("transactional", _("a notice they need, such as a receipt")),
    ("answer", _("an answer to their question")),
]


class ContactForm(forms.ModelForm):
    """What we know of a person, entered by hand."""

    email = forms.CharField(label=_("E-mail"), required=False, max_length=254)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=40, help_text=_("Such as +46 70 555 01 42."))

    class Meta:
        model = Contact
        fields = ("name", "given_name", "family_name", "language", "country", "city", "zone", "dial", "talk")
        help_texts: ClassVar = {
            "country": _("Two letters, such as SE."),
            "language": _("Such as sv or en."),
            "zone": _("Such as Europe/Stockholm: no letters at night there."),
            "dial": _("What they told us; it has the last word."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["name", "email", "phone"])

    def clean_email(self) -> str:
        text = str(self.cleaned_data["email"])
        try:
            return normalise_email(text) if text else ""
        except BadAddressError as error:
            raise ValidationError(str(error)) from error

    def clean_phone(self) -> str:
        text = str(self.cleaned_data["phone"])
        try:
            return normalise_phone(text, region_of_zone(current_workspace().zone)) if text else ""
        except BadAddressError as error:
            raise ValidationError(str(error)) from error

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"])
        if zone:
            check_zone(zone)
        return zone

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if not any(facts.get(name) for name in ("name", "given_name", "family_name", "email", "phone")):
            raise ValidationError(_("Give a name, an e-mail address or a phone number."))
        if not facts.get("name"):
            facts["name"] = " ".join(filter(None, (facts.get("given_name"), facts.get("family_name"))))
        return facts


class RoleForm(forms.Form):
    """A role to add."""

    role = forms.TypedChoiceField(label=_("Role"), choices=Audience.choices, coerce=int)


class TagForm(forms.Form):
    """A word to add."""

    name = forms.CharField(label=_("Tag"), max_length=60)


class NoteForm(forms.ModelForm):
    """What a colleague should know."""

    class Meta:
        model = Note
        fields = ("text", "is_private")
        labels: ClassVar = {"text": _("Note"), "is_private": _("Private: not for colleagues and analysts")}
        widgets: ClassVar = {"text": forms.Textarea(attrs={"rows": 3})}


class MayWriteForm(forms.Form):
    """Which message on which channel: the question to the gate."""

    about = forms.ChoiceField(label=_("Kind of message"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = list(Topic.objects.all())
        choices: list[tuple[str, Any]] = [
            (f"marketing-{topic.pk}", _("Offer: %(topic)s") % {"topic": topic.name}) for topic in topics
        ]
        choices += [(f"subscribed-{one.pk}", _("Subscription: %(topic)s") % {"topic": one.name}) for one in topics]
        choices += [("transactional-", _("Notice: receipt, parcel")), ("answer-", _("Answer to a question"))]
        self.fields["about"].choices = choices  # type: ignore[attr-defined]


class LookUpForm(forms.Form):
    """One person, exactly."""

    q = forms.CharField(label=_("E-mail, phone, customer number or handle"), max_length=320)
