"""A sample email in a brand's look, as its kit's page shows it: every colour and font at its work."""

from collections.abc import Iterator
from dataclasses import replace
from html import escape
from urllib.parse import urlsplit

import css_inline
from django.utils.translation import gettext as _

from emails.blocks.base import Block
from emails.blocks.brand import BrandBlock
from emails.blocks.button import ButtonBlock
from emails.blocks.card import CardBlock
from emails.blocks.heading import HeadingBlock
from emails.blocks.image import ImageBlock
from emails.blocks.quote import QuoteBlock
from emails.blocks.social import SocialBlock
from emails.blocks.text import TextBlock
from emails.drawing import draw, page_of
from emails.kits import canvas_for
from emails.look import look_of
from emails.models import BrandKit, Picture
from emails.previewing import pinned
from workspaces.current import OpenWorkspace

NOWHERE = "https://example.com/"
_inliner = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)


def sample_email(kit: BrandKit, workspace: OpenWorkspace, *, is_dark: bool = False) -> str:
    """The HTML of a sample email in this kit, saved or not. Three queries at most."""
    look = look_of(kit, name=workspace.name, language=workspace.locale, website=workspace.website)
    logos = [one for one in (kit.logo_id, kit.dark_logo_id) if one]
    picture = Picture.objects.exclude(pk__in=logos).filter(width__gte=560).order_by("-made_at").only("alt").first()
    blocks = list(_blocks(picture))
    canvas = canvas_for(blocks, look)
    # From where this page is: it may have been opened by another name than the one that emails lead to.
    pictures = {pk: replace(one, url=urlsplit(one.url).path) for pk, one in canvas.pictures.items()}
    page = page_of(draw(blocks, replace(canvas, pictures=pictures)))
    at = page.rindex("</body>")
    return pinned(_inliner.inline(page[:at] + _foot(workspace) + page[at:]), is_dark=is_dark)


def _blocks(picture: Picture | None) -> Iterator[Block]:
    yield BrandBlock(id="b1", space=0)
    if picture is not None:
        yield ImageBlock(id="b2", picture=picture.pk, alt=picture.alt, is_decoration=not picture.alt)
    yield HeadingBlock(id="b3", text=_("Good that you are here"))
    yield TextBlock(id="b4", html=f"<p>{_text()}</p>")
    yield ButtonBlock(id="b5", text=_("See what is new"), href=NOWHERE)
    yield CardBlock(
        id="b6",
        overline=_("From our journal"),
        name=_("What the first cold days do"),
        html=f"<p>{escape(_('Cards stand on a ground of their own.'))}</p>",
        link_text=_("Read on"),
        href=NOWHERE,
    )
    yield QuoteBlock(id="b7", text=_("I kept this email. That happens twice a year."), by=_("A reader"))
    yield SocialBlock(id="b8", space=24)


def _text() -> str:
    link = f'<a href="{NOWHERE}">{escape(_("a link"))}</a>'
    words = _(
        "So your readers see you: a heading, a few words with %(link)s in them, and a button that is hard to miss."
    )
    return escape(words) % {"link": link}


def _foot(workspace: OpenWorkspace) -> str:
    """The foot as an email has it, leading nowhere."""
    why = escape(_("You get this because you agreed to hear from %(brand)s.") % {"brand": workspace.name})
    acts = " · ".join(
        f'<a href="{NOWHERE}">{escape(one)}</a>' for one in (_("What you get, and how often"), _("Unsubscribe"))
    )
    address = "<br>".join(map(escape, workspace.postal_address.splitlines()))
    lines = [one for one in (why, acts, address) if one]
    return f'<div class="foot">{"".join(f"<p>{one}</p>" for one in lines)}</div>'
