"""`/t/ecrm.js`: the web snippet, served to any site with a short life in caches."""

from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """The script itself: `<script async src="…/t/ecrm.js" data-key="browser_…"></script>`."""
    response = HttpResponse(_text(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@cache
def _text() -> str:
    return (settings.BASE_DIR / "static" / "js" / "ecrm.js").read_text()


urlpatterns = [path("ecrm.js", script, name="snippet")]
