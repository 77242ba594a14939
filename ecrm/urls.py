"""Pages outside every workspace."""

from django.urls import URLPattern, URLResolver, include, path

from backstage.health import healthz, metrics, readyz
from social.hooks import receive
from workspaces.admin import platform_admin

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("accounts/", include("allauth.urls")),
    path("admin/", platform_admin.urls),
    path("", include("ecrm.urls_public")),
    path("v1/", include("touchpoints.api.urls")),
    path("api/v1/", include("workspaces.api.urls")),
    path("hooks/<slug:slug>/<str:token>/", receive, name="hook"),
    path("", include("backstage.manifest")),
    path("", include("backstage.styleguide")),
    path("", include("workspaces.urls")),
]
