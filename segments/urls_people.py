"""The list of people, inside a workspace."""

from django.urls import path

from segments.views import bulk, people, saved

app_name = "people"
urlpatterns = [
    path("", people.people, name="list"),
    path("count/", people.count, name="count"),
    path("keep/", people.keep, name="keep"),
    path("columns/", saved.columns, name="columns"),
    path("views/", saved.save, name="save_view"),
    path("views/<int:pk>/", saved.change, name="change_view"),
    path("bulk/", bulk.bulk, name="bulk"),
    path("bulk/<int:pk>/", bulk.standing, name="action"),
    path("bulk/<int:pk>/undo/", bulk.take_back, name="undo"),
    path("export.<slug:kind>", bulk.export, name="export"),
    path("quality/", people.list_quality, name="quality"),
]
