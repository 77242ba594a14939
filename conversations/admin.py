"""The rows of this room in the workspace's admin."""

from conversations import models as m
from workspaces.admin import show

show(
    m.Connection,
    "name",
    "network",
    "is_active",
    "polled_at",
    "last_error",
    search=("name",),
    filters=("network",),
    read_only=True,
)
show(m.UrgentWords, "words")
show(m.WatchedQuery, "query", "kind", "connection", "looked_at", "last_error", search=("query",), read_only=True)
show(
    m.PublicAuthor,
    "name",
    "handle",
    "network",
    "followers",
    "contact",
    "seen_at",
    search=("name", "handle"),
    filters=("network",),
    read_only=True,
)
show(
    m.Conversation,
    "title",
    "state",
    "assignee_id",
    "priority",
    "waiting_since",
    search=("title",),
    filters=("state",),
    read_only=True,
)
show(
    m.Mention,
    "text",
    "network",
    "sentiment",
    "published_at",
    "answered_at",
    search=("text",),
    filters=("network", "sentiment"),
    read_only=True,
)
show(m.Tombstone, "connection", "remote_id", "deleted_at", read_only=True)
show(m.SetAside, "connection", "reason", "excerpt", "count", "last_at", filters=("connection",), read_only=True)
show(m.Reply, "text", "state", "attempts", "sent_at", search=("text",), filters=("state",), read_only=True)
show(m.MentionFile, "name", "mention", "content_type", "size", read_only=True)
show(m.MentionFilePiece, "file", "place", read_only=True)
show(m.ReplyFile, "name", "reply", "content_type", "size", read_only=True)
show(m.TeamNote, "conversation", "author_id", "text", "created_at", read_only=True)
show(m.Forward, "mention", "address", "state", "attempts", "sent_at", filters=("state",), read_only=True)
show(m.ForwardAnswer, "forward", "note", "created_at", read_only=True)
show(
    m.LearntFeelings,
    "language",
    "version",
    "state",
    "taught_count",
    "created_at",
    filters=("language", "state"),
    read_only=True,
)
show(m.CannedReply, "title", "language", search=("title", "text"))
show(m.AnswerDraft, "conversation", "user_id", "changed_at", read_only=True)
show(m.AnswerDraftFile, "name", "draft", "content_type", "size", read_only=True)
show(m.ConversationTag, "conversation", "name", search=("name",), read_only=True)
show(m.TeamNoteMention, "note", "conversation", "user_id", "seen_at", read_only=True)
show(m.SavedView, "name", "user_id", "query", read_only=True)
show(
    m.Case,
    "conversation",
    "what",
    "promise",
    "due_at",
    "outcome",
    search=("what",),
    filters=("outcome",),
    read_only=True,
)
show(m.Team, "name", "country", "region", "assigns", read_only=True)
show(m.TeamMember, "team", "user_id", "capacity", "away_until", read_only=True)
show(m.ConversationMerge, "lost", "survivor", "by_id", "merged_at", "undone_at", read_only=True)
show(m.AccountCode, "contact", "created_at", "expires_at", "used_at", read_only=True)
