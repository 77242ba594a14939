"""The list of people, inside a workspace."""

from django.urls import path

from segments import views_people

app_name = "people"
urlpatterns = [
    path("", views_people.people, name="list"),
    path("count/", views_people.count, name="count"),
    path("keep/", views_people.keep, name="keep"),
    path("quality/", views_people.list_quality, name="quality"),
]
