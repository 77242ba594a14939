"""Three for her: what the block chooses, against the newest and the most popular, on a simulated log of clicks with
planted interests; and what it costs a chunk of a thousand people.

The log. TAGS tags, some much more common than others; each week PER_WEEK things come out, each about one to three tags
and of its own appeal. Everybody has one or two tags that draw them. In each of WEEKS weeks everybody is shown SHOWN
things of the last month at random, and clicks one with the chance CHANCE, times DRAWN where it is about something that
draws them, times its appeal, halved for each NEWS_HALVES days of its age. Interests are made of these clicks by the
product's own weights and half-life (engagement/interests/strength.py), and the product chooses (emails/library/choosing.py)
among all that somebody was not shown.

The truth is what they would click of everything they were not shown, drawn anew by the same chances. recall@3: the share
of it (of three of it at most) that is among the three. All three ways leave out what somebody had.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

import numpy as np

from bench.emails import cpu, drafted
from contacts.models import Contact
from delivery.content.compiling import compile_message
from emails.blocks.picks import PICKS, PicksBlock
from emails.library import choosing
from emails.library.catalogue import Entry
from emails.library.choosing import Reader, choose
from emails.library.picking import picks_for
from emails.library.remembering import keep_picks, picks_went_out
from emails.models import LibraryItem, ShownItem
from emails.reading import write_blocks
from engagement.interests.reading import tags_for
from engagement.interests.strength import AT_LEAST, HALF_LIFE, WEIGHTS, Strength, left_now
from engagement.models import Interest
from lib.clock import now
from touchpoints.kinds import KINDS
from workspaces.current import working_in
from workspaces.models import Workspace

SEED, PEOPLE, TAGS, WEEKS, PER_WEEK, SHOWN = 20_261_127, 1_500, 30, 26, 6, 5
CHANCE, DRAWN, MOST_DRAWN, NEWS_HALVES = 0.015, 20.0, 2, 90.0
AIM = 1.5
THREE = [PicksBlock(id="b1")]
ROUNDS = 7
Choice = Mapping[int, Sequence[int]]


def run(workspace: Workspace) -> None:
    """Print the figures."""
    world = World(np.random.default_rng(SEED))
    world.live()
    picks, newest, popular = world.picks(), world.newest(), world.popular()
    recalls = {
        name: world.recall(found) for name, found in (("picks", picks), ("newest", newest), ("popular", popular))
    }
    best = max(recalls["newest"], recalls["popular"])
    print(f"{PEOPLE:,} people, {len(world.entries)} things, {world.clicks:,} clicks in {WEEKS} weeks (seed {SEED})")
    print(f"recall@3, three for her  {recalls['picks']:9.3f}")
    print(f"recall@3, the newest     {recalls['newest']:9.3f}")
    print(f"recall@3, most popular   {recalls['popular']:9.3f}")
    print(f"times the better of both {recalls['picks'] / best:9.2f} (aim {AIM})")
    for days in (30.0, 90.0, 365.0):
        print(f"  freshness halves in {days:3.0f} days, rarity counts  {world.recall(world.picks(days)):6.3f}")
    print(f"  freshness halves in  90 days, all tags alike {world.recall(world.picks(rarity=False)):6.3f}")
    weak = World(np.random.default_rng(SEED), drawn=DRAWN / 2)
    weak.live()
    others = max(weak.recall(weak.newest()), weak.recall(weak.popular()))
    print(f"  half as drawn: times the better of both     {weak.recall(weak.picks()) / others:6.2f}")
    unknown = world.picks(knows=False)
    same = sum(list(unknown[one]) == list(newest[one]) for one in unknown)
    print(f"without any interest     {same:9,} of {PEOPLE:,} get exactly the newest")
    _cost(workspace)


class World:
    """People, things, and what was clicked."""

    def __init__(self, dice: np.random.Generator, *, drawn: float = DRAWN) -> None:
        self.dice, self.pull, self.now = dice, drawn, datetime(2026, 11, 1).astimezone()
        common = 1 / np.arange(1, TAGS + 1) ** 0.8
        common /= common.sum()
        count = WEEKS * PER_WEEK
        self.days = np.sort(dice.uniform(0, 7 * WEEKS, count))  # since the beginning; the newest last
        tags = [dice.choice(TAGS, dice.integers(1, 4), replace=False, p=common) for _ in range(count)]
        self.about = np.zeros((count, TAGS), dtype=bool)
        for place, some in enumerate(tags):
            self.about[place, some] = True
        self.appeal = dice.lognormal(0, 0.4, count)
        self.drawn = np.zeros((PEOPLE, TAGS), dtype=bool)
        for row in self.drawn:
            row[dice.choice(TAGS, dice.integers(1, MOST_DRAWN + 1), replace=False)] = True
        self.fits = (self.drawn.astype(int) @ self.about.T.astype(int)) > 0
        self.had = np.zeros((PEOPLE, count), dtype=bool)
        self.interest = np.zeros((PEOPLE, TAGS))
        self.popularity = np.zeros(count)
        self.clicks = 0
        ends = 7 * WEEKS
        self.entries = [
            Entry(
                at,
                "article",
                f"{at}",
                "",
                "",
                "",
                tuple(map(int, tags[at])),
                self.now - timedelta(days=ends - day),
                None,
            )
            for at, day in reversed(list(enumerate(self.days)))
        ]

    def live(self) -> None:
        """All the weeks, and then what they would click."""
        for week in range(1, WEEKS + 1):
            today = 7.0 * week
            offered = np.flatnonzero((self.days <= today) & (self.days > today - 30))
            order = self.dice.random((PEOPLE, len(offered)))
            order[self.had[:, offered]] = 2
            shown = offered[np.argsort(order, axis=1)[:, :SHOWN]]
            rows = np.repeat(np.arange(PEOPLE), shown.shape[1])
            columns = shown.ravel()
            new = ~self.had[rows, columns]
            rows, columns = rows[new], columns[new]
            clicked = self.dice.random(len(rows)) < self._chance(today)[rows, columns]
            self.had[rows, columns] = True
            self._count(rows[clicked], columns[clicked], 7.0 * WEEKS - today)
        wants = self.dice.random(self.had.shape) < self._chance(7.0 * WEEKS)
        self.truth = wants & ~self.had

    def picks(self, half_life: float = choosing.HALF_LIFE_DAYS, *, rarity: bool = True, knows: bool = True) -> Choice:
        """As the product chooses."""
        least = AT_LEAST[Strength.LITTLE]
        readers = {
            who: Reader(
                "en",
                {tag: float(one) for tag, one in enumerate(self.interest[who]) if knows and one >= least},
                frozenset(map(int, np.flatnonzero(self.had[who]))),
            )
            for who in range(PEOPLE)
        }
        kept = choosing.HALF_LIFE_DAYS, choosing._rarity
        try:
            choosing.HALF_LIFE_DAYS = half_life
            if not rarity:
                choosing._rarity = lambda entries: dict.fromkeys((tag for one in entries for tag in one.tags), 1.0)
            chosen = choose(self.entries, THREE, readers, at=self.now)
        finally:
            choosing.HALF_LIFE_DAYS, choosing._rarity = kept
        return {who: [one.id for one in found.get("b1", [])] for who, found in chosen.items()}

    def newest(self) -> Choice:
        """The three newest that somebody was not shown."""
        return self._top(np.tile(self.days, (PEOPLE, 1)))

    def popular(self) -> Choice:
        """The three most clicked of the last two months that somebody was not shown."""
        return self._top(np.tile(self.popularity, (PEOPLE, 1)) + 1e-6 * self.days)

    def recall(self, choice: Choice) -> float:
        """recall@3, of those who want anything."""
        found = []
        for who, some in choice.items():
            if wanted := int(self.truth[who].sum()):
                found.append(self.truth[who, list(some)].sum() / min(3, wanted))
        return float(np.mean(found))

    def _top(self, key: np.ndarray) -> Choice:
        key[self.had] = -1
        best = np.argsort(-key, axis=1, kind="stable")[:, :3]
        return {who: [int(one) for one in best[who] if not self.had[who, one]] for who in range(PEOPLE)}

    def _chance(self, today: float) -> np.ndarray:
        fresh = np.where(self.days <= today, 0.5 ** ((today - self.days) / NEWS_HALVES), 0)
        return np.minimum(0.9, CHANCE * np.where(self.fits, self.pull, 1.0) * self.appeal * fresh)

    def _count(self, rows: np.ndarray, columns: np.ndarray, days_ago: float) -> None:
        """A day's clicks as interests: the weight of a click, a day with several counts less than their sum."""
        self.clicks += len(rows)
        if days_ago < 60:
            np.add.at(self.popularity, columns, 1)
        day = np.zeros((PEOPLE, TAGS))
        np.add.at(day, rows, self.about[columns])
        weight = WEIGHTS[KINDS["clicked"].code] * 0.5 ** (days_ago / HALF_LIFE)
        self.interest += weight * np.minimum(3, np.log2(1 + day))


def _cost(workspace: Workspace) -> None:
    """What the block costs a chunk of a thousand people: 200 things, six interests each, five things had."""
    dice = np.random.default_rng(SEED)
    with working_in(workspace):
        made = Contact.objects.bulk_create(Contact(name=f"Reader {n}") for n in range(1_000))
        contacts = [one.pk for one in made]
        tags = [one.pk for one in tags_for([f"bench {n}" for n in range(30)]).values()]
        moment = now()
        items = LibraryItem.objects.bulk_create(
            LibraryItem(
                title=f"Thing {n}",
                url=f"https://k.example/{n}",
                tags=[int(one) for one in dice.choice(tags, 2, replace=False)],
                published_at=moment - timedelta(days=n),
            )
            for n in range(200)
        )
        Interest.objects.bulk_create(
            Interest(contact_id=who, tag_id=int(tag), sum=float(dice.uniform(1, 9)) / left_now())
            for who in contacts
            for tag in dice.choice(tags, 6, replace=False)
        )
        ShownItem.objects.bulk_create(
            ShownItem(contact_id=who, item=items[int(one)], message_id=1, sent_at=moment)
            for who in contacts
            for one in dice.choice(200, 5, replace=False)
        )
        blocks = write_blocks(THREE)
        found = picks_for(blocks, contacts)
        chosen = _wall(lambda: picks_for(blocks, contacts))
        kept = _wall(lambda: keep_picks(2, 0, found))
        compiled = compile_message(drafted([PicksBlock(id="b1", heading="For you")]), workspace)
        fields = {"contact": {}, "brand": workspace.name, PICKS: found[contacts[0]]}
        written = cpu(lambda: compiled.write(fields, lambda place: f"https://k.example/c/{place}"))
        went = _wall(lambda: picks_went_out(2, 0, dict.fromkeys(contacts)))
    people = len(contacts)
    print(
        f"choosing, for a chunk    {chosen * 1e3:9,.0f} ms wall, {chosen / people * 1e6:.0f} µs a person ({people:,} people, 200 things)"
    )
    print(
        f"remembering, a chunk     {kept * 1e3:9,.0f} ms wall; that it went out {went * 1e3:,.0f} ms (again: nothing to write)"
    )
    print(f"written for one person   {written:9,.0f} µs CPU, an email of this block alone, HTML and plain text")


def _wall(work: Callable[[], object]) -> float:
    """Median time of one run, in seconds."""
    took = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return median(took)
