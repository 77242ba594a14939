"""The first email after a sign-up: what comes, how often, and one question."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.blocks.base import Block
from emails.blocks.brand import BrandBlock
from emails.blocks.button import ButtonBlock
from emails.blocks.columns import Cell, ColumnsBlock
from emails.blocks.heading import HeadingBlock
from emails.blocks.text import TextBlock
from emails.gallery.points import Facts, StartingPoint, paragraphs


def _blocks(facts: Facts) -> list[Block]:
    return [
        BrandBlock(id="brand"),
        HeadingBlock(id="title", text=_("Good that you are here, {{ contact.first_name | default: 'and welcome' }}")),
        TextBlock(
            id="hello",
            html=paragraphs(
                _(
                    "Twice a month we write to you about one thing, and how we make it. If that is too often, click “What"
                    " you get, and how often” at the foot of any email."
                ),
                _("So that we write about what you like: which of these two is more like you?"),
            ),
        ),
        ColumnsBlock(
            id="two",
            cells=(
                Cell(_("I am just beginning"), paragraphs(_("Short recipes, what to buy first, what to leave."))),
                Cell(_("I know my way around"), paragraphs(_("Where things come from, who makes them, and why."))),
            ),
        ),
        ButtonBlock(id="button", text=_("Tell us which"), space=24),
        TextBlock(
            id="sign",
            html=paragraphs(_("You can simply answer this email, too. Somebody reads every answer."), facts.signature),
            space=24,
        ),
    ]


WELCOME = StartingPoint(
    key="welcome",
    name=gettext_lazy("Welcome"),
    sentence=gettext_lazy("After a sign-up: ask one thing"),
    fits=gettext_lazy("For the minutes after somebody signed up, when an email is read more than ever again."),
    blocks=_blocks,
)
