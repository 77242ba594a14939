"""Pages that emails, texts and pictures lead to, outside every workspace and without an account.

They stand apart because whoever sends writes their addresses: to read those of the whole product, its API and accounts
included, takes 30 MB and 0.4 s of each process.
"""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("messengers.urls_public")),
    path("p/", include("portal.urls")),
    path("", include("delivery.urls_public")),
    path("", include("emails.urls_public")),
]
