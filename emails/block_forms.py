"""What can be said of a block of each kind, as a form: the words first, then how it looks.

Every form writes `facts()`: names of the block's fields → values, as emails/editing.py's `change` takes them.
"""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from emails.blocks.base import Block
from emails.blocks.columns import Cell
from emails.blocks.kinds import kind_of
from emails.library.finding import kind_choices
from emails.library.knowing import tag_choices

LONGEST_TAG = 60
LINE, ADDRESS, WORDS, MARKUP = 300, 1_500, 20_000, 100_000
SPACES = [(0, "0"), (8, "8"), (16, "16"), (24, "24"), (40, "40")]
LEADS_TO, TEXT = _("Leads to"), _("Text")
ALIGN = [("left", _("Start")), ("center", _("Centre"))]


class Choice(forms.RadioSelect):
    """A few that exclude each other, side by side."""

    template_name = "emails/forms/choice.html"


class RichText(forms.Textarea):
    """Words with bold, italic, links and lists; without JavaScript their markup."""

    template_name = "emails/forms/rich_text.html"


class PictureInput(forms.NumberInput):
    """One of the workspace's pictures; without JavaScript its number."""

    template_name = "emails/forms/picture.html"


class PictureField(forms.IntegerField):
    """The number of one of the workspace's pictures; empty for none."""

    widget = PictureInput

    def __init__(self) -> None:
        super().__init__(label=_("Picture"), required=False, min_value=1, max_value=2**31 - 1)


def line(label: Any, **more: Any) -> forms.CharField:
    """One line of words; Liquid may stand in it."""
    return forms.CharField(label=label, max_length=LINE, required=False, **more)


def address(label: Any = LEADS_TO) -> forms.CharField:
    """Where a link leads."""
    attrs = {"inputmode": "url", "placeholder": "https://", "spellcheck": "false", "autocapitalize": "off"}
    return forms.CharField(label=label, max_length=ADDRESS, required=False, widget=forms.TextInput(attrs=attrs))


def rich(label: Any = TEXT) -> forms.CharField:
    """Words with markup."""
    return forms.CharField(label=label, max_length=WORDS, required=False, widget=RichText(attrs={"rows": 10}))


class TagsField(forms.CharField):
    """Names of tags with commas between them; what is kept is the names."""

    def __init__(self) -> None:
        super().__init__(
            label=_("About"), max_length=LINE, required=False,
            help_text=_("Who follows the link is interested in this. Several with commas between them."),
        )  # fmt: skip

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        names = (" ".join(one.split())[:LONGEST_TAG] for one in super().clean(value).split(","))
        return list(dict.fromkeys(name for name in names if name))


def choice(label: Any, choices: list[tuple[Any, Any]], **more: Any) -> forms.ChoiceField:
    """One of a few."""
    return forms.ChoiceField(label=label, choices=choices, widget=Choice, **more)


class BlockForm(forms.Form):
    """What every block has. `looks` names the fields that say how it looks; the others are its words."""

    looks: ClassVar[tuple[str, ...]] = ()

    space = forms.TypedChoiceField(label=_("Space below"), choices=SPACES, coerce=int, widget=Choice)

    def __init__(self, *args: Any, block: Block, **kwargs: Any) -> None:
        kept = {name: getattr(block, name) for name in block.__struct_fields__}
        kwargs["initial"] = self.initial_of(kept) | (kwargs.get("initial") or {})
        kwargs |= {"auto_id": f"{block.id}-%s", "label_suffix": ""}
        super().__init__(*args, **kwargs)
        if kept["space"] not in dict(SPACES):
            self.fields["space"].choices = sorted([*SPACES, (kept["space"], str(kept["space"]))])  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, kept: dict[str, Any]) -> dict[str, Any]:
        """What the form shows of what is kept."""
        return kept

    def facts(self) -> dict[str, Any]:
        """What was said of the block."""
        return dict(self.cleaned_data)

    def words(self) -> list[forms.BoundField]:
        """The fields of what it says."""
        return [self[name] for name in self.fields if name not in self.looks and name != "space"]

    def look(self) -> list[forms.BoundField]:
        """The fields of how it looks."""
        return [self[name] for name in (*self.looks, "space")]


class HeadingForm(BlockForm):
    looks = ("level", "align")
    text = line(_("Heading"), widget=forms.Textarea(attrs={"rows": 2}))
    level = choice(_("Size"), [("1", _("Large")), ("2", _("Normal"))])
    align = choice(_("Align"), ALIGN)

    def facts(self) -> dict[str, Any]:
        return super().facts() | {"level": int(self.cleaned_data["level"])}


class TextForm(BlockForm):
    looks = ("size", "align")
    html = rich()
    tags = TagsField()
    size = choice(_("Size"), [("small", _("Small")), ("normal", _("Normal")), ("large", _("Large"))])
    align = choice(_("Align"), ALIGN)


class ImageForm(BlockForm):
    looks = ("width",)
    picture = PictureField()
    alt = line(_("What it shows"), help_text=_("For whoever sees no pictures: 1 in 5 readers."))
    is_decoration = forms.BooleanField(label=_("It only decorates"), required=False)
    href = address()
    tags = TagsField()
    width = choice(_("Width"), [("full", _("Whole")), ("edge", _("As text")), ("half", _("Half"))])


class ButtonForm(BlockForm):
    looks = ("align",)
    text = line(_("On the button"))
    href = address()
    tags = TagsField()
    align = choice(_("Align"), ALIGN)


class ColumnsForm(BlockForm):
    """Two or three cells; a third that is empty goes."""

    title_1, html_1 = line(_("First title")), rich(_("First text"))
    title_2, html_2 = line(_("Second title")), rich(_("Second text"))
    title_3, html_3 = line(_("Third title")), rich(_("Third text"))

    @classmethod
    def initial_of(cls, kept: dict[str, Any]) -> dict[str, Any]:
        cells = [*kept.pop("cells"), Cell(), Cell(), Cell()][:3]
        for number, cell in enumerate(cells, 1):
            kept |= {f"title_{number}": cell.title, f"html_{number}": cell.html}
        return kept

    def facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        cells = [{"title": given[f"title_{n}"], "html": given[f"html_{n}"]} for n in (1, 2, 3)]
        return {"space": given["space"], "cells": cells if any(cells[2].values()) else cells[:2]}


class CardForm(BlockForm):
    name = line(_("Title"))
    overline = line(_("Small, above it"))
    html = rich()
    price = line(_("Price or date"))
    picture = PictureField()
    alt = line(_("What the picture shows"))
    link_text = line(_("Link"))
    href = address()
    tags = TagsField()


class PicksForm(BlockForm):
    """What may be chosen, and how many; which fits whom is not said here."""

    looks = ("layout",)
    heading = line(_("Heading"))
    count = forms.TypedChoiceField(
        label=_("How many"), choices=[(n, str(n)) for n in range(1, 7)], coerce=int, widget=Choice
    )
    kinds = forms.MultipleChoiceField(
        label=_("Picks from"), choices=kind_choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: from everything."),
    )  # fmt: skip
    about = forms.TypedMultipleChoiceField(
        label=_("Only about"), choices=tag_choices, coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    layout = choice(_("Layout"), [("columns", _("Beside each other")), ("list", _("One below the other"))])


class QuoteForm(BlockForm):
    text = forms.CharField(label=_("Quote"), max_length=1_000, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    by = line(_("Who said it"))


class DividerForm(BlockForm):
    """A line has no words."""


class ScaleForm(BlockForm):
    href = address(_("Where an answer leads"))
    low, high = line(_("What 1 means")), line(_("What 5 means"))


class CodeForm(BlockForm):
    text = line(_("Code"), help_text=_("One for everybody, or a field of the person."))
    note = line(_("Below it"))


class SocialForm(BlockForm):
    """Its links are the brand kit's."""


class BrandForm(BlockForm):
    note = line(_("Across from the logo"))


class RawForm(BlockForm):
    html = forms.CharField(
        label=_("HTML"), max_length=MARKUP, required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 16, "class": "mono", "spellcheck": "false"}),
        help_text=_("Scripts, forms and frames are taken out when it is saved."),
    )  # fmt: skip


FORMS: dict[str, type[BlockForm]] = {
    "heading": HeadingForm, "text": TextForm, "image": ImageForm, "button": ButtonForm, "columns": ColumnsForm,
    "card": CardForm, "picks": PicksForm, "quote": QuoteForm, "divider": DividerForm, "scale": ScaleForm, "code": CodeForm,
    "social": SocialForm, "brand": BrandForm, "raw": RawForm,
}  # fmt: skip


def form_for(block: Block, data: Any = None) -> BlockForm:
    """The form of a block, filled with it or with what was sent."""
    return FORMS[kind_of(block)](data, block=block)
