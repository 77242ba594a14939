"""What the contact page shows of interests: tags with their strength, why, and the person's own word."""

from typing import Any

from contacts.merging import everyone_in, survivor_of
from contacts.models import Contact
from engagement.interests.reading import interests_of
from engagement.interests.recording import facts_params, spoken_sql
from engagement.interests.strength import AT_LEAST, NAMES, Strength, strength_of
from engagement.models import InterestTag, InterestWord
from engagement.models.interests import Said
from lib.sql import load_sql, run_sql
from touchpoints.kinds import BY_CODE
from workspaces.current import current_workspace
from workspaces.models import User
from workspaces.permissions import may
from workspaces.requests import Request


def interests_panel(request: Request, contact: Contact) -> dict[str, Any] | None:
    """Strongest first; who said so and when; the last three facts of each. None where the workspace has no tags."""
    tags = dict(InterestTag.objects.filter(merged_into=None).values_list("pk", "name"))
    may_edit = may(request.membership.role, "contacts.edit")
    if not tags:
        return None
    who = survivor_of(contact.pk)
    strengths = interests_of([who]).get(who, {})
    words = words_of(who)
    reasons = reasons_for(who) if strengths else {}
    writers = names_of_colleagues([word.by_id for word in words.values() if word.by_id])
    rows = [
        {
            "tag": tag,
            "name": tags[tag],
            "value": value,
            "share": min(100, round(100 * value / AT_LEAST[Strength.STRONG])),
            "strength": NAMES[strength] if (strength := strength_of(value)) else "",
            "word": words.get(tag) if tag in words and words[tag].said else None,
            "by": writers.get(words[tag].by_id or 0) if tag in words else None,
            "why": reasons.get(tag, []),
        }
        for tag, value in strengths.items()
        if tag in tags
    ]
    refused = [
        {"tag": tag, "name": tags[tag], "word": word, "by": writers.get(word.by_id or 0)}
        for tag, word in words.items()
        if word.said == Said.NOT_WANTED and tag in tags
    ]
    shown = {*strengths, *(one["tag"] for one in refused)}
    return {
        "contact": contact,
        "rows": rows,
        "refused": refused,
        "others": sorted(((tag, name) for tag, name in tags.items() if tag not in shown), key=lambda one: one[1]),
        "may_edit": may_edit and not contact.erased_at,
        "is_profiled": contact.is_profiled,
    }


def words_of(contact_id: int) -> dict[int, InterestWord]:
    """Tag → what the person said of it last, of everybody merged into them."""
    rows = InterestWord.objects.filter(contact__in=everyone_in(contact_id)).order_by("at", "pk")
    return {row.tag_id: row for row in rows}


def reasons_for(contact_id: int) -> dict[int, list[dict[str, Any]]]:
    """Tag → its newest three facts of this person."""
    facts = load_sql("engagement/interest_of_people", facts=load_sql("touchpoints/facts"))
    reasons = spoken_sql(facts, employees=current_workspace().scores_employees)
    params = facts_params([contact_id]) | {"contacts": [contact_id]}
    found: dict[int, list[dict[str, Any]]] = {}
    for tag, kind, at, about in run_sql("engagement/interest_reasons", params, reasons=reasons):
        found.setdefault(tag, []).append({"said": BY_CODE[kind].said, "at": at, "about": about})
    return found


def names_of_colleagues(ids: list[int]) -> dict[int, str]:
    """User → how they are called."""
    return {user.pk: user.name or user.email for user in User.objects.filter(pk__in=ids)} if ids else {}
