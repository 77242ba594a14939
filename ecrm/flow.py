"""Who causes what. Reading this file is reading the product."""

from touchpoints.counting import count_the_day
from touchpoints.news import touchpoints_recorded

# A touchpoint is recorded: in the same transaction, as a set
touchpoints_recorded.connect(count_the_day)
