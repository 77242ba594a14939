"""Pages of people."""

from django.urls import path

from contacts.views import changes, imports, people

app_name = "contacts"
urlpatterns = [
    path("", people.people, name="list"),
    path("new/", people.new, name="new"),
    path("look-up/", people.look_up, name="look_up"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:pk>/", imports.import_run, name="import_run"),
    path("imports/<int:pk>/columns/", imports.map_columns, name="import_map"),
    path("imports/<int:pk>/pause/", imports.import_pause, name="import_pause"),
    path("imports/<int:pk>/go-on/", imports.import_go_on, name="import_go_on"),
    path("imports/<int:pk>/report.csv", imports.import_report, name="import_report"),
    path("<int:pk>/", people.contact, name="contact"),
    path("<int:pk>/edit/", people.edit, name="edit"),
    path("<int:pk>/may-write/", people.may_write, name="may_write"),
    path("<int:pk>/reveal/", people.reveal_name, name="reveal"),
    path("<int:pk>/roles/", changes.roles, name="roles"),
    path("<int:pk>/roles/<int:role>/end/", changes.role_end, name="role_end"),
    path("<int:pk>/tags/", changes.tags, name="tags"),
    path("<int:pk>/tags/<int:tag>/remove/", changes.tag_remove, name="tag_remove"),
    path("<int:pk>/notes/", changes.notes, name="notes"),
    path("<int:pk>/notes/<int:note>/remove/", changes.note_remove, name="note_remove"),
]
