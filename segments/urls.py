"""Pages of segments."""

from django.urls import path

from segments import views

app_name = "segments"
urlpatterns = [
    path("", views.segments, name="list"),
    path("new/", views.new, name="new"),
    path("suggestions/", views.suggestions, name="suggestions"),
    path("<int:pk>/", views.segment, name="segment"),
    path("<int:pk>/standing/", views.standing, name="standing"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/export.csv", views.export, name="export"),
]
