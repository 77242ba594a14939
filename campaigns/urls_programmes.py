"""Programmes, inside a workspace."""

from django.urls import path

from campaigns.views import programmes

app_name = "programmes"
urlpatterns = [
    path("", programmes.listing, name="list"),
    path("new/", programmes.new, name="new"),
    path("<int:pk>/", programmes.page, name="page"),
    path("<int:pk>/edit/", programmes.edit, name="edit"),
]
