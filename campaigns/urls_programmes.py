"""Programmes, inside a workspace."""

from django.urls import path

from campaigns.views import charters, programmes

app_name = "programmes"
urlpatterns = [
    path("", programmes.listing, name="list"),
    path("new/", charters.new, name="new"),
    path("preview/", charters.preview, name="preview"),
    path("<int:pk>/", programmes.page, name="page"),
    path("<int:pk>/edit/", charters.edit, name="edit"),
    path("<int:pk>/costs/", charters.new_cost, name="new_cost"),
    path("<int:pk>/costs/<int:cost>/remove/", charters.drop_cost, name="drop_cost"),
]
