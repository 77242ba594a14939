"""Pages of segments."""

from django.urls import path

from segments import views, views_lists

app_name = "segments"
urlpatterns = [
    path("", views.segments, name="list"),
    path("new/", views.new, name="new"),
    path("lists/new/", views_lists.new_list, name="new_list"),
    path("suggestions/", views.suggestions, name="suggestions"),
    path("<int:pk>/", views.segment, name="segment"),
    path("<int:pk>/standing/", views.standing, name="standing"),
    path("<int:pk>/people/add/", views_lists.add_people, name="add_people"),
    path("<int:pk>/people/remove/", views_lists.remove_person, name="remove_person"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/export.csv", views.export, name="export"),
]
