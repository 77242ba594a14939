"""What others may hear from the room of sending."""

from lib.news import News

# message: it may go out (at its `scheduled_at`, or now): whoever made it gives it its recipients.
message_ready = News("message_ready", "message")

# sender: it is new, or was changed: what its domain must say may be other than before.
sender_saved = News("sender_saved", "sender")

# sender, answer (delivery.returns.texts.Answer, its number normalised), touchpoint_id (its fact, None of whom nobody knows):
# somebody wrote to a number of ours. Told again as often as the provider tells it.
text_heard = News("text_heard", "sender", "answer", "touchpoint_id")

# sender, answer_id (a Reply's), word (delivery.returns.answers.AnswerWord): what became of an answer that left by it. Told
# as often as the carrier tells it, in any order.
answer_told = News("answer_told", "sender", "answer_id", "word")

# message: nobody gets it any more: everybody it was for has their word, or it was cancelled.
message_finished = News("message_finished", "message")
