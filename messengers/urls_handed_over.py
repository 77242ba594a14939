"""What campaigns made that somebody has to take from here: lists for ad networks, printed letters."""

from django.urls import path

from messengers.views import audiences, letters

app_name = "handed_over"
urlpatterns = [
    path("audiences/<int:pk>/<slug:which>/", audiences.download, name="audience"),
    path("letters/<int:pk>/addresses/", letters.addresses, name="letter_addresses"),
    path("letters/<int:pk>/<int:after>/", letters.bundle, name="letters"),
]
