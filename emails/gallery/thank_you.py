"""A thank-you that asks for nothing."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.blocks.base import Block
from emails.blocks.brand import BrandBlock
from emails.blocks.heading import HeadingBlock
from emails.blocks.image import ImageBlock
from emails.blocks.text import TextBlock
from emails.gallery.points import Facts, StartingPoint, paragraphs


def _blocks(facts: Facts) -> list[Block]:
    return [
        BrandBlock(id="brand"),
        ImageBlock(id="picture", space=8),
        HeadingBlock(id="title", text=_("Thank you, {{ contact.first_name | default: 'really' }}")),
        TextBlock(
            id="words",
            html=paragraphs(
                _(
                    "This year 1,204 of you ordered with us, 86 wrote to us what we should do better, and three of you sent"
                    " cake. We read everything, and we ate the cake."
                ),
                _("There is nothing to click here and nothing to buy. We only wanted to say it once, properly."),
            ),
        ),
        TextBlock(id="sign", html=paragraphs(facts.signature), space=24),
    ]


THANK_YOU = StartingPoint(
    key="thank_you",
    name=gettext_lazy("Thank you"),
    sentence=gettext_lazy("Asks for nothing"),
    fits=gettext_lazy("For the end of a year, a hundredth order, a recommendation: when there is nothing to sell."),
    blocks=_blocks,
)
