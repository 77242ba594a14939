"""Pages of segments."""

from django.urls import path

from segments.views import lists, segments

app_name = "segments"
urlpatterns = [
    path("", segments.segments, name="list"),
    path("new/", segments.new, name="new"),
    path("lists/new/", lists.new_list, name="new_list"),
    path("suggestions/", segments.suggestions, name="suggestions"),
    path("<int:pk>/", segments.segment, name="segment"),
    path("<int:pk>/standing/", segments.standing, name="standing"),
    path("<int:pk>/people/add/", lists.add_people, name="add_people"),
    path("<int:pk>/people/remove/", lists.remove_person, name="remove_person"),
    path("<int:pk>/delete/", segments.delete, name="delete"),
    path("<int:pk>/export.csv", segments.export, name="export"),
]
