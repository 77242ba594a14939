"""What counts when two contacts become one, told before it happens: by how each of them stands today.

Each is asked of eligibility.sql. Of both the most restrictive counts, as newest_word.sql has it for several voices, and
what stands on the suppression list for one of their addresses stops both, but a bounce, which is of its address alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from consent.eligibility import Eligibility, read_eligibilities
from consent.models import Consent, ConsentNow, Topic
from contacts.channels import Channel, sendable

type Word = tuple[int, bool] | None  # its state, and whether a yes has ended
STOPS = ("complaint_at", "objection_at", "blocked_at", "forgotten_at")


@dataclass(frozen=True)
class Joined:
    """One topic (None: everything) on one channel: the word of who stays, of who is folded in, and the one that counts then."""

    topic: Topic | None
    channel: Channel
    survivor: Word
    loser: Word
    then: Word

    @property
    def stops(self) -> bool:
        """Whether who stays gets it today, and then no more."""
        return is_yes(self.survivor) and not is_yes(self.then)


def words_when_joined(survivor_id: int, loser_id: int) -> list[Joined]:
    """Every topic and channel of which one of them has said something."""
    pair = (survivor_id, loser_id)
    said = set(ConsentNow.objects.filter(contact__in=pair).values_list("channel", "topic_id"))
    topics = {one.pk: one for one in Topic.objects.all()}
    found = []
    for channel, topic_id in sorted(said, key=lambda one: (one[0], getattr(topics.get(one[1]), "position", -1))):
        stands = read_eligibilities(channel, topic_id, pair)
        one, other = (_word(stands[pk]) for pk in pair)
        found.append(Joined(topics.get(topic_id), Channel(channel), one, other, most_restrictive([one, other])))
    return found


def channels_stopped(survivor_id: int, loser_id: int) -> list[Channel]:
    """The channels on which who stays may be written to today, and not when an address of who is folded in is theirs."""
    found = []
    for channel in sendable():
        stands = read_eligibilities(channel, None, (survivor_id, loser_id))
        if _is_stopped(stands[loser_id]) and not _is_stopped(stands[survivor_id]):
            found.append(channel)
    return found


def most_restrictive(words: Sequence[Word]) -> Word:
    """A no before a yes that has ended before a yes."""
    return max(filter(None, words), default=None)


def is_yes(word: Word) -> bool:
    """A yes that has not ended."""
    return word == (Consent.State.GIVEN, False)


def _word(stands: Eligibility) -> Word:
    return None if stands.word_state is None else (stands.word_state, stands.word_lapsed)


def _is_stopped(stands: Eligibility) -> bool:
    return any(getattr(stands, name) for name in STOPS)
