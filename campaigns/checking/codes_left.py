"""Before approval: whether the offers that an email names are there, and have a code for everybody."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from emails.offers.finding import codes_left
from emails.offers.reading import keys_in, pools_named, what_stands_against
from lib.local_words import number


def lack_of_codes(paths: Iterable[Sequence[str]], people: int, *, comes_later: bool = False) -> list[str]:
    """What stands against sending an email that reads these to so many; `comes_later`: others come while it runs.

    Two statements, none for an email without offers.
    """
    if not (keys := keys_in(paths)):
        return []
    pools = pools_named(keys)
    left = codes_left(list(pools.values()))
    said = what_stands_against(keys, pools)
    for pool in pools.values():
        count = left.get(pool.pk)
        if count is None or pool.is_over or count >= max(people, int(comes_later)):
            continue
        text = ngettext(
            "The pool %(name)s has %(left)s code; %(n)s people would get one.",
            "The pool %(name)s has %(left)s codes; %(n)s people would get one.",
            count,
        )
        text = text if count else _("The pool %(name)s has no codes left.")
        said.append(text % {"name": pool.name, "left": number(count), "n": number(people)})
    return said
