"""Forms of the floor."""

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import FetchFailedError, check_url
from lib.mail_providers import brand_of, is_for_everybody
from lib.pictures import MOST_PIXELS, BadPictureError, to_small_png
from lib.rooms import house
from lib.written_meanwhile import MeanwhileForm
from workspaces.keys import all_scopes
from workspaces.models import ApiKey, Invitation, Role, User, WebhookEndpoint, Workspace
from workspaces.tracking_mode import TrackingMode

LOGO_BYTES = 2_000_000
LOGO_SIDE = 256
DEFAULT_COLOUR = "#0a5c40"  # the same that an email takes without one


class ZoneSelect(forms.Select):
    """All time zones, by name; `browser.js` chooses the browser's own unless one was chosen before."""

    def __init__(self, *, asks_browser: bool, now: str = "UTC") -> None:
        names = {zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/"))}
        attrs = {"data-browser-zone": ""} if asks_browser else {}
        super().__init__(attrs, [(name, name.replace("_", " ")) for name in sorted({"UTC", now} | names)])


class NewWorkspaceForm(forms.ModelForm):
    """A name and a short name are enough to begin; what can be known of the rest is filled in."""

    class Meta:
        model = Workspace
        fields = ("name", "slug", "locale", "zone", "colour")
        help_texts: ClassVar = {
            "slug": _("Stands in the address: lower case, digits and hyphens."),
            "zone": _("Days begin and end here. Filled in as your browser says."),
            "colour": _("Of the links in your emails."),
        }

    def __init__(self, data: Any = None, *, user: User, **kwargs: Any) -> None:
        name = name_of_brand(user.email)
        begin = {"name": name, "slug": slugify(name)[:40], "locale": _own_locale(), "colour": DEFAULT_COLOUR}
        super().__init__(data, initial=begin, **kwargs)
        self.fields["slug"].widget.attrs["data-short-of"] = "id_name"
        self.fields["zone"].widget = ZoneSelect(asks_browser=not self.is_bound)
        self.fields["colour"].widget = forms.TextInput(attrs={"type": "color"})
        for name in ("locale", "zone", "colour"):
            self.fields[name].required = False

    def facts(self) -> dict[str, str]:
        """What was said; what was left empty keeps its default."""
        return {name: said for name, said in self.cleaned_data.items() if said}


def name_of_brand(email: str) -> str:
    """A first guess: "Kettle" for ada@kettle.example; nothing for an address at a provider of mail for everybody."""
    domain = email.rpartition("@")[2]
    return "" if is_for_everybody(domain) else brand_of(domain).replace("-", " ").title()


def _own_locale() -> str:
    language = (get_language() or "en").split("-")[0]
    return language if language in dict(Workspace._meta.get_field("locale").choices or ()) else "en"


class WorkspaceForm(MeanwhileForm, forms.ModelForm):
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
            "mail_tracking",
            "scores_employees",
        )
        help_texts: ClassVar = {
            "postal_address": _("Stands at the foot of every email; the law asks for it."),
            "mail_tracking": _(
                "What holds for people who have said nothing about it. With “nothing” emails carry no pixel and no counted "
                "links, and of emails sent before nothing is recorded either."
            ),
            "zone": _("Such as Europe/Berlin. Days begin and end here."),
            "colour": _("Of the links in your emails."),
        }
        widgets: ClassVar = {
            "postal_address": forms.Textarea(attrs={"rows": 3}),
            "colour": forms.TextInput(attrs={"type": "color"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["colour"] = self.initial.get("colour") or DEFAULT_COLOUR  # a picker shows black for "none"
        self.fields["mail_tracking"].choices = TrackingMode.choices  # type: ignore[attr-defined]
        self.fields["mail_tracking"].required = False  # left out, it stays as it is
        self.fields["postal_address"].needed = _("needed before an email goes out")  # type: ignore[attr-defined]
        self.fields["zone"].widget = ZoneSelect(asks_browser=False, now=self.instance.zone)

    def clean_mail_tracking(self) -> int:
        said = self.cleaned_data["mail_tracking"]
        return self.instance.mail_tracking if said in (None, "") else int(said)

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
    """A key for a website, a server or a script; one of the API may be narrowed to scopes."""

    scopes = forms.MultipleChoiceField(
        label=_("Scopes of an API key"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What it may do. None chosen: everything."),
    )

    class Meta:
        model = ApiKey
        fields = ("name", "kind", "scopes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (scope, f"{area}: {allows}") for scope, area, allows in all_scopes()
        ]

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if facts.get("scopes") and facts.get("kind") != ApiKey.Kind.API:
            self.add_error("scopes", _("Only a key of the kind API has scopes."))
        return facts


class WebhookForm(forms.ModelForm):
    """An address of one's own, and the events that it is sent."""

    types = forms.MultipleChoiceField(label=_("Events"), widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = WebhookEndpoint
        fields = ("name", "url", "types")
        help_texts: ClassVar = {"url": _("Such as https://shop.example/hooks/ecrm.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["types"].choices = list(house.event_types.items())  # type: ignore[attr-defined]
        self.fields["types"].error_messages["required"] = _("Choose at least one kind of event.")

    def clean_url(self) -> str:
        """An address that we connect to, as far as it says itself; whether anybody answers there shows when it is sent to."""
        url = str(self.cleaned_data["url"]).strip()
        try:
            check_url(url)
        except UnsafeAddressError as error:
            raise ValidationError(_("We do not send there: %(why)s.") % {"why": error}) from error
        except FetchFailedError as error:
            raise ValidationError(_("There is no such host.")) from error
        return url


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
