"""The list of people, inside a workspace."""

from django.urls import path

from segments import views_bulk, views_people, views_saved

app_name = "people"
urlpatterns = [
    path("", views_people.people, name="list"),
    path("count/", views_people.count, name="count"),
    path("keep/", views_people.keep, name="keep"),
    path("columns/", views_saved.columns, name="columns"),
    path("views/", views_saved.save, name="save_view"),
    path("views/<int:pk>/", views_saved.change, name="change_view"),
    path("bulk/", views_bulk.bulk, name="bulk"),
    path("bulk/<int:pk>/", views_bulk.standing, name="action"),
    path("bulk/<int:pk>/undo/", views_bulk.take_back, name="undo"),
    path("export.<slug:kind>", views_bulk.export, name="export"),
    path("quality/", views_people.list_quality, name="quality"),
]
