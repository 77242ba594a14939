"""What a column of a file can become, and what happens where a person has a value already."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.custom_fields.knowing import active_fields
from contacts.fields import Place, fields_at

LEAVE_OUT = ""
ASK = "ask"  # looks like a status: somebody must say what it means before anything is taken in
FIELD, NUMBER, MOMENT = "field", "field_number", "field_date"  # custom fields under the column's own name
CUSTOM = {FIELD, NUMBER, MOMENT}
DECLARED = "declared:"  # before the name of a field that the workspace declared: its type reads the cells
OWNER, COMPANY, ROLE_THERE = "owner", "company", "role_there"
CONSENT = {"opt_out", "consent", "status", "bounced", "suppressed"}  # what a row says about email
KEYS = {"email", "external_id", "phone", "handle"}
SEVERAL = {"phone", "email_more", "external_id", "handle"}  # columns that may be mapped more than once, without a loss

OTHER_TARGETS = {
    "email_more": _("further email address"),
    "phone": _("phone"),
    "handle": _("social handle"),
    "external_id": _("customer number"),
    "tags": _("tags"),
    "role": _("role"),
    COMPANY: _("company"),
    ROLE_THERE: _("role at the company"),
    OWNER: _("owner, by the email of a member"),
    "opt_out": _("consent: who unsubscribed"),
    "consent": _("consent: who agreed"),
    "status": _("consent: status of the subscription"),
    "bounced": _("consent: why it bounced"),
    "suppressed": _("consent: why it is suppressed"),
    "opt_out_sms": _("consent: no text messages"),
    "opted_in_at": _("consent given at"),
    "opted_in_ip": _("consent given from IP"),
    "attributes": _("fields as JSON"),
    FIELD: _("a custom field: text"),
    NUMBER: _("a custom field: number"),
    MOMENT: _("a custom field: date"),
}

ALWAYS, IF_EMPTY, NEVER = "always", "empty", "never"
RULES = {ALWAYS: _("replace it"), IF_EMPTY: _("only if empty"), NEVER: _("leave as it is")}
RULES_OF_ADDRESSES = {ALWAYS: _("use the new one"), IF_EMPTY: _("add beside it"), NEVER: _("leave as it is")}
WITHOUT_RULE = CONSENT | {"opt_out_sms", "opted_in_at", "opted_in_ip", "tags", "role", "email_more", ASK, LEAVE_OUT}


def targets() -> dict[str, Any]:
    """What a column can be imported as: target → its words."""
    own = {one.name: one.label for one in fields_at(Place.IMPORT)}
    declared = {f"{DECLARED}{one.name}": one.label for one in active_fields()}
    return {LEAVE_OUT: _("leave out"), **own, **declared, **OTHER_TARGETS}


def rules_for(target: str) -> dict[str, Any]:
    """What can happen to a value that is there already; empty where nothing is ever replaced."""
    if target in WITHOUT_RULE:
        return {}
    return RULES_OF_ADDRESSES if target in KEYS else RULES


def usual_rule(target: str) -> str:
    """What happens unless somebody chooses: new values stand, customer numbers and handles stand side by side."""
    return IF_EMPTY if target in {"external_id", "handle"} else ALWAYS
