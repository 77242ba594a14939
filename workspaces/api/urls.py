"""`/api/v1/…`."""

from django.urls import path

from workspaces.api.opening import open_api
from workspaces.api.views import openapi, reference

urlpatterns = [
    path("", reference, name="api_reference"),
    path("openapi.json", openapi, name="api_document"),
    *open_api().urls[0],
]
