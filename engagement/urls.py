"""Home and engagement, inside a workspace."""

from django.urls import path

from engagement import views

app_name = "engagement"
urlpatterns = [
    path("", views.home, name="home"),
    path("engagement/", views.overview, name="overview"),
    path("engagement/model/", views.model, name="model"),
    path("engagement/annotations/", views.annotate, name="annotate"),
    path("engagement/annotations/<int:pk>/remove/", views.remove_annotation, name="remove_annotation"),
]
