"""Pages of people."""

from django.urls import path

from contacts.views import changes, people

app_name = "contacts"
urlpatterns = [
    path("new/", people.new, name="new"),
    path("look-up/", people.look_up, name="look_up"),
    path("<int:pk>/", people.contact, name="contact"),
    path("<int:pk>/edit/", people.edit, name="edit"),
    path("<int:pk>/reveal/", people.reveal_name, name="reveal"),
    path("<int:pk>/roles/", changes.roles, name="roles"),
    path("<int:pk>/roles/<int:role>/end/", changes.role_end, name="role_end"),
    path("<int:pk>/tags/", changes.tags, name="tags"),
    path("<int:pk>/tags/<int:tag>/remove/", changes.tag_remove, name="tag_remove"),
    path("<int:pk>/notes/", changes.notes, name="notes"),
    path("<int:pk>/notes/<int:note>/remove/", changes.note_remove, name="note_remove"),
]
