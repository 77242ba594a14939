"""Pages of people."""

from django.urls import path

from contacts.views import belonging, changes, companies, custom_fields, duplicates, history, notes, people, sharing

app_name = "contacts"
urlpatterns = [
    path("new/", people.new, name="new"),
    path("look-up/", people.look_up, name="look_up"),
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/search/", duplicates.search, name="search_duplicates"),
    path("duplicates/<int:pk>/merge/", duplicates.merge, name="merge"),
    path("duplicates/<int:pk>/not-the-same/", duplicates.not_the_same, name="not_the_same"),
    path("duplicates/merges/<int:pk>/undo/", duplicates.undo, name="undo_merge"),
    path("fields/", custom_fields.fields, name="fields"),
    path("fields/declare/", custom_fields.declare_field, name="declare_field"),
    path("fields/<int:pk>/", custom_fields.field, name="field"),
    path("fields/<int:pk>/type/", custom_fields.retype_field, name="retype_field"),
    path("fields/<int:pk>/<slug:what>/", custom_fields.act_on_field, name="act_on_field"),
    path("companies/", companies.companies, name="companies"),
    path("companies/<int:pk>/", companies.company, name="company"),
    path("companies/<int:pk>/edit/", companies.edit, name="edit_company"),
    path("companies/<int:pk>/merge/", companies.merge, name="merge_company"),
    path("companies/<int:pk>/remove/", companies.remove, name="remove_company"),
    path("<int:pk>/owner/", belonging.owner, name="owner"),
    path("<int:pk>/values/", belonging.values, name="values"),
    path("<int:pk>/companies/", companies.add_place, name="add_place"),
    path("<int:pk>/companies/<int:position>/<slug:what>/", companies.act_on_place, name="act_on_place"),
    path("<int:pk>/addresses/<int:identity>/shared/", sharing.share, name="share_address"),
    path("<int:pk>/addresses/<int:identity>/alone/", sharing.alone, name="keep_address_alone"),
    path("<int:pk>/", people.contact, name="contact"),
    path("<int:pk>/edit/", people.edit, name="edit"),
    path("<int:pk>/history/", history.history, name="history"),
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
