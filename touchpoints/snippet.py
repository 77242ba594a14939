"""Scripts for other people's sites, with a short life in caches: the web snippet, and what asks for notifications."""

import gzip
import hashlib
import re
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.cache import get_conditional_response, patch_vary_headers

SCRIPTS = {"/t/ecrm.js": "ecrm.js", "/t/push.js": "push.js", "/t/push-worker.js": "push_worker.js"}
TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")
HEADERS = {
    "Cache-Control": "public, max-age=3600",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


def answer_script(request: HttpRequest) -> HttpResponse | None:
    """A script, where one is asked for: every visitor of every site asks for this, so it costs no session and no database."""
    name = SCRIPTS.get(request.path_info)
    return script(request, name) if name else None


def script(request: HttpRequest, name: str = "ecrm.js") -> HttpResponse:
    """A script itself, the snippet as `<script async src="…/t/ecrm.js" data-key="browser_…"></script>`."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    plain, packed, etag = _text(name)
    takes_gzip = bool(TAKES_GZIP.search(request.headers.get("Accept-Encoding", "")))
    body = packed if takes_gzip else plain
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8", headers=HEADERS)
    response["ETag"] = f'W/"{etag}"'  # weak: packed or not, it is the same script
    response["Content-Length"] = str(len(body))
    patch_vary_headers(response, ["Accept-Encoding"])
    if takes_gzip:
        response["Content-Encoding"] = "gzip"
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


@cache
def _text(name: str) -> tuple[bytes, bytes, str]:
    """The script, the script packed, and what tells this version from others."""
    plain = (settings.BASE_DIR / "static" / "js" / name).read_bytes()
    return plain, gzip.compress(plain, mtime=0), hashlib.sha256(plain).hexdigest()[:20]
