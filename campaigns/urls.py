"""Campaigns and senders, inside a workspace."""

from django.urls import path

from campaigns.views import campaigns, letters, senders, steps

app_name = "campaigns"
urlpatterns = [
    path("", campaigns.listing, name="list"),
    path("new/", letters.new, name="new"),
    path("senders/", senders.listing, name="senders"),
    path("senders/new/", senders.new, name="new_sender"),
    path("senders/<int:pk>/", senders.edit, name="sender"),
    path("senders/<int:pk>/test/", senders.test, name="test_sender"),
    path("senders/<int:pk>/remove/", senders.remove, name="remove_sender"),
    path("<int:pk>/", campaigns.page, name="page"),
    path("<int:pk>/edit/", letters.edit, name="edit"),
    path("<int:pk>/remove/", letters.remove, name="remove"),
    path("<int:pk>/preview/", letters.preview, name="preview"),
    path("<int:pk>/test/", steps.test, name="test"),
    path("<int:pk>/approve/", steps.approve, name="approve"),
    path("<int:pk>/take-back/", steps.take_back, name="take_back"),
    path("<int:pk>/schedule/", steps.schedule, name="schedule"),
    path("<int:pk>/pause/", steps.pause, name="pause"),
    path("<int:pk>/resume/", steps.resume, name="resume"),
    path("<int:pk>/cancel/", steps.cancel, name="cancel"),
    path("<int:pk>/look-up/", campaigns.look_up, name="look_up"),
    path("<int:pk>/doubts/", campaigns.doubts, name="doubts"),
    path("<int:pk>/doubts/<int:delivery_pk>/", campaigns.resolve, name="resolve"),
]
