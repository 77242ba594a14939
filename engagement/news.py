"""What others may hear from engagement."""

from lib.news import News

# contact_ids: list[int]. Their announced level changed: by what happened, or by time alone.
levels_moved = News("levels_moved", "contact_ids")
# contact_ids: list[int]. Their scores were counted anew (a correction, a merge, a rebuild); a recorded batch is told by
# touchpoints_recorded, whose scores change in the same transaction.
scores_changed = News("scores_changed", "contact_ids")
# contact_ids: list[int]. What they are interested in was counted anew (their own word, a correction, a merge, a rebuild);
# a recorded batch is told by touchpoints_recorded, whose interests change in the same transaction.
interests_changed = News("interests_changed", "contact_ids")
# tag_id: int, into_id: int | None. This interest tag is a part of another from now on, or (None) is gone.
tag_moved = News("tag_moved", "tag_id", "into_id")
