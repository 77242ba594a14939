"""A launch: one product, one button."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.blocks.base import Block
from emails.blocks.brand import BrandBlock
from emails.blocks.button import ButtonBlock
from emails.blocks.columns import Cell, ColumnsBlock
from emails.blocks.divider import DividerBlock
from emails.blocks.heading import HeadingBlock
from emails.blocks.image import ImageBlock
from emails.blocks.quote import QuoteBlock
from emails.blocks.text import TextBlock
from emails.gallery.points import Facts, StartingPoint, paragraphs


def _blocks(facts: Facts) -> list[Block]:
    return [
        BrandBlock(id="brand", note=_("New, from Thursday")),
        ImageBlock(id="picture", space=8),
        HeadingBlock(id="title", text=_("The small one, for two")),
        TextBlock(
            id="words",
            html=paragraphs(
                _(
                    "You asked for it smaller, {{ contact.first_name | default: 'and often' }}. It took us a year: the first"
                    " one dripped, the second one was too heavy to pour with one hand. The third one is the one."
                ),
                _("There are 300 of them. We can make more, but not before spring."),
            ),
        ),
        ButtonBlock(id="button", text=_("See the small one"), space=24),
        ColumnsBlock(
            id="facts",
            cells=(
                Cell(_("Two cups"), paragraphs(_("0.6 litres, 540 grams"))),
                Cell(_("Made to last"), paragraphs(_("Every part can be bought again"))),
                Cell(_("30 days"), paragraphs(_("Try it, and send it back"))),
            ),
        ),
        DividerBlock(id="line"),
        QuoteBlock(
            id="quote", text=_("The first one that I do not put away."), by=_("Samuel O., who tried number 4"), space=24
        ),
    ]


LAUNCH = StartingPoint(
    key="launch",
    name=gettext_lazy("Launch"),
    sentence=gettext_lazy("One product, one button"),
    fits=gettext_lazy("For something new that people can have: what it is, why it took so long, where to get it."),
    blocks=_blocks,
)
