"""Who causes what. Reading this file is reading the product."""

from contacts.consenting import bring_topics
from contacts.news import consent_changed, contacts_changed, contacts_linked
from contacts.segments.rechecking import hear_changes, hear_links, plan_audits
from engagement.scoring import apply_to_scores, rebuild_pair
from engagement.tasks import start_standings
from social.authoring import hear_of_people
from social.starting import bring_canned_replies
from touchpoints.counting import count_the_day
from touchpoints.dirtying import mark_people_dirty
from touchpoints.news import touchpoints_recorded
from workspaces.founding import workspace_founded

# A touchpoint is recorded: in the same transaction, as a set
touchpoints_recorded.connect(apply_to_scores)
touchpoints_recorded.connect(count_the_day)

# Two contacts turn out to be one person, or part again
contacts_linked.connect(rebuild_pair)

# A workspace is founded: each room brings its defaults
workspace_founded.connect(bring_topics)
workspace_founded.connect(plan_audits)
workspace_founded.connect(start_standings)
workspace_founded.connect(bring_canned_replies)

# People changed: segments look at them again
contacts_changed.connect(hear_changes)
consent_changed.connect(hear_changes)
contacts_linked.connect(hear_links)
touchpoints_recorded.connect(mark_people_dirty)

# Ways to reach somebody are learnt: what they wrote as strangers becomes theirs
contacts_changed.connect(hear_of_people)
