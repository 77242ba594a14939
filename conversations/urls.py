"""The inbox, inside a workspace."""

from django.urls import path

from conversations.views import acts, answering, desk, hand, inbox, many, merging, teams, ways
from conversations.views.merging import where_it_stands

app_name = "conversations"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("live/", inbox.live, name="live"),
    path("many/", many.act_on_picked, name="many"),
    path("add/", hand.add, name="add"),
    path("canned/", hand.canned, name="canned"),
    path("canned/<int:pk>/remove/", hand.remove_canned, name="remove_canned"),
    path("mentions/<int:pk>/reply/", answering.reply, name="reply"),
    path("mentions/<int:pk>/like/", answering.like, name="like"),
    path("mentions/<int:pk>/sentiment/", acts.sentiment, name="sentiment"),
    path("replies/<int:pk>/again/", answering.send_again, name="send_again"),
    path("drafts/<int:pk>/back/", answering.back, name="give_back"),
    path("replies/<int:pk>/undo/", answering.undo, name="undo"),
    path("views/keep/", desk.keep_view, name="keep_view"),
    path("views/<int:pk>/remove/", desk.remove_view, name="remove_view"),
    path("mentions/<int:pk>/split/", merging.split, name="split"),
    path("merges/<int:pk>/undo/", merging.undo, name="unmerge"),
    path("cases/<int:pk>/promise/", desk.promise, name="promise"),
    path("cases/<int:pk>/close/", desk.close_the_case, name="close_case"),
    path("of/<int:contact_id>/answer/", ways.answer, name="answer"),
    path("of/<int:contact_id>/call/", ways.call, name="call"),
    path("teams/", teams.teams, name="teams"),
    path("teams/new/", teams.team, name="new_team"),
    path("teams/away/", teams.away, name="away"),
    path("teams/<int:pk>/", teams.team, name="team"),
    path("teams/<int:pk>/remove/", teams.remove, name="remove_team"),
    path("<int:pk>/", inbox.conversation, name="conversation"),
    path("<int:pk>/draft/", where_it_stands(answering.draft), name="draft"),
    path("<int:pk>/note/", where_it_stands(acts.note), name="note"),
    path("<int:pk>/tag/", where_it_stands(desk.tag), name="tag"),
    path("<int:pk>/case/", where_it_stands(desk.case), name="case"),
    path("<int:pk>/assign/", where_it_stands(acts.assign), name="assign"),
    path("<int:pk>/take/", where_it_stands(acts.take), name="take"),
    path("<int:pk>/snooze/", where_it_stands(acts.snooze), name="snooze"),
    path("<int:pk>/close/", where_it_stands(acts.close), name="close"),
    path("<int:pk>/spam/", where_it_stands(acts.spam), name="spam"),
    path("<int:pk>/reopen/", where_it_stands(acts.reopen), name="reopen"),
    path("<int:pk>/complaint/", where_it_stands(acts.complaint), name="complaint"),
    path("<int:pk>/contact/", where_it_stands(acts.contact), name="contact"),
    path("<int:pk>/link/", where_it_stands(acts.link), name="link"),
    path("<int:pk>/part/", where_it_stands(acts.part), name="part"),
    path("<int:pk>/merge/", where_it_stands(merging.merge), name="merge"),
]
