"""Ways out, inside a workspace."""

from django.urls import path

from messengers.views import templates

app_name = "messengers"
urlpatterns = [path("<int:pk>/templates/", templates.refresh, name="refresh_templates")]
