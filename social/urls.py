"""The inbox, inside a workspace."""

from django.urls import path

from social.views import acts, connections, inbox

app_name = "social"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("live/", inbox.live, name="live"),
    path("done/", acts.close_many, name="close_many"),
    path("add/", connections.add, name="add"),
    path("canned/", connections.canned, name="canned"),
    path("canned/<int:pk>/remove/", connections.remove_canned, name="remove_canned"),
    path("connections/", connections.connections, name="connections"),
    path("connections/webhook/", connections.new_webhook, name="new_webhook"),
    path("connections/feed/", connections.new_feed, name="new_feed"),
    path("connections/<int:pk>/secret/", connections.rotate, name="rotate"),
    path("connections/<int:pk>/active/", connections.activate, name="activate"),
    path("mentions/<int:pk>/reply/", acts.reply, name="reply"),
    path("mentions/<int:pk>/sentiment/", acts.sentiment, name="sentiment"),
    path("replies/<int:pk>/again/", acts.send_again, name="send_again"),
    path("<int:pk>/", inbox.conversation, name="conversation"),
    path("<int:pk>/note/", acts.note, name="note"),
    path("<int:pk>/assign/", acts.assign, name="assign"),
    path("<int:pk>/take/", acts.take, name="take"),
    path("<int:pk>/snooze/", acts.snooze, name="snooze"),
    path("<int:pk>/close/", acts.close, name="close"),
    path("<int:pk>/spam/", acts.spam, name="spam"),
    path("<int:pk>/reopen/", acts.reopen, name="reopen"),
    path("<int:pk>/complaint/", acts.complaint, name="complaint"),
    path("<int:pk>/contact/", acts.contact, name="contact"),
]
