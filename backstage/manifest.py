"""What a browser needs to install the product: manifest.webmanifest, and the favicon at its old place."""

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.templatetags.static import static
from django.urls import path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe


@require_safe
@cache_control(public=True, max_age=86400)
def manifest(request: HttpRequest) -> HttpResponse:
    icons = [
        {"src": static("img/icon-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": static("img/icon-512.png"), "sizes": "512x512", "type": "image/png"},
        {"src": static("img/icon-maskable-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    facts = {
        "name": "eCRM", "short_name": "eCRM", "start_url": "/", "scope": "/", "display": "standalone",
        "background_color": "#f4f7f5", "theme_color": "#005e43", "icons": icons,
    }  # fmt: skip
    return JsonResponse(facts, content_type="application/manifest+json")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponsePermanentRedirect(static("img/favicon.ico"))


urlpatterns = [path("manifest.webmanifest", manifest, name="manifest"), path("favicon.ico", favicon)]
