"""What people say to us and about us, what we answer, and what the desk keeps."""

from conversations.models.answers import CannedReply, Reply, ReplyFile, TeamNote
from conversations.models.connections import AccountCode, Connection, PublicAuthor, WatchedQuery
from conversations.models.desk import AnswerDraft, AnswerDraftFile, Case, ConversationTag, SavedView, TeamNoteMention
from conversations.models.forwards import Forward, ForwardAnswer
from conversations.models.learnt import LearntFeelings
from conversations.models.leftovers import SetAside, Tombstone
from conversations.models.merges import ConversationMerge
from conversations.models.teams import Team, TeamMember
from conversations.models.threads import Conversation, Mention, MentionFile, MentionFilePiece
from conversations.models.urgency import UrgentWords

__all__ = [
    "AccountCode",
    "AnswerDraft",
    "AnswerDraftFile",
    "CannedReply",
    "Case",
    "Connection",
    "Conversation",
    "ConversationMerge",
    "ConversationTag",
    "Forward",
    "ForwardAnswer",
    "LearntFeelings",
    "Mention",
    "MentionFile",
    "MentionFilePiece",
    "PublicAuthor",
    "Reply",
    "ReplyFile",
    "SavedView",
    "SetAside",
    "Team",
    "TeamMember",
    "TeamNote",
    "TeamNoteMention",
    "Tombstone",
    "UrgentWords",
    "WatchedQuery",
]
