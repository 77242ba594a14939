"""Ways out that keep something here to be taken, inside a workspace."""

from django.urls import path

from messengers.views import audiences

app_name = "messengers"
urlpatterns = [
    path("audiences/<int:pk>/<slug:which>/", audiences.download, name="audience"),
]
