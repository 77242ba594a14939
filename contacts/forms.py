"""Forms about one person."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import fields_for_model, model_to_dict
from django.utils.translation import gettext_lazy as _

from contacts.addresses import BadAddressError, normalise_email, normalise_phone, region_of_zone
from contacts.attaching import BadFileError, check_files
from contacts.fields import Place, names_at
from contacts.mentioning import members_by_name, mentioned_in
from contacts.models import Audience, Contact, Note
from lib.written_meanwhile import MeanwhileForm
from workspaces.current import current_workspace
from workspaces.models import check_zone

LONGEST_NOTE = 10_000
HELP: dict[str, Any] = {
    "country": _("Two letters, such as SE."),
    "language": _("Such as sv or en."),
    "zone": _("Such as Europe/Stockholm: no emails at night there."),
    "contact_frequency": _("What they told us; it has the last word."),
}


class ContactForm(MeanwhileForm):
    """What we know of a person, entered by hand: the fields of the table, and a phone number."""

    email = forms.CharField(label=_("Email"), required=False, max_length=254)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=40, help_text=_("Such as +46 70 555 01 42."))

    def __init__(self, data: Any = None, *, contact: Contact | None = None, **kwargs: Any) -> None:
        names = [name for name in names_at(Place.FORM) if name != "email"]
        known = model_to_dict(contact or Contact(), fields=names)
        super().__init__(data, initial={**known, **kwargs.pop("initial", {})}, **kwargs)
        self.meets = contact is not None
        self.fields |= fields_for_model(Contact, fields=names, help_texts=HELP)
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
            raise ValidationError(_("Give a name, an email address or a phone number."))
        if not facts.get("name"):
            facts["name"] = " ".join(filter(None, (facts.get("given_name"), facts.get("family_name"))))
        return facts


class RoleForm(forms.Form):
    """A role to add."""

    role = forms.TypedChoiceField(label=_("Role"), choices=Audience.choices, coerce=int)


class TagForm(forms.Form):
    """A tag to add."""

    name = forms.CharField(label=_("Tag"), max_length=60)


class FilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; what they may be, attaching.py says."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = [one for one in data or [] if one] if isinstance(data, (list, tuple)) else [data] if data else []
        try:
            check_files(given)
        except BadFileError as error:
            raise ValidationError(str(error)) from error
        return given


class NoteForm(forms.ModelForm):
    """What a colleague should know. A name with @ that two members share is asked about before anything is kept."""

    class Meta:
        model = Note
        fields = ("text", "is_private")
        labels: ClassVar = {"text": _("Note"), "is_private": _("Private: not for colleagues and analysts")}
        widgets: ClassVar = {"text": forms.Textarea(attrs={"rows": 3, "data-mentions": "members", "maxlength": 10_000})}

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        if len(text) > LONGEST_NOTE:
            raise ValidationError(_("At most 10,000 letters."))
        unclear = mentioned_in(text, members_by_name())[1] if "@" in text else []
        if unclear:
            raise ValidationError(
                _("%(name)s names two members: write the whole name."), params={"name": ", ".join(unclear)}
            )
        return text


class NewNoteForm(NoteForm):
    """The same with files."""

    attached = FilesField(label=_("Files"), required=False, help_text=_("Up to five, 5 MB each."))


class LookUpForm(forms.Form):
    """One person, exactly."""

    q = forms.CharField(label=_("Email, phone, customer number or handle"), max_length=320)
