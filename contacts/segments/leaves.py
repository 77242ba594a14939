"""The words this room brings to rules; registered from ContactsConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from contacts.segments import leaves_people as people
from contacts.segments import leaves_standing as standing
from contacts.segments.words import leaf


def register() -> None:
    """Make the room's words known."""
    leaf(
        "role", label=_("plays a role"), check=people.check_role, condition=people.role_condition,
        phrase=people.role_phrase, evidence=people.role_evidence, order=10, form="contacts.segments.forms.RoleForm",
    )  # fmt: skip
    leaf(
        "field", label=_("has a field"), check=people.check_field, condition=people.field_condition,
        phrase=people.field_phrase, evidence=people.field_evidence, moves=people.field_moves, order=20,
        form="contacts.segments.forms.FieldForm",
    )  # fmt: skip
    leaf(
        "trait", label=_("has a field of ours"), check=people.check_trait, condition=people.trait_condition,
        phrase=people.trait_phrase, evidence=people.trait_evidence, moves=people.trait_moves, order=25,
        form="contacts.segments.forms.TraitForm",
    )  # fmt: skip
    leaf(
        "tag", label=_("has a tag"), check=people.check_tag, condition=people.tag_condition,
        phrase=people.tag_phrase, evidence=people.tag_evidence, order=30, form="contacts.segments.forms.TagForm",
    )  # fmt: skip
    leaf(
        "consent", label=_("agreed or said no"), check=standing.check_consent, condition=standing.consent_condition,
        phrase=standing.consent_phrase, evidence=standing.consent_evidence, order=60,
        form="contacts.segments.forms.ConsentForm",
    )  # fmt: skip
    leaf(
        "suppressed", label=_("is on the do-not-contact list"), check=standing.check_suppressed,
        condition=standing.suppressed_condition, phrase=standing.suppressed_phrase,
        evidence=standing.suppressed_evidence, order=65, form="contacts.segments.forms.SuppressedForm",
    )  # fmt: skip
    leaf(
        "segment", label=_("is in another segment"), check=standing.check_segment,
        condition=standing.segment_condition, phrase=standing.segment_phrase, evidence=standing.segment_evidence,
        order=70, form="contacts.segments.forms.SegmentForm",
    )  # fmt: skip
    leaf(
        "bucket", label=_("falls by chance into a share"), check=standing.check_bucket,
        condition=standing.bucket_condition, phrase=standing.bucket_phrase, evidence=standing.bucket_evidence,
        order=80, form="contacts.segments.forms.BucketForm",
    )  # fmt: skip
