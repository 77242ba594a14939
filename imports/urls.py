"""Files of people, inside a workspace."""

from django.urls import path

from imports import undo_views, views

app_name = "imports"
urlpatterns = [
    path("", views.imports, name="list"),
    path("<int:pk>/", views.import_run, name="run"),
    path("<int:pk>/columns/", views.map_columns, name="columns"),
    path("<int:pk>/reading/", views.reading, name="reading"),
    path("<int:pk>/pause/", views.import_pause, name="pause"),
    path("<int:pk>/go-on/", views.import_go_on, name="go_on"),
    path("<int:pk>/undo/count/", undo_views.count, name="undo_count"),
    path("<int:pk>/undo/", undo_views.undo, name="undo"),
    path("<int:pk>/report.csv", views.import_report, name="report"),
]
