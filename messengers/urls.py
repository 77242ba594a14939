"""Ways out that keep something here to be taken, inside a workspace."""

from django.urls import path

from messengers.views import audiences, letters

app_name = "messengers"
urlpatterns = [
    path("audiences/<int:pk>/<slug:which>/", audiences.download, name="audience"),
    path("letters/<int:pk>/addresses/", letters.addresses, name="letter_addresses"),
    path("letters/<int:pk>/<int:after>/", letters.bundle, name="letters"),
]
