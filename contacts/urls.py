"""Pages of people."""

from django.urls import path

from contacts.views import changes, duplicates, notes, people

app_name = "contacts"
urlpatterns = [
    path("new/", people.new, name="new"),
    path("look-up/", people.look_up, name="look_up"),
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/search/", duplicates.search, name="search_duplicates"),
    path("duplicates/<int:pk>/merge/", duplicates.merge, name="merge"),
    path("duplicates/<int:pk>/not-the-same/", duplicates.not_the_same, name="not_the_same"),
    path("duplicates/merges/<int:pk>/undo/", duplicates.undo, name="undo_merge"),
    path("<int:pk>/", people.contact, name="contact"),
    path("<int:pk>/edit/", people.edit, name="edit"),
    path("<int:pk>/reveal/", people.reveal_name, name="reveal"),
    path("<int:pk>/roles/", changes.roles, name="roles"),
    path("<int:pk>/roles/<int:role>/end/", changes.role_end, name="role_end"),
    path("<int:pk>/tags/", changes.tags, name="tags"),
    path("<int:pk>/tags/<int:tag>/remove/", changes.tag_remove, name="tag_remove"),
    path("<int:pk>/notes/", notes.notes, name="notes"),
    path("<int:pk>/notes/<int:note>/remove/", notes.note_remove, name="note_remove"),
    path("<int:pk>/notes/<int:note>/edit/", notes.note_edit, name="note_edit"),
    path("<int:pk>/notes/<int:note>/files/<int:file>/", notes.attachment, name="attachment"),
    path("mentions/seen/", notes.mentions_seen, name="mentions_seen"),
]
