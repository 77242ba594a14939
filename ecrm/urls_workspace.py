"""Pages inside a workspace; the prefix /w/<slug> is never mentioned here."""

from django.urls import URLPattern, URLResolver, include, path

from workspaces.admin import workspace_admin

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", workspace_admin.urls),
    path("", include("engagement.urls")),
    path("", include("workspaces.urls_inside")),
    path("contacts/", include("contacts.urls")),
    path("segments/", include("contacts.segments.urls")),
    path("touchpoints/", include("touchpoints.urls")),
    path("inbox/", include("social.urls")),
    path("programmes/", include("campaigns.urls_programmes")),
    path("campaigns/", include("campaigns.urls")),
    path("help/", include("ecrm.help")),
    path("metrics-explained/", include("ecrm.metrics_page")),
]
