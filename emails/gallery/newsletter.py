"""A newsletter: one story told, two more to choose from."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.blocks.base import Block
from emails.blocks.brand import BrandBlock
from emails.blocks.button import ButtonBlock
from emails.blocks.card import CardBlock
from emails.blocks.heading import HeadingBlock
from emails.blocks.image import ImageBlock
from emails.blocks.social import SocialBlock
from emails.blocks.text import TextBlock
from emails.gallery.points import Facts, StartingPoint, paragraphs


def _blocks(facts: Facts) -> list[Block]:
    return [
        BrandBlock(id="brand", note=_("Three minutes to read")),
        ImageBlock(id="picture", space=8),
        HeadingBlock(id="title", text=_("Four minutes, not three")),
        TextBlock(
            id="story",
            html=paragraphs(
                _("Hello {{ contact.first_name | default: 'there' }},"),
                _(
                    "for years we told everybody three minutes. In October we tried it again, eleven times, with a clock"
                    " and a thermometer. We were wrong, and the difference can be tasted."
                ),
                _("Here is what we did, what went wrong the first two times, and what you can do with it tonight."),
            ),
        ),
        ButtonBlock(id="button", text=_("Read the story"), space=24),
        CardBlock(
            id="first",
            overline=_("You asked"),
            name=_("Can it be kept over the winter?"),
            html=paragraphs(_("Fourteen of you wanted to know. Yes, and all you need is a dark shelf.")),
            link_text=_("The whole answer"),
            space=8,
        ),
        CardBlock(
            id="second",
            overline=_("New"),
            name=_("Forty of them, from today"),
            html=paragraphs(_("We made a small batch first, so that you can tell us what to change.")),
            link_text=_("Have a look"),
            space=24,
        ),
        SocialBlock(id="social"),
    ]


NEWSLETTER = StartingPoint(
    key="newsletter",
    name=gettext_lazy("Newsletter"),
    sentence=gettext_lazy("One story, two more"),
    fits=gettext_lazy("For news that comes every week or month: people open it for the story and stay for the rest."),
    blocks=_blocks,
)
