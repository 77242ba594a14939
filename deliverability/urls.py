"""Deliverability, inside a workspace."""

from django.urls import path

from deliverability.views import desk, mailboxes, returns, senders, warm_ups

app_name = "deliverability"
urlpatterns = [
    path("", desk.desk, name="desk"),
    path("reports/", desk.take_report, name="take_report"),
    path("senders/<int:pk>/", senders.setup, name="setup"),
    path("senders/<int:pk>/look/", senders.look, name="look"),
    path("senders/<int:pk>/keys/", senders.new_keys, name="keys"),
    path("senders/<int:pk>/test/", senders.test, name="test"),
    path("senders/<int:pk>/returns/", returns.set_up, name="set_up_returns"),
    path("senders/<int:pk>/returns/remove/", returns.remove, name="remove_returns"),
    path("senders/<int:pk>/warm-up/", warm_ups.start, name="start_warm_up"),
    path("senders/<int:pk>/warm-up/pause/", warm_ups.pause, name="pause_warm_up"),
    path("senders/<int:pk>/warm-up/go-on/", warm_ups.go_on, name="go_on_warm_up"),
    path("senders/<int:pk>/warm-up/end/", warm_ups.end, name="end_warm_up"),
    path("mailboxes/new/", mailboxes.new, name="new_mailbox"),
    path("mailboxes/<int:pk>/", mailboxes.edit, name="mailbox"),
    path("mailboxes/<int:pk>/remove/", mailboxes.remove, name="remove_mailbox"),
]
