"""`/v1/batch` and one path for each kind of item, each by its first letter too, with and without a slash."""

from django.urls import re_path

from touchpoints.api.views import ingest, nothing_here, settings

urlpatterns = [
    re_path(r"^(?P<kind>batch|identify|track|page|screen|group|alias|[ptisgab])/?\Z", ingest, name="ingest"),
    re_path(r"^import/?\Z", ingest, {"kind": "batch"}),
    re_path(r"^projects/(?P<key>[^/]{1,200})/settings/?\Z", settings, name="client_settings"),
    re_path(r"^sourceConfig/?\Z", settings),
    re_path(r"", nothing_here),
]
