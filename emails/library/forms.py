"""A thing of the library as a form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from emails.library.keeping import LONGEST_URL
from emails.models import LibraryItem, Picture
from engagement.interests.reading import names_of
from lib.times.moment_fields import MomentField
from lib.written_meanwhile import MeanwhileForm

MOST_PICTURES = 200


def _moment(label: Any, **more: Any) -> MomentField:
    """A day and a time by the workspace's clocks."""
    return MomentField(label=label, required=False, **more)


class ItemForm(MeanwhileForm):
    """What is said of one thing; `facts()` and `tags()` as emails/library/keeping.py takes them."""

    url = forms.CharField(
        label=_("Address"),
        max_length=LONGEST_URL,
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://"}),
    )
    title = forms.CharField(label=_("Title"), max_length=200)
    teaser = forms.CharField(
        label=_("Teaser"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=LibraryItem.Kind.choices, initial=LibraryItem.Kind.ARTICLE)
    interests = forms.CharField(
        label=_("Interests"), max_length=700, required=False,
        help_text=_("What it is about, between commas: oolong, cups. Who is drawn to them gets it first."),
    )  # fmt: skip
    picture = forms.TypedChoiceField(label=_("Picture"), coerce=int, empty_value=None, required=False)
    language = forms.CharField(
        label=_("Language"), max_length=10, required=False, help_text=_("en, de, …; empty: for everybody.")
    )
    published_at = _moment(_("Published"), help_text=_("It is shown from then on."))
    starts_at = _moment(_("Starts"), help_text=_("A webinar: it is shown until it starts."))
    expires_at = _moment(_("Ends"), help_text=_("An offer: it is shown until then."))

    def __init__(self, *args: Any, item: LibraryItem | None = None, **kwargs: Any) -> None:
        if item is not None:
            kwargs["initial"] = _said_of(item) | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.meets = item is not None
        newest = Picture.objects.order_by("-made_at", "-pk").values_list("pk", "name", "alt")[:MOST_PICTURES]
        choices = [("", _("None")), *((pk, f"{name}: {alt}" if alt else name) for pk, name, alt in newest)]
        now_chosen = self.initial.get("picture")
        if now_chosen and now_chosen not in {one for one, _label in choices}:
            choices.append((now_chosen, f"{now_chosen}"))
        self.fields["picture"].choices = choices  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        """Its fields."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in {"interests", "picture"}}
        return given | {"picture_id": self.cleaned_data["picture"] or None}

    def tags(self) -> list[str]:
        """The interests, by name."""
        return [one.strip() for one in self.cleaned_data["interests"].split(",") if one.strip()]


def _said_of(item: LibraryItem) -> dict[str, Any]:
    plain = ("url", "title", "teaser", "kind", "language", "published_at", "starts_at", "expires_at")
    names = names_of(item.tags)
    tags = ", ".join(names[one] for one in item.tags if one in names)
    return {name: getattr(item, name) for name in plain} | {"interests": tags, "picture": item.picture_id}
