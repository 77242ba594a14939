"""The gate's answer on the contact page."""

from django.urls import path

from consent import views

app_name = "consent"
urlpatterns = [path("<int:pk>/may-write/", views.may_write, name="may_write")]
