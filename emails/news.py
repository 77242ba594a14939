"""What others may hear from the room of emails."""

from lib.news import News

# The brand's emails look different from now on: drafts are to be drawn anew.
kit_saved = News("kit_saved")
# contact_ids: list[int]. Codes of offers were given to these people, used, or withdrawn from them.
codes_moved = News("codes_moved", "contact_ids")
