"""What others may hear from the room of sending."""

from lib.news import News

# message: it may go out (at its `scheduled_at`, or now): whoever made it gives it its recipients.
message_ready = News("message_ready", "message")

# sender: it is new, or was changed: what its domain must say may be other than before.
sender_saved = News("sender_saved", "sender")

# message: nobody gets it any more: everybody it was for has their word, or it was cancelled.
message_finished = News("message_finished", "message")
