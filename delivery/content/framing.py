"""From what was written to one page of mail HTML: Markdown, HTML or MJML, the frame, the footer, styles inline."""

import re
from typing import Any

import css_inline
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from delivery.content.liquid import BadTemplateError
from delivery.content.markdown import markdown_html
from delivery.content.marking import HIDDEN, Keeper, place
from delivery.models import Content, Message
from emails.drawing import page_of
from workspaces.current import OpenWorkspace

MJ_PREVIEW = re.compile(r"<mj-preview\b[^>]*>(.*?)</mj-preview\s*>", re.IGNORECASE | re.DOTALL)
LATE_TBODY = re.compile(rf"((?:{HIDDEN.pattern}\s*)+)<tbody>")
DRAWN = {"mjml", "blocks"}  # formats whose body is MJML
BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_inliner = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
_reader = css_inline.CSSInliner(inline_style_tags=False, keep_style_tags=True, load_remote_stylesheets=False)


def lay_out(keeper: Keeper, body: str, *, message: Message, workspace: OpenWorkspace, preheader: str = "") -> str:
    """The whole page of a body whose tags are words; those that only a comment keeps in place are comments now.

    BadMarkupError, BadTemplateError.
    """
    if message.content.body_format in DRAWN:
        body, own = take_preview_line(body)
        preheader = preheader or own
    inside = body_html(keeper, body, message.content.body_format)
    counts = workspace.tracks_mail and message.is_measured
    page = frame(inside, message=message, workspace=workspace, preheader=preheader, counts=counts)
    # A parser opens a <tbody> at the first row: behind a tag that stands before it, it would be for some only.
    return page if "<tbody" in body.lower() else LATE_TBODY.sub(r"<tbody>\1", page)


def take_preview_line(body: str) -> tuple[str, str]:
    """MJML without its own preview line, and that line: there is one, and it is ours to write."""
    found = MJ_PREVIEW.search(body)
    return (MJ_PREVIEW.sub("", body), found[1].strip()) if found else (body, "")


def take_body(keeper: Keeper, content: Content) -> str:
    """The body with a word in each tag's place."""
    body = keeper.take(content.body)
    return body if content.body_format == Content.Format.MARKDOWN else keeper.free_lonely(body)


def body_html(keeper: Keeper, body: str, body_format: str) -> str:
    """A body with words in the place of its tags as HTML, those that only a comment keeps in place as comments.

    BadMarkupError, BadTemplateError.
    """
    if body_format == "markdown":
        return keeper.hide(markdown_html(keeper, body))
    body = keeper.hide(body)
    if body_format in DRAWN:
        try:
            return page_of(body)
        except (ValueError, OSError, RuntimeError) as error:
            raise BadTemplateError(f"MJML: {str(error)[:200]}") from error
    return body


def frame(html: str, *, message: Message, workspace: OpenWorkspace, preheader: str, counts: bool) -> str:
    """The whole page: a text that is a page already keeps its own frame and gets our footer; what is plain has none."""
    if message.is_plain or message.is_letter:
        return html
    locale = message.content.language or workspace.locale
    with override(locale):
        context = {
            "workspace": workspace,
            "why": why(message, workspace),
            "unsubscribe": place("unsubscribe"),
            "page": place("page"),
            "pixel": place("pixel") if counts else "",
            "honeypot": place("honeypot") if counts else "",
            "preheader": preheader,
            "locale": locale,
            "is_public": message.is_public,
            "is_styled": message.content.body_format == Content.Format.BLOCKS,
        }
        if "</body>" in html.lower():
            page = _with_ours(html, context)
        else:
            name = "delivery/email_personal.html" if message.is_personal else "delivery/email.html"
            page = render_to_string(name, context | {"body": html})
    try:
        return str(_inliner.inline(page))
    except (ValueError, css_inline.InlineError) as error:
        raise BadTemplateError(f"CSS: {str(error)[:200]}") from error


def _with_ours(html: str, context: dict[str, Any]) -> str:
    """A page of its own with our preview line and our foot."""
    at = html.lower().rindex("</body>")
    page = html[:at] + render_to_string("delivery/email_foot.html", context) + html[at:]
    if not context["preheader"]:
        return page
    line = render_to_string("delivery/email_preview_line.html", context)
    return BODY.sub(lambda found: found[0] + line, page, count=1)


def normal(html: str) -> str:
    """A page as an HTML parser reads it, with nothing inlined."""
    return str(_reader.inline(html))


def why(message: Message, workspace: OpenWorkspace) -> str:
    """Why somebody gets this, in a sentence."""
    if message.is_public:
        return _("An email of %(brand)s, for whoever has this address.") % {"brand": workspace.name}
    names = {"brand": workspace.name, "topic": message.topic.name if message.topic else ""}
    if message.purpose == Message.Purpose.TRANSACTIONAL:
        return _("You get this because it belongs to an order or a contract with %(brand)s.") % names
    if message.purpose == Message.Purpose.CONFIRMATION:
        return (
            _("You get this because somebody signed up at %(brand)s with your address. If it was not you, do nothing.")
            % names
        )
    if message.topic:
        return _("You get this because you asked %(brand)s for “%(topic)s”.") % names
    return _("You get this because you agreed to hear from %(brand)s.") % names
