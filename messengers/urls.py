"""Ways out, inside a workspace: templates read anew, and what is kept here to be taken."""

from django.urls import path

from messengers.views import audiences, letters, templates

app_name = "messengers"
urlpatterns = [
    path("<int:pk>/templates/", templates.refresh, name="refresh_templates"),
    path("audiences/<int:pk>/<slug:which>/", audiences.download, name="audience"),
    path("letters/<int:pk>/addresses/", letters.addresses, name="letter_addresses"),
    path("letters/<int:pk>/<int:after>/", letters.bundle, name="letters"),
]
