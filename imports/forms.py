"""Forms of an import: the file, what its columns mean, on which basis."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from consent.models import Basis, Topic
from contacts.models import Audience
from imports.drafts import targets
from imports.mapping import presets
from imports.models import ImportRun
from imports.reading import PROBE_BYTES, UnusableFileError, check_head
from imports.starting import REFUSALS, NotReadyError, check_ready


class UploadForm(forms.Form):
    """A file."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV as Mailchimp, HubSpot, Mautic, listmonk or a spreadsheet writes it. Keep the file’s name."),
    )

    def clean_file(self) -> UploadedFile:
        """A table of text, as far as its first 64 kB tell: what is none is refused before it is kept."""
        upload: UploadedFile = self.cleaned_data["file"]
        head = upload.read(PROBE_BYTES)
        upload.seek(0)
        try:
            check_head(head)
        except UnusableFileError as error:
            raise ValidationError(str(error)) from error
        return upload


class ImportForm(forms.ModelForm):
    """What the file is for, what its columns mean, and why we may hold it."""

    preset = forms.ChoiceField(label=_("Written by"), required=False)
    role = forms.TypedChoiceField(label=_("Everybody in it is"), required=False, coerce=int, empty_value=None)
    topic_key = forms.ChoiceField(label=_("Consent to"), required=False)

    class Meta:
        model = ImportRun
        fields = ("mode", "preset", "role", "topic_key", "basis", "proof")
        widgets: ClassVar = {"proof": forms.Textarea(attrs={"rows": 2})}
        help_texts: ClassVar = {
            "proof": _(
                "Where and how they consented, such as: “Ticked ‘send me the newsletter’ at the till, 2023 to 2025.”"
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = [name for name in self.instance.dialect.get("header", []) if name]
        self.fields["preset"].choices = [("", "CSV"), *((one.name, one.label) for one in presets())]  # type: ignore[attr-defined]
        self.fields["role"].choices = [("", _("no role")), *Audience.choices]  # type: ignore[attr-defined]
        topics = [(topic.key, topic.name) for topic in Topic.objects.all()]
        self.fields["topic_key"].choices = [("", _("nothing: only take them in")), *topics]  # type: ignore[attr-defined]
        self.fields["basis"].choices = [("", _("choose")), *Basis.choices]  # type: ignore[attr-defined]
        known = targets()
        for place, column in enumerate(self.columns):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=column,
                choices=list(known.items()),
                required=False,
                initial=self.instance.mapping.get(column, ""),
                widget=forms.Select(attrs={"class": "field"}),
            )
        takes_in = (self.data.get("mode") or self.instance.mode) not in REFUSALS
        self.fields["basis"].required = self.fields["proof"].required = takes_in
        self.fields["basis"].error_messages["required"] = _("Choose the lawful basis.")
        self.fields["proof"].error_messages["required"] = _("Write the sentence that proves it.")

    def column_fields(self) -> list[Any]:
        """The bound fields of the columns, in the order of the file."""
        return [self[f"column_{place}"] for place in range(len(self.columns))]

    def main_fields(self) -> list[Any]:
        """All others."""
        return [self[name] for name in self.Meta.fields]

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        run = self.instance
        run.mapping = {name: facts.get(f"column_{place}", "") for place, name in enumerate(self.columns)}
        for name in self.Meta.fields:
            setattr(run, name, facts.get(name) if name == "role" else facts.get(name) or "")
        try:
            check_ready(run)
        except NotReadyError as error:
            needs_basis = run.mode not in REFUSALS
            field = (
                "basis" if needs_basis and not run.basis else "proof" if needs_basis and len(run.proof) < 10 else None
            )
            raise ValidationError({field: str(error)} if field else str(error)) from error
        return facts
