"""What finding doubles costs: 100,000 people, one in ten twice with misspelt, missing and swapped values; no database.

CPU and memory, how many pairs were compared of how many there are, and how well the pairs found are the true ones (F1).
"""

import random
import resource
import time
from collections.abc import Iterator
from itertools import combinations, groupby

from contacts.duplicates.blocking import candidate_pairs
from contacts.duplicates.columns import make_columns
from contacts.duplicates.finding import AT_ONCE, REVIEW_FROM
from contacts.duplicates.weighing import weigh
from workspaces.models import Workspace

PEOPLE, SEED, LIMIT_SECONDS = 100_000, 2026, 60
NAMES = ("given_name", "family_name", "street", "town", "postcode", "date of birth", "passport")
SYLLABLES = ["ba", "ko", "ri", "ten", "mo", "sa", "lu", "wer", "gri", "dan", "pol", "ka", "shi", "ne", "vo", "tra"]


def run(_workspace: Workspace) -> None:
    """Print the figures."""
    entities, rows = zip(*people(random.Random(SEED)), strict=True)
    before, begun = _memory(), time.process_time()
    columns = make_columns({name: [row[place] for row in rows] for place, name in enumerate(NAMES)})
    pairs = candidate_pairs(columns)
    blocked = time.process_time()
    found = set()
    for start in range(0, len(pairs), AT_ONCE):
        some = pairs[start : start + AT_ONCE]
        found |= {tuple(map(int, pair)) for pair in some[weigh(some, columns).scores >= REVIEW_FROM]}
    ended = time.process_time()
    true = set(_true(entities))
    every = PEOPLE * (PEOPLE - 1) // 2
    print(f"{len(rows):,} people, {len(true):,} true pairs")
    print(f"compared       {len(pairs):>12,}   one in {every // len(pairs):,} of all pairs")
    print(f"blocking       {blocked - begun:>12.1f} s")
    print(f"weighing       {ended - blocked:>12.1f} s   {1e6 * (ended - blocked) / len(pairs):.1f} µs a pair")
    print(f"together       {ended - begun:>12.1f} s   limit {LIMIT_SECONDS} s")
    print(f"memory         {_memory() - before:>12,.0f} MB   limit 1,000 MB")
    print(f"F1             {2 * len(found & true) / (len(found) + len(true)):>12.4f}   aim 0.97")


def people(dice: random.Random) -> Iterator[tuple[int, list[str]]]:
    """(who, what one record says of them)."""
    surnames = [_word(dice, 3) for _ in range(30_000)]
    given = [_word(dice, 2) for _ in range(600)]
    streets, towns = [_word(dice, 3) for _ in range(8_000)], [_word(dice, 4) for _ in range(3_000)]
    count, who = 0, 0
    while count < PEOPLE:
        born = f"19{dice.randint(30, 99)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
        row = [dice.choice(given), dice.choice(surnames), f"{dice.choice(streets)} {dice.randint(1, 200)}"]
        row += [dice.choice(towns), str(dice.randint(10_000, 99_999)), born, str(dice.randint(10**6, 10**7))]
        yield who, row
        count += 1
        while dice.random() < 0.1 and count < PEOPLE:
            yield who, _spoilt(dice, row)
            count += 1
        who += 1


def _word(dice: random.Random, syllables: int) -> str:
    return "".join(dice.choice(SYLLABLES) for _ in range(syllables))


def _spoilt(dice: random.Random, row: list[str]) -> list[str]:
    """Three things go wrong: two letters change places, a value is missing, names stand in each other's place."""
    again = list(row)
    for _ in range(3):
        place = dice.randrange(len(again))
        text = again[place]
        match dice.randrange(4):
            case 0:
                again[place] = ""
            case 1 if place < 2:
                again[0], again[1] = again[1], again[0]
            case _ if len(text) > 3:
                at = dice.randrange(len(text) - 1)
                again[place] = f"{text[:at]}{text[at + 1]}{text[at]}{text[at + 2 :]}"
    return again


def _true(entities: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    for _who, places in groupby(range(len(entities)), key=lambda place: entities[place]):
        yield from combinations(places, 2)


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
