"""An invitation: when, where, how many seats. A file for calendars is linked to, as an email of many has no attachments."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.blocks.base import Block
from emails.blocks.brand import BrandBlock
from emails.blocks.button import ButtonBlock
from emails.blocks.card import CardBlock
from emails.blocks.columns import Cell, ColumnsBlock
from emails.blocks.heading import HeadingBlock
from emails.blocks.image import ImageBlock
from emails.blocks.text import TextBlock
from emails.gallery.points import Facts, StartingPoint, paragraphs


def _blocks(facts: Facts) -> list[Block]:
    return [
        BrandBlock(id="brand", note=_("Come by")),
        ImageBlock(id="picture", space=8),
        HeadingBlock(id="title", text=_("An evening at our table, Thursday 3 December")),
        TextBlock(
            id="words",
            html=paragraphs(
                _("Hello {{ contact.first_name | default: 'there' }},"),
                _(
                    "we clear the workshop, put up one long table and show you what we do all day. You try it yourself; there"
                    " is cake. You need to know nothing at all."
                ),
            ),
        ),
        ColumnsBlock(
            id="when",
            cells=(
                Cell(_("19:00 to 21:30"), paragraphs(_("Doors open at half past six"))),
                Cell(_("At our workshop"), paragraphs(_("Street and number, five minutes from the station"))),
                Cell(_("Eleven seats"), paragraphs(_("18 a person, cake included"))),
            ),
        ),
        ButtonBlock(id="seat", text=_("Keep a seat for me"), space=16),
        CardBlock(
            id="calendar",
            overline=_("For your calendar"),
            name=facts.event or _("Thursday 3 December, 19:00 to 21:30"),
            link_text=_("Put it in my calendar (.ics)"),
            href=facts.calendar,
        ),
        TextBlock(
            id="no",
            size="small",
            html=paragraphs(
                _("You cannot come? Answer “next time”, and we write to you first when there is another one.")
            ),
            space=24,
        ),
    ]


EVENT = StartingPoint(
    key="event",
    name=gettext_lazy("Event invitation"),
    sentence=gettext_lazy("Time, place, seat, .ics"),
    fits=gettext_lazy(
        "For an evening, a course, a webinar. The card links to the calendar file (.ics) of what begins next in your library; "
        "where nothing does, it asks you for an address."
    ),
    blocks=_blocks,
)
