"""The rows of this room in the workspace's admin."""

from contacts import models as m
from contacts.fields import Place, names_at
from workspaces.admin import show

show(
    m.Contact,
    *names_at(Place.ADMIN),
    search=("name", "email"),
    filters=("is_anonymous", "contact_frequency"),
)
show(m.AudienceRole, "contact", "role", "since", "until", "source", filters=("role",))
show(m.Identity, "value", "kind", "contact", "verified_at", "evidence", search=("value",), filters=("kind",))
show(m.Merged, "loser", "survivor", "into", "at", "reason")
show(m.MergeRecord, "loser", "survivor", "by_id", "at", "undone_at", read_only=True)
show(m.DuplicatePair, "left", "right", "score_milli", "state", "found_at", filters=("state",), read_only=True)
show(m.FieldValue, "contact", "name", "text", "number", "moment", search=("name", "text"))
show(m.FieldChange, "contact", "at", "by_id", "source", search=("source",), read_only=True)
show(m.Tag, "name", "contact", search=("name",))
show(m.Note, "contact", "author_id", "text", "is_private", "created_at", search=("text",))
show(m.NoteMention, "note", "user_id", "created_at", "seen_at")
show(m.NoteAttachment, "name", "note", "content_type", "size", "created_at", read_only=True)
show(m.SearchTerm, "term", "contact", search=("term",), read_only=True)
show(m.FieldDefinition, "name", "label", "type", "position", "archived_at", search=("name", "label"), filters=("type",))
show(m.Company, "name", "country", "merged_into", "created_at", search=("name",))
show(m.CompanyDomain, "domain", "company", search=("domain",))
show(m.ComposerDraft, "way", "contact", "user_id", "updated_at", filters=("way",), read_only=True)
show(m.DraftFile, "name", "draft", "content_type", "size", "created_at", read_only=True)
show(m.LongChange, "kind", "state", "done_count", "total_count", "kept_count", "trouble", "by_id", "at", read_only=True)
show(m.CompanyTerm, "term", "company", search=("term",), read_only=True)
show(m.Position, "contact", "company", "role_there", "since", "until", search=("role_there",))
