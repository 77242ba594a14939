"""Pages of the ledger inside a workspace."""

from django.urls import path

from touchpoints import views

app_name = "touchpoints"
urlpatterns = [
    path("of/<int:contact_id>/", views.timeline, name="timeline"),
    path("of/<int:contact_id>/log/", views.log, name="log"),
]
