"""One step in the builder, and what the page shows after it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from consent.asking import Ask
from consent.gate import count_reachable
from consent.models import Topic
from contacts.models import Contact
from contacts.searching import find_people
from contacts.showing import sees_names, shown
from lib.asked import whole_number
from lib.foreign.foreign_json import BadJsonError, read_json
from segments.builder import drafting
from segments.builder.drafting import Rule, read_past, write_past
from segments.builder.drawing import Opened, draw, leaf_form
from segments.builder.wording import language_here, pieces_of, shortened, understand
from segments.leaf_types.base import Path, RuleError, leaf_types
from segments.masking import check_may_ask, hidden_paths
from segments.rules.compiler import check_rule
from segments.rules.counting import Count, count_lines, sample_ids
from segments.rules.explaining import Explanation, explain
from segments.rules.statements import TooSlowError, bounded
from segments.words.saying import sentence_of
from segments.words.understanding import LONGEST, Understood
from workspaces.requests import Request

MOST_TOPICS = 4
MOST_LEAF_TEXT = 1_000
SHOWN, ASKED = 5, 2_000  # people: a few to look at, and of whom the gate is asked; of more it says "about"


@dataclass
class Draft:
    """A rule that is not saved, the line that is open, what is wrong."""

    rule: Rule
    opened: Opened | None = None
    error: tuple[Path, str] | None = None
    is_invalid: bool = False
    person: str = ""
    salt: str = ""
    asked: dict[str, Any] = field(default_factory=dict)
    is_kept: bool = False  # the rule is one that stands, not one that this member made up
    past: list[Rule] = field(default_factory=list)  # the drafts before it, oldest first
    words: str = ""  # what was typed to become the rule and did not
    misread: Understood | None = None


def change(rule: Rule, post: Mapping[str, Any]) -> Draft:
    """Do what the pressed button says: open, set, remove, move, group, join, say in words, undo, or nothing."""
    draft = Draft(rule, person=str(post.get("person", ""))[:200], salt=str(post.get("salt", ""))[:20])
    draft.past = read_past(str(post.get("past", "")))
    draft.words = str(post.get("words", ""))[:LONGEST]
    # Enter in a field presses the first button, which stands outside the form: htmx sends nothing of it.
    action, _colon, rest = (str(post.get("do", "")) or "why").partition(":")
    if action == "undo":
        draft.rule = draft.past.pop() if draft.past else rule
        return draft
    if action == "say" or (action == "why" and draft.words.strip()):
        _say(draft, rest or draft.words)
    else:
        _do(draft, action, rest, post)
    if draft.rule != rule:
        draft.past.append(rule)
    return draft


def _say(draft: Draft, sentence: str) -> None:
    """The rule that a sentence means; where it is not understood the draft stays as it is."""
    said = understand(sentence[:LONGEST])
    if said.rule is not None:
        draft.rule, draft.words = said.rule, ""
    elif sentence.strip():
        draft.words, draft.misread, draft.is_invalid = said.sentence, said, True


def _do(draft: Draft, action: str, rest: str, post: Mapping[str, Any]) -> None:
    rule, path = draft.rule, drafting.read_path(rest.split(":")[0])
    match action:
        case "add":
            kind = str(post.get(f"kind-{rest}", ""))
            if form := leaf_form(kind):
                draft.opened = Opened(path, kind, form(prefix="leaf"))
        case "take":
            draft.rule = _take(rule, path, rest.partition(":")[2])
        case "edit":
            _open_line(draft, path)
        case "set":
            _set_line(draft, path, rest.partition(":")[2], post)
        case "remove" | "up" | "group" | "join":
            draft.rule = _moved(rule, action, path, rest.partition(":")[2])
        case "others":
            draft.salt = f"{draft.salt}x"[-20:]


@dataclass(frozen=True, slots=True)
class Reach:
    """How many of those who fit may get a topic's messages; of many only a part was asked: about."""

    topic: Topic
    people: int
    is_about: bool


def results(request: Request, draft: Draft, *, counts: bool = True) -> dict[str, Any]:
    """Everything the page says about the draft: the tree, its sentence, the count, a few people, why somebody is in.

    Without `counts` only what costs nothing: the page fetches the rest when it stands.
    """
    count, error, hidden = None, draft.error, hidden_paths(request, draft.rule)
    try:
        if not draft.is_kept:
            check_may_ask(request, draft.rule)
        check_rule(draft.rule)
        count = count_lines(draft.rule) if counts else None
    except RuleError as trouble:
        error = error or (trouble.path, trouble.text)
    except TooSlowError as trouble:
        error = error or ((), str(trouble))
    context: dict[str, Any] = {
        "tree": draw(draft.rule, count, draft.opened, error, hidden),
        "count": count,
        "error": error,
        "words": [{"kind": one.type, "label": one.label} for one in leaf_types() if one.form],
        "sentence": shortened(sentence_of(draft.rule, language_here(), hidden=hidden)),
        "typed": draft.words,
        "misread": draft.misread,
        "pieces": pieces_of(draft.misread) if draft.misread else [],
        "past_text": write_past(draft.past),
        "person_text": draft.person,
        "salt": draft.salt,
        "hint": _hint(draft.rule, count),
        "is_counted_later": not counts and error is None,
    }
    if count is not None:
        some = sample_ids(draft.rule, ASKED, salt=draft.salt)
        people = Contact.objects.in_bulk(some[:SHOWN])
        context["sample"] = [shown(request, people[one]) for one in some[:SHOWN]]
        context["reachable"] = _reachable(some, count.people)
        context |= _why(request, draft)
    return context


def _reachable(some: list[int], people: int) -> list[Reach]:
    """How many of `people` each topic reaches, as `some` of them, drawn by chance, tell."""
    found, is_about = [], len(some) < people
    with bounded():
        for topic in Topic.objects.all()[:MOST_TOPICS]:
            reached = count_reachable(Ask(topic_id=topic.pk), some)
            share = round(reached * people / max(1, len(some))) if is_about else reached
            found.append(Reach(topic, rounded(share) if is_about else share, is_about))
    return found


def rounded(number: int) -> int:
    """A number that says no more than a sample knows: two digits."""
    unit = 10 ** max(0, len(str(number)) - 2)
    return int(round(number / unit) * unit)


def _open_line(draft: Draft, path: Path) -> None:
    node = drafting.node_at(draft.rule, path)
    if isinstance(node, dict) and len(node) == 1:
        ((kind, argument),) = node.items()
        if form := leaf_form(kind):
            draft.opened = Opened(path, kind, form(prefix="leaf", initial=form.initial_of(argument)))


def _moved(rule: Rule, action: str, path: Path, joint: str) -> Rule:
    match action:
        case "remove":
            return drafting.remove(rule, path)
        case "up":
            return drafting.move_up(rule, path)
        case "group":
            return drafting.add_group(rule, path, joint)
    return drafting.join_by(rule, path, joint)


def _take(rule: Rule, path: Path, text: str) -> Rule:
    """The rule with a suggested line at `path`; as it was for what is none."""
    try:
        leaf = read_json(text[:MOST_LEAF_TEXT])
        check_rule(leaf)
    except (BadJsonError, RuleError):
        return rule
    return drafting.put(rule, path, leaf)


def _set_line(draft: Draft, path: Path, kind: str, post: Mapping[str, Any]) -> None:
    form_class = leaf_form(kind)
    if form_class is None:
        return
    form = form_class(post, prefix="leaf")
    if form.is_valid():
        leaf = {kind: form.argument()}
        try:
            check_rule(leaf)
        except RuleError as error:
            form.add_error(None, error.text)
        else:
            draft.rule = drafting.put(draft.rule, path, leaf)
            return
    draft.opened, draft.is_invalid = Opened(path, kind, form), True


def _why(request: Request, draft: Draft) -> dict[str, Any]:
    if not draft.person:
        return {}
    ids = find_people(draft.person, limit=6) if sees_names(request) else []
    if (number := whole_number(draft.person)) is not None:
        ids = [number]
    people = list(Contact.objects.filter(pk__in=ids, erased_at=None).order_by("name")[:6])
    if len(people) != 1:
        return {"candidates": [shown(request, one) for one in people], "is_unknown": not people}
    found: Explanation = explain(draft.rule, people[0], hidden=hidden_paths(request, draft.rule))
    return {"explanation": found, "explained": shown(request, people[0])}


def _hint(rule: Rule, count: Count | None) -> str:
    """Where the last people got lost, for a count of nobody."""
    if count is None or count.people or "all" not in rule:
        return ""
    left = count.of
    for number in range(len(rule["all"])):
        now = count.lines.get((number,), 0)
        if left and not now:
            return _("Condition %(line)s takes the last %(n)s people out; try a wider value.") % {
                "line": number + 1,
                "n": left,
            }
        left = now
    return ""
