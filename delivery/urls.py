"""Senders, inside a workspace."""

from django.urls import path

from delivery.views import senders

app_name = "delivery"
urlpatterns = [
    path("", senders.listing, name="senders"),
    path("new/", senders.new, name="new_sender"),
    path("<int:pk>/", senders.edit, name="sender"),
    path("<int:pk>/test/", senders.test, name="test_sender"),
    path("<int:pk>/remove/", senders.remove, name="remove_sender"),
]
