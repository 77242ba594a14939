"""Forms of the floor."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from lib.pictures import MOST_PIXELS, BadPictureError, to_small_png
from workspaces.models import ApiKey, Invitation, Role, User, Workspace

LOGO_BYTES = 2_000_000
LOGO_SIDE = 256


class NewWorkspaceForm(forms.ModelForm):
    """A name and a short name are enough to begin."""

    class Meta:
        model = Workspace
        fields = ("name", "slug")
        help_texts: ClassVar = {"slug": _("Stands in the address: lower case, digits and hyphens.")}


class WorkspaceForm(forms.ModelForm):
    """The brand: name, language, zone, colour, logo, postal address."""

    logo_file = forms.FileField(
        label=_("Logo"), required=False, help_text=_("PNG or JPEG, up to 2 MB and 16 million pixels.")
    )

    class Meta:
        model = Workspace
        fields = (
            "name",
            "locale",
            "zone",
            "currency",
            "colour",
            "website",
            "postal_address",
            "tracks_mail",
            "scores_employees",
        )
        help_texts: ClassVar = {
            "postal_address": _("Stands at the foot of every email; the law asks for it."),
            "tracks_mail": _(
                "If off, emails carry no pixel and no counted links, and of emails sent before nothing is recorded either."
            ),
            "zone": _("Such as Europe/Berlin. Days begin and end here."),
        }
        widgets: ClassVar = {"postal_address": forms.Textarea(attrs={"rows": 3})}

    def clean_logo_file(self) -> bytes | None:
        upload: UploadedFile | None = self.cleaned_data["logo_file"]
        return reencode_logo(upload) if upload else None

    def save(self, commit: bool = True) -> Any:
        if self.cleaned_data.get("logo_file"):
            self.instance.logo = self.cleaned_data["logo_file"]
        return super().save(commit)


class AccountForm(forms.ModelForm):
    """One's own: name, language, time zone; the same in every workspace."""

    locale = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("As each workspace")), *settings.LANGUAGES]
    )

    class Meta:
        model = User
        fields = ("name", "locale", "zone")
        help_texts: ClassVar = {"zone": _("Such as Europe/Berlin. Empty: as each workspace.")}
        widgets: ClassVar = {"zone": forms.TextInput(attrs={"list": "zones", "autocomplete": "off"})}


class InvitationForm(forms.ModelForm):
    """Whom to ask in, and as what."""

    class Meta:
        model = Invitation
        fields = ("email", "role")

    def clean_role(self) -> str:
        if self.cleaned_data["role"] == Role.OWNER:
            raise ValidationError(_("A workspace has the owner it was founded by."))
        return str(self.cleaned_data["role"])


class ApiKeyForm(forms.ModelForm):
    """A key for a website, a server or a script."""

    class Meta:
        model = ApiKey
        fields = ("name", "kind")


def reencode_logo(upload: UploadedFile) -> bytes:
    """The picture as a PNG of at most 256 px, made anew so that nothing but pixels comes in."""
    if (upload.size or 0) > LOGO_BYTES:
        raise ValidationError(_("This file is larger than 2 MB. The old logo is kept."))
    try:
        return to_small_png(upload.read(), LOGO_SIDE)
    except BadPictureError as error:
        if error.is_too_large:
            millions = MOST_PIXELS // 1_000_000
            words = _("This picture has more than %(n)d million pixels. The old logo is kept.") % {"n": millions}
            raise ValidationError(words) from error
        raise ValidationError(_("This is no PNG or JPEG that we can read. The old logo is kept.")) from error
