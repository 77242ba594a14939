"""A person's own word about what they like, and how it is written down: by themselves, or by a colleague for them."""

from collections.abc import Mapping
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.merging import everyone_in, survivor_of
from engagement.events import tell_interests
from engagement.interests.rebuilding import rebuild_interests
from engagement.models import InterestTag, InterestWord
from engagement.models.interests import Said
from lib.clock import now
from touchpoints.facts import Fact
from touchpoints.models import Source
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.languages import team_language
from workspaces.models import User


@transaction.atomic
def say_interests(
    contact_id: int, words: Mapping[int, Said], *, by: User | None = None, is_recorded: bool = True
) -> int:
    """This person is interested, is not, or takes back what they said, tag by tag. Repeating it changes nothing.

    `by`: the colleague who writes it down; None: the person on their own page. Returns how many words are new. What they
    say that they like or do not is recorded as a preference they shared, what they take back as one they edited, unless the
    caller records it (`is_recorded` False). Machines hear of it.
    """
    who = survivor_of(contact_id)
    everyone = everyone_in(who)
    tags = dict(InterestTag.objects.filter(pk__in=words, merged_into=None).values_list("pk", "name"))
    newest: dict[int, int] = {}
    for row in InterestWord.objects.filter(contact__in=everyone, tag__in=tags).order_by("at", "pk"):
        newest[row.tag_id] = row.said
    said = {tag: words[tag] for tag in tags if newest.get(tag, Said.NOTHING) != words[tag]}
    if not said:
        return 0
    moment = now()
    InterestWord.objects.bulk_create(
        [
            InterestWord(contact_id=who, tag_id=tag, said=word, at=moment, by_id=by.pk if by else None)
            for tag, word in sorted(said.items())
        ],
        update_conflicts=True,
        unique_fields=["workspace", "contact", "tag"],
        update_fields=["said", "at", "by_id"],
    )
    if is_recorded:
        record([_fact(who, tags[tag], word, by) for tag, word in sorted(said.items())], source=_source())
    rebuild_interests([who])
    tell_interests(who, said, is_own_word=by is None)
    return len(said)


def _source() -> Source:
    with team_language():
        return source_for("interests", _("Interests"))


def _fact(contact: int, name: str, word: Said, by: User | None) -> Fact:
    return Fact(
        kind="preference" if word == Said.NOTHING else "preference_shared",
        external_id=f"interest:{uuid4()}",
        occurred_at=now(),
        contact_id=contact,
        actor_id=by.pk if by else None,
        payload={"interest": name, "said": Said(word).name.lower(), "reason": _reason(name, word)},
    )


def _reason(name: str, word: Said) -> str:
    """How it stands on the timeline, in the team's language."""
    with team_language():
        said = {
            Said.WANTS: _("Interested in %(name)s"),
            Said.NOT_WANTED: _("Not interested in %(name)s"),
            Said.NOTHING: _("Took back what they said about %(name)s"),
        }
        return said[word] % {"name": name}
