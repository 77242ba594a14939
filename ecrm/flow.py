"""Who causes what. Reading this file is reading the product: the rooms, bottom first, and what follows from what.

`python manage.py flow` prints it; tests/test_flow.py holds it to its word.
"""

from collections.abc import Callable

from celery.schedules import crontab

import backstage.room
import campaigns.events
import campaigns.room
import consent.events
import consent.room
import contacts.events
import contacts.room
import conversations.room
import deliverability.room
import delivery.events
import delivery.room
import emails.room
import engagement.room
import imports.room
import messengers.room
import portal.room
import privacy.room
import segments.events
import segments.room
import social.room
import touchpoints.room
import workspaces.room
from campaigns.planning import on_message_ready
from campaigns.standing import entering as standing_campaigns
from consent import settling
from consent.default_topics import create_default_hours, create_default_topics
from consent.news import consent_changed, tracking_changed
from contacts.duplicates.finding import plan_search
from contacts.news import contacts_changed, contacts_linked, contacts_loaded, contacts_made
from conversations.answers.default_replies import create_default_replies
from conversations.assigning import on_membership_changed
from conversations.authors.authoring import on_contacts_changed
from conversations.authors.forgetting import plan_forgetting_authors
from conversations.inbox import reprioritising
from conversations.inbox.reprioritising import weigh_anew
from deliverability.looking import look_when_saved
from delivery.drafting import redraw_drafts
from delivery.news import answer_told, message_finished, message_ready, sender_saved, text_heard
from delivery.tracking.measuring import forget_last_opens
from emails.library import knowing as library
from emails.news import codes_moved, kit_saved
from emails.offers import redeeming as offers
from engagement import audience_snapshots
from engagement.interests import rebuilding as interests
from engagement.interests.recording import apply_to_interests
from engagement.news import interests_changed, levels_moved, scores_changed, tag_moved
from engagement.rebuilding import rebuild_linked
from engagement.rescoring import rescore_changed
from engagement.scoring import apply_to_scores, correct_scores
from engagement.tasks import start_audience_snapshots
from lib.news import News
from lib.rooms import house
from messengers.push import subscribing as push_browsers
from segments.members.rechecking import on_contacts_linked, on_people_changed, on_standing_changed, plan_audits
from segments.news import filling_went_on, segment_filled, segments_moved
from social import texting
from touchpoints.counting import correct_the_day, count_the_day
from touchpoints.forgetting_pages import plan_forgetting_pages
from touchpoints.invalidation import mark_corrected_people_dirty, mark_people_dirty
from touchpoints.news import touchpoints_corrected, touchpoints_recorded
from touchpoints.timestamps import plan_forgetting
from workspaces.events import plan_forgetting as plan_forgetting_events
from workspaces.news import membership_changed, workspace_founded

ROOMS = [
    workspaces.room.room,
    contacts.room.room,
    consent.room.room,
    privacy.room.room,
    segments.room.room,
    touchpoints.room.room,
    imports.room.room,
    engagement.room.room,
    emails.room.room,
    delivery.room.room,
    messengers.room.room,
    deliverability.room.room,
    conversations.room.room,
    campaigns.room.room,
    social.room.room,
    portal.room.room,
    backstage.room.room,
]
house.open(ROOMS)

# A touchpoint is recorded: in the same transaction, as a set
touchpoints_recorded.connect(apply_to_scores)
touchpoints_recorded.connect(apply_to_interests)
touchpoints_recorded.connect(count_the_day)
touchpoints_recorded.connect(standing_campaigns.on_touchpoints_recorded)
touchpoints_recorded.connect(offers.on_touchpoints_recorded)  # the coupon of a purchase is redeemed

# People come into a segment: standing campaigns that wait for it take them in
segments_moved.connect(standing_campaigns.on_segments_moved)
filling_went_on.connect(standing_campaigns.on_filling_went_on)

# Something else turns out to be true of a touchpoint: what was counted from it follows at once
touchpoints_corrected.connect(correct_scores)
touchpoints_corrected.connect(interests.on_corrected)
touchpoints_corrected.connect(correct_the_day)
touchpoints_corrected.connect(audience_snapshots.on_corrected)

# Two contacts turn out to be one person, or part again: whose word counts is settled first, the rest follows
contacts_linked.connect(settling.on_contacts_linked)
contacts_linked.connect(rebuild_linked)
contacts_linked.connect(interests.on_contacts_linked)
contacts_linked.connect(push_browsers.on_contacts_linked)
contacts_linked.connect(audience_snapshots.on_contacts_linked)
contacts_linked.connect(reprioritising.on_contacts_linked)

# People changed: an address is a voice; their audience decides their scale; what they wrote as strangers becomes theirs
contacts_changed.connect(settling.on_contacts_changed)
contacts_changed.connect(rescore_changed)
contacts_changed.connect(interests.on_allowed)
contacts_changed.connect(on_contacts_changed)
contacts_changed.connect(weigh_anew)
contacts_loaded.connect(settling.on_contacts_changed)
contacts_loaded.connect(rescore_changed)
contacts_loaded.connect(interests.on_allowed)
contacts_loaded.connect(on_contacts_changed)
contacts_loaded.connect(weigh_anew)

# A file made people: nothing is scored, settled or waiting that could move; strangers may be one of them
contacts_made.connect(on_contacts_changed)

# Their level moved, also by time alone, or their scores were counted anew: who waits for us comes sooner or later
levels_moved.connect(weigh_anew)
scores_changed.connect(weigh_anew)

# They said what we may do: who may no longer be scored is not, from this moment on
consent_changed.connect(rescore_changed)
consent_changed.connect(interests.on_allowed)

# They said how far we may measure what they do with our emails: what may be kept no more goes at once
tracking_changed.connect(forget_last_opens)
tracking_changed.connect(interests.on_allowed)

# A message may go out: its campaign fixes the audience at its moment, then the engine sends
message_ready.connect(on_message_ready)

# A tag is merged or removed: things of the library that were about it follow
tag_moved.connect(library.on_tag_moved)

# A sender is set up: what the DNS says of its domain is looked at
sender_saved.connect(look_when_saved)

# A number of ours is set up, and somebody writes to it: it has a connection in the inbox, their words stand there; and what
# became of our answers is told
sender_saved.connect(texting.on_sender_saved)
text_heard.connect(texting.on_text_heard)
answer_told.connect(texting.on_answer_told)

# The brand's emails look different: drafts take on the new look, what is approved stays as it was approved
kit_saved.connect(redraw_drafts)

# Somebody is taken out, or may no longer answer: their conversations stand in nobody's hands at once
membership_changed.connect(on_membership_changed)

# Machines are told, by ids alone: the log of events, and webhooks that want it
contacts_changed.connect(contacts.events.on_contacts_changed)
contacts_loaded.connect(contacts.events.on_contacts_changed)
contacts_made.connect(contacts.events.on_contacts_changed)
contacts_linked.connect(contacts.events.on_contacts_linked)
consent_changed.connect(consent.events.on_consent_changed)
tracking_changed.connect(consent.events.on_consent_changed)
segments_moved.connect(segments.events.on_segments_moved)
segment_filled.connect(segments.events.on_segment_filled)
touchpoints_recorded.connect(delivery.events.on_touchpoints_recorded)
message_finished.connect(campaigns.events.on_message_finished)

# A workspace is founded: each room brings its defaults
workspace_founded.connect(create_default_topics)
workspace_founded.connect(create_default_hours)
workspace_founded.connect(settling.plan_settling)
workspace_founded.connect(plan_search)
workspace_founded.connect(plan_audits)
workspace_founded.connect(plan_forgetting)
workspace_founded.connect(start_audience_snapshots)
workspace_founded.connect(create_default_replies)
workspace_founded.connect(plan_forgetting_events)
workspace_founded.connect(plan_forgetting_authors)
workspace_founded.connect(plan_forgetting_pages)

# Segments look again, within seconds, at the people whose facts changed: which news marks them, and the facts that
# lines of a rule may read because of it. Membership needs no news: a re-check follows the segments that read others.
RECHECKED: dict[News, tuple[Callable[..., object], set[str]]] = {
    touchpoints_recorded: (mark_people_dirty, {"touchpoint", "score", "delivery", "interest"}),
    touchpoints_corrected: (mark_corrected_people_dirty, {"touchpoint", "score"}),
    scores_changed: (on_standing_changed, {"score"}),
    levels_moved: (on_standing_changed, {"level"}),
    interests_changed: (on_standing_changed, {"interest"}),
    codes_moved: (on_standing_changed, {"offer"}),
    contacts_changed: (on_people_changed, {"field", "role", "tag"}),
    contacts_loaded: (on_standing_changed, {"field", "role", "tag"}),
    contacts_made: (on_standing_changed, {"field", "role", "tag", "consent"}),
    consent_changed: (on_standing_changed, {"consent", "suppression", "field"}),
    contacts_linked: (on_contacts_linked, {"field", "role", "tag", "consent", "suppression", "touchpoint", "score"}),
}
FOLLOWED_WITHIN = {"membership"}
for _news, (_marks, _facts) in RECHECKED.items():
    _news.connect(_marks)

# Numbers that are made of facts, and how each hears that a fact changed
DERIVED = {
    "scores and heat": [
        touchpoints_recorded,
        touchpoints_corrected,
        contacts_linked,
        contacts_changed,
        contacts_loaded,
        consent_changed,
    ],
    "interests": [
        touchpoints_recorded,
        touchpoints_corrected,
        contacts_linked,
        contacts_changed,
        contacts_loaded,
        consent_changed,
        tracking_changed,
    ],
    "levels": [touchpoints_recorded, touchpoints_corrected, scores_changed],  # by the agenda: engagement.levels
    "day counts": [touchpoints_recorded, touchpoints_corrected],
    "audience snapshots": [touchpoints_corrected, contacts_linked],  # what comes late stays as it was known that night
    "the word that counts now": [contacts_linked, contacts_changed, contacts_loaded],  # and consent.consenting itself
    "segment members": list(RECHECKED),  # by the agenda: segments.recheck
    "conversation state": [levels_moved, scores_changed, contacts_changed, contacts_loaded, contacts_linked],
    "search terms": [contacts_changed, contacts_linked],  # by the agenda: segments.recheck
}
# What a programme answered for, how many stood in a segment and which pairs may be one person are of a night or a look:
# they hear of nothing, the next one counts anew from the ledger as it stands then, and what is written stays as it was
# known. So do the kept figures of a big workspace: each page shows the time at which they were counted.

# What the beat starts; everything else is due on the agenda, which it only ticks
SCHEDULE = {
    "agenda": {"task": "agenda.tick", "schedule": 2.0, "options": {"expires": 2}},
    "stream": {"task": "touchpoints.drain_stream", "schedule": 2.0, "options": {"expires": 2}},
    "partitions": {"task": "touchpoints.ensure_partitions", "schedule": crontab(hour=3, minute=10)},
}
