"""To people who have not been here for long: no pressure, and a way to hear less."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.blocks.base import Block
from emails.blocks.brand import BrandBlock
from emails.blocks.button import ButtonBlock
from emails.blocks.card import CardBlock
from emails.blocks.text import TextBlock
from emails.gallery.points import Facts, StartingPoint, paragraphs


def _blocks(facts: Facts) -> list[Block]:
    return [
        BrandBlock(id="brand"),
        TextBlock(
            id="words",
            html=paragraphs(
                _("Hello {{ contact.first_name | default: 'there' }},"),
                _(
                    "it has been a while since we heard from you. We do not want to press you; we only want you to know what"
                    " is different since spring. These two are what people came back for."
                ),
            ),
        ),
        CardBlock(
            id="first",
            name=_("It is back, and better"),
            html=paragraphs(_("The one that was sold out in April. A little lighter this year, and the lid fits.")),
            link_text=_("Show me"),
            space=8,
        ),
        CardBlock(
            id="second",
            name=_("Repaired while you wait"),
            html=paragraphs(_("Bring what is broken on a Friday. Most things take us twenty minutes.")),
            link_text=_("How it works"),
        ),
        ButtonBlock(id="button", text=_("Look around"), href=facts.website, space=24),
        TextBlock(
            id="less",
            size="small",
            html=paragraphs(
                _("Too many emails? At the foot of this one you can choose how often you hear from us."),
            ),
            space=24,
        ),
    ]


WIN_BACK = StartingPoint(
    key="win_back",
    name=gettext_lazy("Win back"),
    sentence=gettext_lazy("What is new since then, no pressure"),
    fits=gettext_lazy("For people who bought or read once and have been quiet for months."),
    blocks=_blocks,
)
