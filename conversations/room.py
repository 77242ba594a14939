"""What the inbox offers: who waits, on home and in the rail; people who wrote to us, in the palette."""

from django.utils.translation import gettext_lazy as _

from conversations import (
    composing,
    concerns,
    conversation_state,
    events,
    giving,
    learning_feelings,
    panels,
    tasks,
    telling_members,
)
from conversations import personal_data as personal
from conversations.answers import handing_over, replying
from conversations.authors import complaining, forgetting
from conversations.forwards import forwarding
from conversations.forwards import handing_over as handing_forwards
from conversations.forwards import personal_data as of_forwards
from conversations.inbox.queues import waiting_count
from conversations.mentions import tombstones
from conversations.mentions.by_hand import ByHand
from conversations.rhythms import MENTIONS
from lib.offers import Action, ApiRouter, ComposerWay, NavigationEntry, Panel, PersonalData, SettingsPage
from lib.room import Room

room = Room(
    name="conversations",
    rhythms=[MENTIONS],
    networks=[ByHand],
    works={
        replying.WORK: handing_over.send_due,
        forwarding.WORK: handing_forwards.send_due,
        conversation_state.WAKE: tasks.wake,
        conversation_state.GIVE: giving.give_due,
        telling_members.PROMISES: tasks.tell_promises,
        tombstones.WORK: tombstones.forget_old,
        forgetting.WORK: forgetting.forget_tonight,
        complaining.WORK: complaining.end_critics,
        learning_feelings.WORK: learning_feelings.learn_tonight,
    },
    notice_kinds=telling_members.KINDS,
    event_types={
        events.CAME: _("Somebody wrote to us or about us"),
        events.ANSWERED: _("An answer of ours left"),
        events.CLOSED: _("A conversation was closed"),
        events.ASKED: _("An answer waits to be approved"),
        events.RETURNED: _("An answer that was to be approved went back to its writer"),
        events.FORWARD_ASKED: _("A forward waits to be approved"),
        events.FORWARD_RETURNED: _("A forward that was to be approved went back to its writer"),
        events.FORWARD_APPROVED: _("A forward that waited was approved, and leaves"),
        events.MERGED: _("Two conversations became one"),
        events.UNMERGED: _("Merged conversations were parted again"),
        events.SPLIT: _("A conversation became two"),
        events.LINKED: _("Somebody said whose account it is"),
        events.PARTED: _("An account was no longer taken for a contact’s"),
        events.OPENED: _("Something went wrong for somebody: a case was opened"),
        events.SETTLED: _("A promise was kept, or broken"),
        events.ENDED: _("A case was closed"),
    },
    api_routers=[
        ApiRouter(60, "conversations", _("Conversations"), "conversations.api.conversations.router"),
        ApiRouter(61, "conversations", _("Conversations"), "conversations.api.merges.router"),
        ApiRouter(62, "conversations", _("Conversations"), "conversations.api.files.router"),
        ApiRouter(63, "conversations", _("Conversations"), "conversations.api.many.router"),
        ApiRouter(64, "conversations", _("Conversations"), "conversations.api.approvals.router"),
        ApiRouter(65, "conversations", _("Conversations"), "conversations.api.people.router"),
        ApiRouter(66, "conversations", _("Conversations"), "conversations.api.cases.router"),
    ],
    navigation=[
        NavigationEntry(
            40,
            _("Inbox"),
            "inbox",
            "conversations:inbox",
            "social.see",
            count=waiting_count,
            also=_("conversations mentions messages threads support"),
        ),
    ],
    panels=[
        Panel("home.side", 10, panels.waiting_panel, "conversations/panels/waiting.html", "social.see"),
        Panel("home.side", 12, panels.my_day_panel, "conversations/panels/my_day.html", "social.see"),
        Panel("contact.left", 5, concerns.concern_panel, "conversations/panels/concern.html", "social.see"),
    ],
    actions=[
        Action(
            _("Answer who waits"), "message-reply", "conversations:inbox", "social.answer", _("inbox reply"), on_home=20
        ),
        Action(_("Add a mention by hand"), "plus", "conversations:add", "social.answer", _("log message")),
        Action(
            _("Canned replies"), "template", "conversations:canned", "social.answer", _("templates macros snippets")
        ),
    ],
    composer_ways=[
        ComposerWay(
            10,
            "answer",
            _("Answer"),
            "message-reply",
            "r",
            "social.answer",
            composing.answer_way,
            "conversations/ways/answer.html",
            keeps_files=False,
        ),
        ComposerWay(
            30,
            "call",
            _("Call"),
            "phone",
            "c",
            "contacts.note",
            composing.call_way,
            "conversations/ways/call.html",
        ),
    ],
    settings_pages=[
        SettingsPage(
            25,
            _("Team and hours"),
            "clock",
            "conversations:teams",
            "social.answer",
            _("business hours holidays SLA targets round robin away absence assign"),
        ),
        SettingsPage(
            26,
            _("Words of danger"),
            "alert-triangle",
            "conversations:urgent_words",
            "workspace.settings",
            _("urgent safety words keywords priority crisis"),
        ),
        SettingsPage(
            27,
            _("Learnt feelings"),
            "mood-happy",
            "conversations:learnt",
            "workspace.settings",
            _("sentiment model training corrections classifier"),
        ),
    ],
    palette_finders=[panels.find_in_inbox],
    answer_places=[panels.where_to_answer],
    personal_data=[
        PersonalData(
            5,  # before the addresses go by which they are found
            _("Forwards"),
            ("conversations_forward", "conversations_forwardanswer"),
            of_forwards.gather_forwards,
            of_forwards.erase_forwards,
            _("That something was forwarded and when"),
        ),
        PersonalData(
            120,
            _("Conversations"),
            (
                "conversations_publicauthor",
                "conversations_conversation",
                "conversations_mention",
                "conversations_mentionfile",
                "conversations_mentionfilepiece",
                "conversations_reply",
                "conversations_replyfile",
                "conversations_teamnote",
                "conversations_answerdraft",
                "conversations_answerdraftfile",
                "conversations_conversationtag",
                "conversations_case",
                "conversations_conversationmerge",
                "conversations_accountcode",
            ),
            personal.gather_conversations,
            personal.erase_conversations,
            _("That there was a conversation and how long it took"),
        ),
    ],
)
