"""What reading a text costs: its language, its features, everything of it; and 10,000 mentions in, classification included.

The texts are rated tweets where those lie (../shared/data), else our own sentences. CPU of Python alone.
"""

import gc
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from statistics import median

from conversations.channels import Heard
from conversations.classifying import find_language, read_texts
from conversations.engines.corpora import SENTENCES
from conversations.engines.features import hash_features
from conversations.mentions.listening import hear
from conversations.models import Mention
from lib.clock import now
from social.connecting import connect
from tests.inputs import INPUTS
from workspaces.current import working_in
from workspaces.models import Workspace

TEXTS, MENTIONS, PAGE = 2_000, 10_000, 500
TURNS = 5


def run(workspace: Workspace) -> None:
    """Print the figures."""
    texts = _texts()
    with working_in(workspace):
        read_texts([("loads the weights", "en")])
        print(f"texts a second of one core, medians of {TURNS} turns over {TEXTS:,} texts")
        _tell("language", lambda: [find_language(text, "en") for text in texts])
        _tell("features", lambda: [hash_features(texts[at : at + 200]) for at in range(0, TEXTS, 200)])
        _tell("everything (read_texts), at least 2,000", lambda: read_texts([(text, "en") for text in texts]))
        _tell("everything, without a tag", lambda: read_texts([(text, "") for text in texts]))
    _hear(workspace, texts)


def _texts() -> list[str]:
    tweets = INPUTS / "sentiment" / "hutto_tweets.txt"
    path, column = (tweets, 2) if tweets.exists() else (SENTENCES, 3)
    lines = [line.split("\t")[column] for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    return (lines * (TEXTS // len(lines) + 1))[:TEXTS]


def _tell(name: str, act: Callable[[], object]) -> None:
    spent = []
    for _turn in range(TURNS):
        started = time.process_time()
        act()
        spent.append(time.process_time() - started)
    print(f"  {name:<42}{TEXTS / median(spent):>9,.0f}")


def _hear(workspace: Workspace, texts: Sequence[str]) -> None:
    with working_in(workspace):
        connection = connect("webhook", name="Feelings", by=None)[0]
    gc.collect()
    gc.freeze()  # as a worker does before it forks
    started, begun = time.process_time(), time.monotonic()
    for first in range(0, MENTIONS, PAGE):
        with working_in(workspace):
            hear(connection, [_heard(texts[at % len(texts)], at) for at in range(first, first + PAGE)])
    spent, took = time.process_time() - started, time.monotonic() - begun
    with working_in(workspace):
        stored = Mention.objects.filter(connection=connection).count()
    print(f"{stored:,} mentions in, {PAGE} a page: {stored / spent:,.0f} a second of Python's core (at least 1,000)")
    print(f"  {stored / took:,.0f} a second on the clock, PostgreSQL's work included")


def _heard(text: str, number: int) -> Heard:
    return Heard(
        text=f"{text} {number}",
        remote_id=f"feeling-{number}",
        handle=f"writer{number % 2_000}@social.example",
        name=f"Writer {number % 2_000}",
        published_at=now() - timedelta(seconds=number),
        network="mastodon",
        language="en",
        thread=f"thread-{number}",
        url=f"https://social.example/feelings/{number}",
    )
