"""Ways to a form from elsewhere: its address, one line of HTML for a page of one's own, a code to print."""

import io
from html import escape
from urllib.parse import urlsplit

import segno
from django.utils.translation import gettext as _

from consent.models import SignUp, SignUpForm
from lib.links import public_link
from workspaces.current import OpenWorkspace

FRAME_HEIGHT = 760
MOST_ORIGINS = 20


class BadOriginError(ValueError):
    """No address of a site; the text is what was written."""


def form_link(workspace: OpenWorkspace, form: SignUpForm) -> str:
    """Where people sign up."""
    return public_link("portal:form", workspace.slug, form.slug)


def embed_snippet(workspace: OpenWorkspace, form: SignUpForm) -> str:
    """One line of HTML: a frame with nothing in it that runs, stores or follows."""
    link = public_link("portal:form_embedded", workspace.slug, form.slug)
    title = escape(_("Sign up: %(form)s") % {"form": form.name})
    return f'<iframe src="{escape(link)}" title="{title}" width="100%" height="{FRAME_HEIGHT}" loading="lazy"></iframe>'


def code_file(workspace: OpenWorkspace, form: SignUpForm, kind: str) -> bytes:
    """The QR code as a file of this kind, svg or png, sharp enough for a poster; black on white wherever it stands."""
    out = io.BytesIO()
    _code(workspace, form).save(out, kind=kind, scale=20, border=4, dark="black", light="white")
    return out.getvalue()


def origins_of(text: str) -> list[str]:
    """The sites, one a line, as a browser names them (https://shop.example). BadOriginError."""
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        try:
            parts = urlsplit(line)
            origin = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        except ValueError as error:
            raise BadOriginError(line) from error
        host = parts.hostname or ""
        if (
            parts.scheme not in {"http", "https"}
            or not host.isascii()
            or not host.replace("-", "").replace(".", "").isalnum()
        ):
            raise BadOriginError(line)
        found.append(origin)
    return list(dict.fromkeys(found))[:MOST_ORIGINS]


def _code(workspace: OpenWorkspace, form: SignUpForm) -> segno.QRCode:
    return segno.make(f"{form_link(workspace, form)}?by={SignUp.Way.CODE.value}", error="m", micro=False)
