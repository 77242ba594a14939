"""A survey of one question, answered with one tap."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.blocks.base import Block
from emails.blocks.brand import BrandBlock
from emails.blocks.divider import DividerBlock
from emails.blocks.heading import HeadingBlock
from emails.blocks.scale import ScaleBlock
from emails.blocks.text import TextBlock
from emails.gallery.points import Facts, StartingPoint, paragraphs


def _blocks(facts: Facts) -> list[Block]:
    return [
        BrandBlock(id="brand", note=_("One minute")),
        HeadingBlock(id="title", text=_("How was it, {{ contact.first_name | default: 'honestly' }}?")),
        TextBlock(
            id="words",
            html=paragraphs(
                _("Your order has been with you for two weeks. Would you choose it again? One tap is an answer.")
            ),
        ),
        ScaleBlock(id="scale", href=facts.website, low=_("never again"), high=_("at once"), space=16),
        DividerBlock(id="line", space=8),
        TextBlock(
            id="after",
            size="small",
            html=paragraphs(
                _(
                    "If it was a 1 or a 2, answer this email and tell us why. A person reads it and writes back within two days."
                ),
                facts.signature,
            ),
            space=24,
        ),
    ]


SURVEY = StartingPoint(
    key="survey",
    name=gettext_lazy("Survey"),
    sentence=gettext_lazy("Answered with one tap"),
    fits=gettext_lazy(
        "For one question after an order, a visit, a course: each number is a link, its clicks are the answers."
    ),
    blocks=_blocks,
)
