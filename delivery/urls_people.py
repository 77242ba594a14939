"""Emails to one person, from their own page."""

from django.urls import path

from delivery.views import emails

app_name = "personal_emails"
urlpatterns = [
    path("<int:contact_id>/email/", emails.email, name="email"),
    path("emails/<int:pk>/take-back/", emails.take_email_back, name="take_back"),
    path("emails/<int:pk>/again/", emails.again, name="again"),
]
