"""Forms about how emails look: the brand kit with its colours and links, a picture with its alt text."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.branding import (
    COLOURS,
    LONGEST_FOOT,
    LONGEST_NAME,
    LONGEST_URL,
    MOST_CORNER,
    MOST_SOCIAL,
    BadKitError,
    colour_in,
    links_in_rows,
)
from emails.models import BrandKit, Picture
from emails.remaking import BadPictureError
from emails.uploading import LONGEST_ALT, keep_upload
from lib.written_meanwhile import MeanwhileForm

MOST_CHOICES = 200
FILES = "image/png,image/jpeg,image/gif,image/webp,image/avif"
HELP = {
    "ink": gettext_lazy("Headings and text."),
    "accent": gettext_lazy("Buttons, links, the edge of a quote."),
    "paper": gettext_lazy("Under the words."),
    "soft": gettext_lazy("Under cards and the foot."),
    "around": gettext_lazy("Left and right of the email on a wide screen."),
}


class ColourInput(forms.TextInput):
    """A colour as text, with the browser's own picker beside it. Without JavaScript whichever of the two was changed counts.

    `<name>_pick` is the picker, `<name>_was` what both showed at first.
    """

    template_name = "emails/colour.html"

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        text, picked, was = (str(data.get(f"{name}{part}", "")) for part in ("", "_pick", "_was"))
        return picked if picked and was and text == was and picked != was else text

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        try:
            context["picked"] = colour_in(str(value or ""))
        except ValueError:
            context["picked"] = "#000000"
        return context


class ColourField(forms.CharField):
    """A colour in any usual spelling; #rrggbb comes out."""

    widget = ColourInput

    def clean(self, value: Any) -> str:
        said = str(super().clean(value))
        try:
            return colour_in(said)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class PictureChoice(forms.TypedChoiceField):
    """One of the workspace's pictures, or none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, coerce=int, empty_value=None, **kwargs)


class KitForm(MeanwhileForm):
    """How the brand's emails look. Social links stand in rows of `social_name` and `social_url`."""

    logo = PictureChoice(label=gettext_lazy("Logo"))
    logo_file = forms.FileField(label=gettext_lazy("or upload one"), required=False)
    dark_logo = PictureChoice(label=gettext_lazy("Logo for dark mode"))
    dark_logo_file = forms.FileField(label=gettext_lazy("or upload one"), required=False)
    heading_font = forms.ChoiceField(
        label=gettext_lazy("Headings"), choices=BrandKit.Font.choices, widget=forms.RadioSelect
    )
    text_font = forms.ChoiceField(label=gettext_lazy("Text"), choices=BrandKit.Font.choices, widget=forms.RadioSelect)
    corner = forms.IntegerField(
        label=gettext_lazy("Rounded corners"),
        min_value=0,
        max_value=MOST_CORNER,
        help_text=gettext_lazy("In pixels, of buttons and cards. 0 is square."),
    )
    foot_note = forms.CharField(
        label=gettext_lazy("A line at the foot"),
        max_length=LONGEST_FOOT,
        required=False,
        help_text=gettext_lazy("Such as opening hours or the register’s entry. It stands above the postal address."),
    )

    def __init__(self, data: Any = None, files: Any = None, *, kit: BrandKit) -> None:
        self.kit = kit
        super().__init__(data, files, initial=_said_of(kit))
        for name in COLOURS:
            label = BrandKit._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            self.fields[name] = ColourField(label=str(label).capitalize(), max_length=20, help_text=HELP[name])
        choices = [("", _("None"))] + [(one.pk, _called(one)) for one in _offered(kit)]
        for name in ("logo", "dark_logo"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            self.fields[f"{name}_file"].widget.attrs["accept"] = FILES
        self.rows = _rows_in(data) if isinstance(data, MultiValueDict) else _links_of(kit)

    def standing_beside(self) -> dict[str, str]:
        return {"social": _lines_of(_links_of(self.kit))}

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        theirs = _links_of(self.kit)
        whose = self.whose("social", _lines_of(theirs), _lines_of([row for row in self.rows if any(row)]))
        if whose == "theirs":
            self.rows = theirs
        elif whose == "both":
            said = _("Somebody else changed the links meanwhile to: %(links)s. Save again to put yours over theirs.")
            self.add_error(None, said % {"links": ", ".join(" ".join(row) for row in theirs) or _("none")})
        try:
            facts["social"] = links_in_rows(self.rows)
        except BadKitError as error:
            for flaw in error.flaws:
                self.add_error(None, flaw.text)
        return facts

    def unsaved(self) -> BrandKit:
        """The kit as it stands in the form, where it can be read; what cannot is as it was kept."""
        self.meets = False
        self.is_valid()
        kit = BrandKit(**{name: getattr(self.kit, name) for name in (*_PLAIN, "social", "logo_id", "dark_logo_id")})
        for name in (*_PLAIN, "social"):
            if name in self.cleaned_data:
                setattr(kit, name, self.cleaned_data[name])
        for name in ("logo", "dark_logo"):
            if name in self.cleaned_data:
                setattr(kit, f"{name}_id", self.cleaned_data[name])
        return kit

    def keep_logos(self, kit: BrandKit, *, alt: str, by_id: int) -> bool:
        """The uploaded logos are pictures of the workspace, and the kit's. False, with a mistake, where one cannot be."""
        for name in ("logo", "dark_logo"):
            upload: UploadedFile | None = self.cleaned_data.get(f"{name}_file")
            if upload is None:
                continue
            try:
                setattr(kit, f"{name}_id", keep_upload(upload, alt=alt, by_id=by_id).pk)
            except BadPictureError as error:
                self.add_error(f"{name}_file", str(error))
        return not self.errors


class PictureForm(forms.Form):
    """A picture to take in, and what it shows."""

    file = forms.FileField(
        label=gettext_lazy("Picture"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": FILES}),
        help_text=gettext_lazy("PNG, JPEG, GIF, WebP or AVIF, up to 10 MB. 1,200 pixels wide is enough."),
    )
    alt = forms.CharField(
        label=gettext_lazy("What it shows"),
        max_length=LONGEST_ALT,
        required=False,
        help_text=gettext_lazy("The alt text, for whoever does not see it. Empty only for decoration."),
    )


class AltForm(MeanwhileForm):
    """What a picture that stands shows, in other words; more than 300 letters are cut."""

    alt = forms.CharField(
        label=gettext_lazy("What it shows"),
        required=False,
        widget=forms.TextInput(attrs={"maxlength": LONGEST_ALT, "class": "field"}),
    )

    def __init__(self, picture: Picture, data: Any = None) -> None:
        super().__init__(data, initial={"alt": picture.alt}, auto_id=f"%s-{picture.pk}")


_PLAIN = (*COLOURS, "heading_font", "text_font", "corner", "foot_note")


def _said_of(kit: BrandKit) -> dict[str, Any]:
    return {name: getattr(kit, name) for name in _PLAIN} | {"logo": kit.logo_id, "dark_logo": kit.dark_logo_id}


def _called(picture: Picture) -> str:
    return f"{picture.name}: {picture.alt}" if picture.alt else picture.name


def _offered(kit: BrandKit) -> list[Picture]:
    """The newest pictures and those that the kit has."""
    newest = list(Picture.objects.order_by("-made_at", "-pk").only("name", "alt")[:MOST_CHOICES])
    wanted = {one for one in (kit.logo_id, kit.dark_logo_id) if one} - {one.pk for one in newest}
    return newest + (list(Picture.objects.filter(pk__in=wanted).only("name", "alt")) if wanted else [])


def _links_of(kit: BrandKit) -> list[tuple[str, str]]:
    return [(one["name"], one["url"]) for one in kit.social]


def _lines_of(rows: Sequence[tuple[str, str]]) -> str:
    return "\n".join(" ".join(row) for row in rows)


def _rows_in(data: MultiValueDict[str, Any]) -> list[tuple[str, str]]:
    """The rows of links in a form: as many as both columns have, and not more than could be meant."""
    names, urls = data.getlist("social_name"), data.getlist("social_url")
    rows = list(zip(names, urls, strict=False))[: 2 * MOST_SOCIAL]
    return [(str(name)[: 2 * LONGEST_NAME], str(url)[: 2 * LONGEST_URL]) for name, url in rows]
