"""Templates of transactional emails, inside a workspace."""

from django.urls import path

from delivery.views import templates

app_name = "templates"
urlpatterns = [
    path("", templates.listing, name="list"),
    path("new/", templates.new, name="new"),
    path("<int:pk>/", templates.page, name="page"),
    path("<int:pk>/edit/", templates.edit, name="edit"),
    path("<int:pk>/preview/", templates.preview, name="preview"),
    path("<int:pk>/test/", templates.test, name="test"),
    path("<int:pk>/approve/", templates.approve, name="approve"),
    path("<int:pk>/retire/", templates.retire, name="retire"),
]
