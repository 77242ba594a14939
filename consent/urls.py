"""The gate's answer on the contact page, and the suppression list."""

from django.urls import path

from consent import views

app_name = "consent"
urlpatterns = [
    path("<int:pk>/may-write/", views.may_write, name="may_write"),
    path("do-not-contact/", views.do_not_contact, name="do_not_contact"),
    path("do-not-contact/add/", views.suppress, name="suppress"),
    path("do-not-contact/<int:pk>/lift/", views.lift, name="lift"),
]
