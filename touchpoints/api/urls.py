"""`/v1/batch` and one path for each kind of item, with and without a slash."""

from django.urls import re_path

from touchpoints.api.views import ingest

urlpatterns = [
    re_path(r"^(?P<kind>batch|identify|track|page|screen|group|alias)/?$", ingest, name="ingest"),
    re_path(r"^import/?$", ingest, {"kind": "batch"}),
]
