"""{"message": {"did": "clicked", "message": 12, "window": {"last_days": 30}}}: received, opened or clicked an email.

Without "message": any of them; without "window": ever.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.models import Message
from delivery.tracking.measuring import people_measured
from segments.leaf_types.base import STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.rules.comparing import expect
from segments.rules.windows import Window, window_sql_of, window_words_of
from segments.words.patterns import Found, Scene, Slot
from segments.words.slots import window_words
from segments.words.speech import Node, Words
from segments.words.tokens import quoted
from segments.words.values import named

COLUMNS = {"received": "sent_at", "opened": "opened_at", "clicked": "clicked_at"}
VERBS = {
    "received": gettext_lazy("received"),
    "opened": gettext_lazy("opened"),
    "clicked": gettext_lazy("clicked in"),
}


class MessageForm(LeafForm):
    did = forms.ChoiceField(
        label=gettext_lazy("What"),
        choices=list(VERBS.items()),
        help_text=gettext_lazy(
            "Whose opens and clicks are not measured has never opened or clicked, as far as we know."
        ),
    )
    message = forms.TypedChoiceField(label=gettext_lazy("Email"), required=False, coerce=int, empty_value=None)
    last_days = forms.IntegerField(
        label=gettext_lazy("In the last days"),
        required=False,
        min_value=1,
        max_value=3650,
        help_text=gettext_lazy("Empty: ever"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = _named().exclude(planned_at=None).values_list("pk", "name")[:300]
        self.fields["message"].choices = [("", _("any email")), *names]  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, argument: dict[str, Any]) -> dict[str, Any]:
        days = (argument.get("window") or {}).get("last_days")
        return {"did": argument.get("did", "opened"), "message": argument.get("message"), "last_days": days}

    def argument(self) -> dict[str, Any]:
        said = self.cleaned_data
        found: dict[str, Any] = {"did": said["did"]}
        if said["message"]:
            found["message"] = said["message"]
        if said["last_days"]:
            found["window"] = {"last_days": said["last_days"]}
        return found


DID = {
    "en": {
        "received": "(received|receive|got|get|were sent)",
        "opened": "(opened|open|read)",
        "clicked": "(clicked|click) [in|on|a link in]",
    },
    "de": {
        "received": "(erhalten|bekommen|empfangen)",
        "opened": "(geöffnet|gelesen)",
        "clicked": "(geklickt|angeklickt)",
    },
}
WHICH = {
    "en": "[the] [email|mail|message|newsletter] (<message>|<it:message>|no <whole:message>|one of our emails <nothing:message>)",
    "de": "[in] [die|der] [e-mail|mail|nachricht] (<message>|nr <whole:message>|[einer|eine] unserer e-mails <nothing:message>)",
}
MOST_NAMED = 1_000


class MessageWords(Words):
    patterns = {
        "en": tuple(f"{DID['en'][did]} {WHICH['en']} <nothing:{did}>" for did in COLUMNS),
        "de": tuple(f"{WHICH['de']} {DID['de'][did]} <nothing:{did}>" for did in COLUMNS),
    }
    parts = {"window": "window"}

    def slots(self) -> dict[str, Slot]:
        return {"message": _one_message, "it": _it, "nothing": lambda scene, place: iter([(place, None)])}

    def node(self, found: Found, scene: Scene) -> Node:
        did = next(one for one in COLUMNS if one in found)
        said = {"did": did} | ({"message": found["message"]} if found["message"] is not None else {})
        scene.said["message"] = found["message"]
        return {"message": said | ({"window": found["window"]} if "window" in found else {})}

    def say(self, argument: Any, language: str) -> str:
        pk, span, did = argument.get("message"), window_words(argument.get("window"), language), argument["did"]
        if language == "de":
            inside = "in " if did == "clicked" else ""
            email = (
                f"{inside}{'einer' if inside else 'eine'} unserer E-Mails"
                if pk is None
                else f"{inside}{_called(pk, 'de')}"
            )
            verb = {"received": "erhalten", "opened": "geöffnet", "clicked": "geklickt"}[did]
            return " ".join(filter(None, ["die", span, email, verb, "haben"]))
        email = "one of our emails" if pk is None else f"the email {_called(pk, 'en')}"
        verb = {"received": "received", "opened": "opened", "clicked": "clicked in"}[did]
        return " ".join(filter(None, ["who", verb, email, span]))


def _called(pk: int, language: str) -> str:
    """An email by its name where that is its alone, else by its number."""
    name = Message.objects.filter(pk=pk).values_list("name", flat=True).first()
    if name is None or Message.objects.filter(name=name).count() > 1:
        return f"Nr. {pk}" if language == "de" else f"no. {pk}"
    return quoted(name, language)


def _named() -> QuerySet[Message]:
    """Messages that have a name to ask for: what one of us wrote to one person has none."""
    return Message.objects.exclude(purpose__in=(Message.Purpose.PERSONAL, Message.Purpose.ANSWER))


def _by_name() -> dict[str, int]:
    return dict(_named().order_by("-pk").values_list("name", "pk")[:MOST_NAMED])


def _one_message(scene: Scene, place: int) -> Iterator[tuple[int, int]]:
    """An email by its name."""
    known: dict[str, int] = scene.look_up("messages", _by_name)
    yield from ((end, known[name]) for end, name in named(list(known), scene, place))


def _it(scene: Scene, place: int) -> Iterator[tuple[int, int]]:
    """The email that was named last."""
    if scene.word(place) == "it" and scene.said.get("message") is not None:
        yield place + 1, scene.said["message"]


class MessageLeaf(LeafType):
    type = "message"
    label = gettext_lazy("received, opened or clicked an email")
    order = 55
    icon = "mail"
    form = MessageForm
    reads = frozenset({"delivery"})
    words = MessageWords()

    class Argument(msgspec.Struct, **STRICT):
        did: str
        message: int | None = None
        window: Window | None = None

    argument: Argument

    @classmethod
    def check(cls, argument: Argument, path: Path) -> None:
        expect(argument.did in COLUMNS, path, _("One can receive, open or click an email."))
        if argument.window:
            argument.window.check(path)
        known = argument.message is None or Message.objects.filter(pk=argument.message).exists()
        expect(known, path, _("There is no such message."))

    def condition(self, query: QueryBuilder) -> str:
        return query.people(
            f"SELECT DISTINCT coalesce(m.survivor_id, d.contact_id) AS contact_id {self._deliveries(query)}"
        )

    def phrase(self) -> Phrase:
        named = Message.objects.filter(pk=self.argument.message or 0).values_list("name", flat=True).first()
        value = f"{named or _('any email')} {window_words_of(self.argument.window)}"
        return Phrase(_("Emails"), VERBS[self.argument.did], value, self.icon)

    def evidence(self, members: Sequence[int]) -> Evidence:
        query = QueryBuilder.about(members)
        last = query.rows(f"SELECT max({self._moment}) AS last {self._deliveries(query)}")[0]["last"]
        if last:
            return Evidence(_("last time"), last, True)
        if self.argument.did != "received" and not people_measured(members):
            return Evidence(_("not known: opens and clicks of this person are not measured"), None, False)
        return Evidence(_("never in this time"), None, False)

    def moves_with_time(self) -> bool:
        return bool(self.argument.window and self.argument.window.moves_with_time)

    @property
    def _moment(self) -> str:
        return f"d.{COLUMNS[self.argument.did]}"

    def _deliveries(self, query: QueryBuilder) -> str:
        message = self.argument.message
        one = f" AND d.message_id = {query.param(message)}" if message is not None else ""
        return (
            f"{query.survivors('delivery_delivery', 'd')} WHERE d.workspace_id = %(workspace)s"
            f" AND {self._moment} IS NOT NULL{one}{window_sql_of(self.argument.window, self._moment, query)}"
            f"{query.only('d.contact_id')}"
        )
