"""What others may hear from segments."""

from lib.news import News

# segment, entered: list[int], left: list[int]. Told inside the transaction that moved them; while a segment is being
# filled once for each 50,000 people.
segment_moved = News(
    "segment_moved", "segment", "entered", "left", unheard="Standing campaigns and journeys will start by it."
)
