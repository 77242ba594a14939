"""What people say to us and about us, what we answer, and what the desk keeps."""

from conversations.models.answers import CannedReply, Reply, ReplyFile, TeamNote
from conversations.models.connections import Connection, PublicAuthor
from conversations.models.desk import Case, ConversationTag, Draft, NoteMention, SavedView
from conversations.models.leftovers import SetAside, Tombstone
from conversations.models.teams import Team, TeamMember
from conversations.models.threads import Conversation, Mention

__all__ = [
    "CannedReply",
    "Case",
    "Connection",
    "Conversation",
    "ConversationTag",
    "Draft",
    "Mention",
    "NoteMention",
    "PublicAuthor",
    "Reply",
    "ReplyFile",
    "SavedView",
    "SetAside",
    "Team",
    "TeamMember",
    "TeamNote",
    "Tombstone",
]
