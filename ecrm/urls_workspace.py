"""Pages inside a workspace; the prefix /w/<slug> is never mentioned here."""

from django.urls import URLPattern, URLResolver, include, path

from workspaces.admin import workspace_admin

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", workspace_admin.urls),
    path("", include("engagement.urls")),
    path("", include("workspaces.urls_inside")),
    path("contacts/", include("segments.urls_people")),
    path("contacts/imports/", include("imports.urls")),
    path("contacts/", include("consent.urls")),
    path("contacts/privacy/", include("privacy.urls")),
    path("contacts/", include("contacts.urls")),
    path("contacts/", include("delivery.urls_people")),
    path("segments/", include("segments.urls")),
    path("touchpoints/", include("touchpoints.urls")),
    path("inbox/", include("social.urls")),
    path("inbox/", include("conversations.urls")),
    path("programmes/", include("campaigns.urls_programmes")),
    path("campaigns/senders/", include("delivery.urls")),
    path("campaigns/senders/", include("messengers.urls")),
    path("campaigns/transactional/", include("delivery.urls_templates")),
    path("campaigns/transactional/", include("campaigns.urls_template_emails"), {"of": "template"}),
    path("campaigns/deliverability/", include("deliverability.urls")),
    path("campaigns/handed-over/", include("messengers.urls_handed_over")),
    path("campaigns/", include("campaigns.urls")),
    path("emails/", include("emails.urls")),
    path("help/", include("backstage.help")),
    path("metrics-explained/", include("backstage.metrics_page")),
]
