"""What others may hear from segments."""

from lib.news import News

# moves: list[(segment, entered: list[int], left: list[int])]. Told once for all segments that one look moved people in,
# inside its transaction.
segments_moved = News("segments_moved", "moves")

# segment, people: list[int]. These came in while a segment is being filled, once for each 50,000.
filling_went_on = News("filling_went_on", "segment", "people")

# segment. A segment that was made or got another rule in a big workspace holds its people now.
segment_filled = News("segment_filled", "segment")
