"""Who causes what. Reading this file is reading the product."""

from contacts.news import contacts_linked
from engagement.scoring import apply_to_scores, rebuild_pair
from touchpoints.counting import count_the_day
from touchpoints.news import touchpoints_recorded

# A touchpoint is recorded: in the same transaction, as a set
touchpoints_recorded.connect(apply_to_scores)
touchpoints_recorded.connect(count_the_day)

# Two contacts turn out to be one person, or part again
contacts_linked.connect(rebuild_pair)
