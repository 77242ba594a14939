"""The gate's answer on the contact page, the suppression list, sign-up forms."""

from django.urls import path

from consent import form_views, views

app_name = "consent"
urlpatterns = [
    path("<int:pk>/may-write/", views.may_write, name="may_write"),
    path("rules/", views.rules_page, name="rules"),
    path("rules/interests/", views.save_interests, name="save_interests"),
    path("rules/topics/", views.save_topic, name="add_topic"),
    path("rules/topics/<int:pk>/", views.save_topic, name="edit_topic"),
    path("rules/topics/<int:pk>/remove/", views.drop_topic, name="remove_topic"),
    path("rules/caps/", views.save_caps, name="save_caps"),
    path("rules/hours/", views.save_hours, name="add_hours"),
    path("rules/hours/<int:pk>/remove/", views.drop_hours, name="remove_hours"),
    path("do-not-contact/", views.do_not_contact, name="do_not_contact"),
    path("do-not-contact/add/", views.suppress, name="suppress"),
    path("do-not-contact/<int:pk>/lift/", views.lift, name="lift"),
    path("forms/", form_views.forms, name="forms"),
    path("forms/new/", form_views.new, name="new_form"),
    path("forms/<int:pk>/", form_views.form, name="form"),
    path("forms/<int:pk>/draft/", form_views.draft, name="form_draft"),
    path("forms/<int:pk>/settings/", form_views.settings, name="form_settings"),
    path("forms/<int:pk>/archive/", form_views.archive, name="form_archive"),
    path("forms/<int:pk>/code.<slug:kind>", form_views.code, name="form_code"),
]
