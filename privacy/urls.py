"""The privacy desk."""

from django.urls import path

from privacy import views

app_name = "privacy"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("keep/", views.keep, name="keep"),
    path("new/", views.new_request, name="new"),
    path("<int:pk>/package/", views.package, name="package"),
    path("<int:pk>/<slug:what>/", views.act, name="act"),
]
