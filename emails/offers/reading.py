"""Codes as people write them, and where an email names an offer."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

from django.utils.translation import gettext as _

from emails.models import OfferPool

OFFER = "offer"  # the word of a template: {{ offer.spring }}
LONGEST_CODE, LONGEST_KEY = 64, 40
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
NAMED = re.compile(r"\boffer\s*(?:\.\s*([A-Za-z_][\w-]*)|\[\s*[\"']([^\"']+)[\"']\s*\])")
SPACES = re.compile(r"\s+")


def fold(code: str) -> str:
    """A code for comparing: capitals, blanks and other forms of a letter do not count. At most 200 letters."""
    return SPACES.sub("", unicodedata.normalize("NFKC", code)).casefold()[:200]


def keys_in(paths: Iterable[Sequence[str]]) -> list[str]:
    """The offers that a template reads, by its paths (CompiledMessage.paths), each once; "" for one that is not named."""
    return sorted({path[1] if len(path) > 1 else "" for path in paths if path[0] == OFFER})


def keys_written(*texts: str) -> set[str]:
    """The offers that are named in texts, whether or not these can be read."""
    return {one or other for text in texts if OFFER in text for one, other in NAMED.findall(text)}


def pools_named(keys: Collection[str]) -> dict[str, OfferPool]:
    """Key → its pool. One statement, none for nothing."""
    return {one.key: one for one in OfferPool.objects.filter(key__in=keys)} if keys else {}


def what_stands_against(keys: Sequence[str], pools: dict[str, OfferPool]) -> list[str]:
    """Why an email that names these offers may not go out, in sentences; none when it may."""
    said = []
    for key in keys:
        pool = pools.get(key)
        if not key:
            said.append(_("Say which offer it is: {{ offer.key }}, with the key of a pool of codes."))
        elif pool is None:
            said.append(_("There is no pool of codes with the key “%(key)s”.") % {"key": key})
        elif pool.withdrawn_at:
            said.append(_("The offer %(name)s was withdrawn.") % {"name": pool.name})
        elif pool.is_over:
            said.append(_("The offer %(name)s is over.") % {"name": pool.name})
    return said
