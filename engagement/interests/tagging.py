"""What things are about: links of messages, and pages by how their address begins."""

import re
from collections.abc import Collection, Mapping

from django.db import transaction

from engagement.interests.reading import tags_for
from engagement.models import LinkTag, PageRule
from engagement.models.interests import LONGEST_ADDRESS

MOST_RULES = 500
SCHEME = re.compile(r"^https?://(?:www\.)?|^www\.", re.IGNORECASE)


class BadAddressError(ValueError):
    """The beginning of an address that says nothing."""


class TooManyRulesError(ValueError):
    """More rules than a page view can be held against."""


def address_of(url: str) -> str:
    """An address as rules are kept and compared: without scheme and www., in small letters."""
    return SCHEME.sub("", url.replace("\0", "").strip()).lower()[:LONGEST_ADDRESS]


@transaction.atomic
def tag_links(message_id: int, tags: Mapping[int, Collection[int]]) -> None:
    """The links of this message, by their numbers, are about these tags, and no others. Before it is sent."""
    LinkTag.objects.filter(message_id=message_id).delete()
    LinkTag.objects.bulk_create(
        LinkTag(message_id=message_id, number=number, tag_id=tag)
        for number, about in sorted(tags.items())
        for tag in sorted(set(about))
    )


def tag_links_by_target(
    message_id: int, links: Collection[tuple[int, str]], about: Mapping[str, Collection[str]]
) -> None:
    """The links of this message, as (number, target), are about what is said of their targets (names of tags, made if need
    be), and what the rules for pages say of their addresses.
    """
    named = tags_for(sorted({name for names in about.values() for name in names}))
    rules = list(PageRule.objects.values_list("begins", "tag_id"))
    tags: dict[int, set[int]] = {}
    for number, target in links:
        address = address_of(target)
        mine = {named[name].pk for name in about.get(target, ()) if name in named}
        mine |= {tag for begins, tag in rules if address.startswith(begins)}
        if mine:
            tags[number] = mine
    tag_links(message_id, tags)


@transaction.atomic
def set_page_rule(begins: str, tag_ids: Collection[int]) -> str:
    """Pages whose address begins so are about exactly these tags; with none, the rule goes. Returns it as it is kept.

    It holds for pages seen from now on; `rebuild_interests` counts earlier ones too. BadAddressError, TooManyRulesError.
    """
    address = address_of(begins)
    if not address:
        raise BadAddressError(begins)
    PageRule.objects.filter(begins=address).delete()
    if tag_ids and PageRule.objects.count() + len(tag_ids) > MOST_RULES:
        raise TooManyRulesError(str(MOST_RULES))
    PageRule.objects.bulk_create(PageRule(begins=address, tag_id=tag) for tag in sorted(set(tag_ids)))
    return address
