"""Who causes what. Reading this file is reading the product."""

from contacts.consenting import bring_topics
from touchpoints.counting import count_the_day
from touchpoints.news import touchpoints_recorded
from workspaces.founding import workspace_founded

# A workspace is founded: each room brings its defaults
workspace_founded.connect(bring_topics)

# A touchpoint is recorded: in the same transaction, as a set
touchpoints_recorded.connect(count_the_day)
