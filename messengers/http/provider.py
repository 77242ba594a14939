"""A provider that is asked over HTTP, one message a request: its lines, its threads, what its answers mean."""

import base64
import json
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from delivery.messengers.protocol import ConnectionLostError, Outcome, OutcomeKind, ServerDownError
from delivery.models import Sender
from delivery.returns.events import word_of
from delivery.senders import secret_of, settings_of
from lib.connections.kept_lines import KeptLines, NoAnswerError, NothingAskedError
from lib.connections.outgoing import NotReachedError, UnsafeAddressError
from lib.connections.safe_fetch import Fetched
from messengers.http.in_flight import Ask
from messengers.http.verdicts import DOUBTFUL, Said, judge, tree_of

SECONDS = 30.0
MOST_TRIES = 3  # of one request, where the provider tells the second from the first


@dataclass(frozen=True, slots=True)
class Posting:
    """What is asked for one message."""

    headers: Mapping[str, str]
    content: bytes


class HttpProvider:
    """What every provider shares. Its Settings have `endpoint` (empty: its own, `usual`) and `connections`."""

    kind: ClassVar[str]
    label: ClassVar[str | Promise]
    provider: ClassVar[str]
    usual: ClassVar[str]  # where it listens
    Settings: ClassVar[type[msgspec.Struct]]
    knows_keys: ClassVar[bool] = False  # the same asked twice under the same key counts once

    def __init__(self, sender: Sender, seconds: float | None = None) -> None:
        self.sender, self.seconds = sender, seconds or SECONDS
        self.settings: Any = settings_of(sender, self.Settings)
        self._threads: ThreadPoolExecutor | None = None
        self._lines: KeptLines | None = None

    def url(self) -> str:
        """Where messages are posted to."""
        return self.settings.endpoint or self.usual

    def read(self, tree: object, answer: Fetched) -> Said:
        """What an answer says, of whatever JSON it holds. Never raises."""
        return Said(word_of(tree, "code"), word_of(tree, "message"))

    @cached_property
    def secret(self) -> str:
        """SealBrokenError."""
        return secret_of(self.sender)

    def threads(self) -> ThreadPoolExecutor:
        """Those that wait for answers, kept until `close`."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.settings.connections, "provider")
        return self._threads

    def asking(self, posting: Posting, url: str = "") -> Ask[Fetched]:
        """What a thread does: ask, and again where the provider knows that it is the same.

        `url` is another place than the provider's usual one.
        """
        lines = self.lines()
        tries = MOST_TRIES if self.knows_keys else 1

        def ask() -> Fetched:
            """The first word that is one. Once an earlier try may have been taken, only a yes is; the rest is a doubt."""
            doubt: NoAnswerError | None = None
            for _try in range(tries):
                try:
                    answer = lines.post(posting.headers, posting.content, seconds=self.seconds, url=url)
                except NoAnswerError as error:
                    doubt = error
                    continue
                except (NothingAskedError, NotReachedError) as error:
                    if doubt is None:
                        raise
                    raise doubt from error
                if answer.status in DOUBTFUL:
                    doubt = NoAnswerError(str(answer.status))
                elif doubt is None or 200 <= answer.status < 300 or self.read(tree_of(answer), answer).had_it:
                    return answer
            if doubt is None:
                raise RuntimeError("at least one try is made")
            raise doubt

        return ask

    def lines(self) -> KeptLines:
        """The lines to the provider, kept until `close`. ServerDownError."""
        if self._lines is None:
            try:
                self._lines = KeptLines(self.url(), most=self.settings.connections)
            except UnsafeAddressError as error:
                raise self._cannot(error) from error
        return self._lines

    def judge(self, asked: Future[Fetched]) -> Outcome:
        """What one finished request means. ServerDownError, AskedToWaitError, ConnectionLostError."""
        try:
            answer = asked.result()
        except (UnsafeAddressError, NotReachedError) as error:
            raise self._cannot(error) from error
        except NothingAskedError as error:
            raise ConnectionLostError(str(error)) from error
        except NoAnswerError as error:
            return Outcome(OutcomeKind.UNKNOWN, str(error)[:300])
        return judge(self.provider, answer, self.read(tree_of(answer), answer))

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown()
        if self._lines is not None:
            self._lines.close()
        self._threads = self._lines = None

    def _cannot(self, why: object) -> ServerDownError:
        return ServerDownError(_("%(provider)s cannot be reached: %(why)s.") % {"provider": self.provider, "why": why})


def json_posting(tree: object, **headers: str) -> Posting:
    """A request whose body is JSON."""
    raw = json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Posting({"Content-Type": "application/json", "Accept": "application/json", **given}, raw)


def basic(user: str, password: str) -> str:
    """The value of Authorization."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
