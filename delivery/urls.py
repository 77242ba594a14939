"""Senders, inside a workspace."""

from django.urls import path

from delivery.views import folders, senders, telling

app_name = "delivery"
urlpatterns = [
    path("", senders.listing, name="senders"),
    path("new/", senders.new, name="new_sender"),
    path("<int:pk>/", senders.edit, name="sender"),
    path("<int:pk>/returns/", telling.set_up, name="set_up_telling"),
    path("<int:pk>/returns/remove/", telling.remove, name="remove_telling"),
    path("<int:pk>/emails/", folders.emails, name="folder"),
    path("<int:pk>/emails/<slug:stem>/", folders.email, name="folder_email"),
    path("<int:pk>/test/", senders.test, name="test_sender"),
    path("<int:pk>/remove/", senders.remove, name="remove_sender"),
]
