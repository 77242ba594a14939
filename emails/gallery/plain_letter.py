"""A letter from a person, without a look."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.blocks.base import Block
from emails.blocks.divider import DividerBlock
from emails.blocks.text import TextBlock
from emails.gallery.points import Facts, StartingPoint, paragraphs


def _blocks(facts: Facts) -> list[Block]:
    return [
        TextBlock(
            id="words",
            html=paragraphs(
                _("Hello {{ contact.first_name | default: 'there' }},"),
                _(
                    "the parcels of 12 November went out with the wrong label. That was our mistake, not yours and not the"
                    " post’s. The printer is mended, and I have looked through every parcel since then myself."
                ),
                _("A new one left at noon. What you already have is yours to keep or to give away."),
                _("If it happens again, answer this email. It comes to me and not to a form."),
            ),
            space=8,
        ),
        TextBlock(id="sign", html=paragraphs(facts.signature), space=16),
        DividerBlock(id="line", space=8),
    ]


PLAIN_LETTER = StartingPoint(
    key="plain_letter",
    name=gettext_lazy("Plain letter"),
    sentence=gettext_lazy("From a person, no look"),
    fits=gettext_lazy("For an apology, an explanation, a word from you: what should read as if somebody had typed it."),
    blocks=_blocks,
)
