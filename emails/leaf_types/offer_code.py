"""{"offer": {"key": "spring", "is": "unused"}}: got, none, used or unused: a code of this offer that is theirs.

Of an offer with one code for everybody only its uses are known: who used it got it. Unused is a code that could still be
used: not withdrawn, and no other code of the offer was used either.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.models import OfferPool
from emails.offers.reading import KEY
from lib.signs import Text
from segments.leaf_types.base import MOST_OFFERED, STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.rules.comparing import expect
from segments.words.patterns import Found, Scene, Slot
from segments.words.speech import Node, Words
from segments.words.tokens import quoted
from segments.words.values import named

USUAL = "got"
MOST_KNOWN = 2_000
STATES: Mapping[str, Text] = {
    "got": gettext_lazy("got a code"),
    "none": gettext_lazy("got no code"),
    "used": gettext_lazy("used a code"),
    "unused": gettext_lazy("has an unused code"),
}
HAVING = {
    "used": " HAVING count(o.redeemed_at) > 0",
    "unused": " HAVING count(o.redeemed_at) = 0 AND bool_or(o.withdrawn_at IS NULL)",
}
OPPOSITE = {"got": "none", "none": "got"}
SAID = {
    "en": {
        "got": "who got a code of {}",
        "none": "who got no code of {}",
        "used": "who used a code of {}",
        "unused": "who have an unused code of {}",
    },
    "de": {
        "got": "die einen Code von {} bekommen haben",
        "none": "die keinen Code von {} bekommen haben",
        "used": "die einen Code von {} eingelöst haben",
        "unused": "die einen uneingelösten Code von {} haben",
    },
}
ENGLISH, GERMAN = (
    "(code|codes|coupon|voucher) (of|for|from) [the] [offer] <offer>",
    "(code|codes|gutschein) (von|für) [dem|das] [angebot] <offer>",
)


class OfferForm(LeafForm):
    state = forms.ChoiceField(label=gettext_lazy("What"), choices=list(STATES.items()), initial=USUAL)
    offer = forms.ChoiceField(label=gettext_lazy("Offer"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = list(OfferPool.objects.order_by("-pk").values_list("key", "name")[:MOST_OFFERED])
        there = {key for key, _name in known}
        gone = [value for value in [self["offer"].value()] if value and value not in there]
        self.fields["offer"].choices = [*known, *((value, value) for value in gone)]  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, argument: dict[str, str]) -> dict[str, str]:
        return {"offer": argument["key"], "state": argument.get("is", USUAL)}

    def argument(self) -> dict[str, str]:
        return {"key": self.cleaned_data["offer"], "is": self.cleaned_data["state"]}


class OfferWords(Words):
    patterns = {
        "en": (
            f"[who] (got|get|received|were given|have|has|with) [a] {ENGLISH} <nothing:got>",
            f"[who] (got|have|has|with) (no|none) {ENGLISH} <nothing:none>",
            f"[who] (used|redeemed) [a] {ENGLISH} <nothing:used>",
            f"[who] (got|have|has|with) [an] (unused|unredeemed|open) {ENGLISH} <nothing:unused>",
        ),
        "de": (
            f"[mit] [einen|einem] {GERMAN} [bekommen|erhalten] <nothing:got>",
            f"(keinen|keinem|ohne) {GERMAN} [bekommen|erhalten] <nothing:none>",
            f"[einen] {GERMAN} (eingelöst|benutzt|verwendet) <nothing:used>",
            f"[mit] [einen|einem] (uneingelösten|unbenutzten|offenen) {GERMAN} <nothing:unused>",
        ),
    }  # fmt: skip

    def slots(self) -> dict[str, Slot]:
        return {"offer": _one_offer, "nothing": lambda scene, place: iter([(place, None)])}

    def node(self, found: Found, scene: Scene) -> Node:
        return {"offer": {"key": found["offer"], "is": next(one for one in STATES if one in found)}}

    def negated(self, node: Node) -> Node | None:
        opposite = OPPOSITE.get(node["offer"]["is"])
        return {"offer": node["offer"] | {"is": opposite}} if opposite else None

    def say(self, argument: Any, language: str) -> str:
        return SAID[language][argument.get("is", USUAL)].format(quoted(argument["key"], language))


def _known() -> dict[str, str]:
    """Name or key → key; a key goes before the name of another offer."""
    rows = list(OfferPool.objects.order_by("pk").values_list("key", "name")[:MOST_KNOWN])
    return {name: key for key, name in rows} | {key: key for key, _name in rows}


def _one_offer(scene: Scene, place: int) -> Iterator[tuple[int, str]]:
    """An offer by its key or name, or any key that is quoted."""
    token = scene.at(place)
    known = scene.look_up("offers", _known)
    if token is not None and token.kind == "quoted" and KEY.match(token.text) and token.text not in known.values():
        yield place + 1, token.text
        return
    yield from ((end, known[name]) for end, name in named(list(known), scene, place))


class OfferLeaf(LeafType):
    """A code of an offer is theirs, used or not, or none is."""

    type = "offer"
    label = gettext_lazy("has a code of an offer")
    order = 58
    icon = "ticket"
    form = OfferForm
    reads = frozenset({"offer"})
    words = OfferWords()

    class Argument(msgspec.Struct, **STRICT):
        """Which offer, and how it stands with its codes."""

        key: str
        state: str = msgspec.field(name="is", default=USUAL)

    argument: Argument

    @classmethod
    def check(cls, argument: Argument, path: Path) -> None:
        expect(argument.state in STATES, path, _("“is” is one of: %(names)s.") % {"names": ", ".join(STATES)})
        expect(bool(KEY.match(argument.key)), path, _("Say which offer it is, by its key."))

    @classmethod
    def usual(cls) -> Iterable[Any]:
        keys = OfferPool.objects.order_by("-pk").values_list("key", flat=True)[:MOST_OFFERED]
        return [{"key": key, "is": state} for key in keys for state in STATES]

    def condition(self, query: QueryBuilder) -> str:
        # The pool is looked up first, alone, so that the index over a pool's people is walked.
        having = HAVING.get(self.argument.state, "")
        inside = query.people(
            f"SELECT coalesce(m.survivor_id, o.contact_id) AS contact_id {self._wanted(query)} GROUP BY 1{having}"
        )
        return f"(NOT {inside})" if self.argument.state == "none" else inside

    def phrase(self) -> Phrase:
        name = OfferPool.objects.filter(key=self.argument.key).values_list("name", flat=True).first()
        return Phrase(_("offer codes"), STATES[self.argument.state], name or self.argument.key, self.icon)

    def evidence(self, members: Sequence[int]) -> Evidence:
        query = QueryBuilder.about(members)
        rows = query.rows(f"SELECT o.code, o.given_at, o.redeemed_at, o.withdrawn_at {self._wanted(query)}")
        used = [one for one in rows if one["redeemed_at"]]
        is_open = not used and any(one["withdrawn_at"] is None for one in rows)
        holds = {"got": bool(rows), "none": not rows, "used": bool(used), "unused": is_open}[self.argument.state]
        if used:
            return Evidence(_("used %(code)s") % {"code": used[0]["code"]}, used[0]["redeemed_at"], holds)
        if rows:
            return Evidence(_("got %(code)s, not used") % {"code": rows[0]["code"]}, rows[0]["given_at"], holds)
        return Evidence(_("got no code"), holds=holds)

    def _wanted(self, query: QueryBuilder) -> str:
        pool = (
            "(SELECT p.id FROM emails_offerpool p WHERE p.workspace_id = %(workspace)s"
            f" AND p.key = {query.param(self.argument.key)})"
        )
        return (
            f"{query.survivors('emails_offercode', 'o')} WHERE o.workspace_id = %(workspace)s AND o.pool_id = {pool}"
            f" AND o.contact_id IS NOT NULL{query.only('o.contact_id')}"
        )
