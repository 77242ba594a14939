"""What others may hear from the room of emails."""

from lib.news import News

# The brand's emails look different from now on: drafts are to be drawn anew.
kit_saved = News("kit_saved")
