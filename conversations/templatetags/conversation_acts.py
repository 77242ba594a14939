"""One act on a conversation as a small form: works without JavaScript, swaps the panes with it."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from conversations.inbox.queues import View
from conversations.models import Conversation
from conversations.service_levels.targets import due_sentence
from lib.templatetags.look import icon

register = template.Library()


@register.simple_tag(takes_context=True)
def correct_feeling(context: dict[str, Any], pk: int, view: View) -> SafeString:
    """The feelings that a mention can be corrected to, as one small form: a thread has fifty of them."""
    feelings = [("pos", _("Positive")), ("neu", _("Neutral")), ("neg", _("Negative"))]
    buttons = format_html_join("", '<li><button name="label" value="{}">{}</button></li>', feelings)
    url = f"{reverse('conversations:sentiment', args=[pk])}?{view.query}"
    return format_html(
        '<form class="act" method="post" action="{0}" hx-post="{0}" hx-target="#conv" hx-swap="outerHTML">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="{1}"><ul>{2}</ul></form>',
        url, context["csrf_token"], buttons,
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def act(
    context: dict[str, Any], name: str, pk: int, view: View, label: object, field: str = "", value: object = "",
    css: str = "", sign: str = "", key: str = "", says: str = "",
) -> SafeString:  # fmt: skip
    """`{% act "close" conversation.pk view "Done" css="button" sign="check" key="e" %}`"""
    url = f"{reverse(f'conversations:{name}', args=[pk])}?{view.query}"
    said = format_html('<input type="hidden" name="{}" value="{}">', field, value) if field else ""
    keyed = format_html(' data-key="{0}" aria-keyshortcuts="{0}"', key) if key else ""
    return format_html(
        '<form class="act" method="post" action="{url}" hx-post="{url}" hx-target="#conv" hx-swap="outerHTML">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="{token}">{said}'
        "<button{css}{keyed}{said_so}>{sign}{label}</button></form>",
        url=url,
        token=context["csrf_token"],  # made once a page: a fresh one for each of 150 acts cost a quarter of the page
        said=said,
        css=format_html(' class="{}"', css) if css else "",
        keyed=keyed,
        said_so=format_html(' aria-label="{}"', _("Remove “%(name)s”") % {"name": says}) if says else "",
        sign=icon(sign, "tiny") if sign else "",
        label=label,
    )


@register.filter
def answer_by(conversation: Conversation) -> str:
    """Until when it is to be answered, and why then: `{{ conversation|answer_by }}`."""
    return due_sentence(conversation)
