"""Connections, inside a workspace."""

from django.urls import path

from social.views import allowing, connections, listeners

app_name = "social"
urlpatterns = [
    path("connections/", connections.connections, name="connections"),
    path("connections/back/", allowing.back, name="back"),
    path("connections/<slug:network>/add/", connections.add, name="add"),
    path("connections/<int:pk>/secret/", connections.rotate, name="rotate"),
    path("connections/<int:pk>/sign-in/", connections.sign_in, name="sign_in"),
    path("connections/<int:pk>/listeners/", listeners.listeners, name="listeners"),
    path("connections/<int:pk>/listeners/add/", listeners.add, name="listen"),
    path("connections/<int:pk>/listeners/<int:watched>/change/", listeners.change, name="relisten"),
    path("connections/<int:pk>/listeners/<int:watched>/remove/", listeners.remove, name="unlisten"),
    path("connections/<int:pk>/active/", connections.activate, name="activate"),
]
