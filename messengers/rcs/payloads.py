"""What is asked of RCS for one message: its text, and as suggestions the list that it ends with.

The spring box is here.

- [See the box](https://kettle.example/box)      opens a link
- Tell me more                                   is a reply
"""

import re
from typing import Any, NamedTuple

from delivery.content.liquid import BadTemplateError

LONGEST = 3_072
LONGEST_LABEL = 25
MOST_SUGGESTIONS = 11
ITEM = re.compile(r"- (.+)\Z")
LINK = re.compile(r"(?:(.*): )?(https?://\S+)\Z")


class Suggestion(NamedTuple):
    """A button: it opens `url`, or is a reply."""

    label: str
    url: str = ""


def split_suggestions(text: str) -> tuple[str, list[Suggestion]]:
    """(words, buttons) of a text whose list items stand at its end."""
    lines, found = text.replace("\r\n", "\n").strip().split("\n"), []
    while lines and (item := ITEM.match(lines[-1].strip())):
        link = LINK.match(item[1])
        found.append(Suggestion((link[1] or link[2]) if link else item[1], link[2] if link else ""))
        lines.pop()
    return "\n".join(lines).strip(), found[::-1]


def message_payload(text: str) -> dict[str, Any]:
    """The agent message. BadTemplateError: it is empty, too long, or a button is."""
    words, suggestions = split_suggestions(text)
    if not 0 < len(words) <= LONGEST:
        raise BadTemplateError(f"{len(words)} letters; 1 to {LONGEST} can be sent")
    if len(suggestions) > MOST_SUGGESTIONS:
        raise BadTemplateError(f"{len(suggestions)} buttons; at most {MOST_SUGGESTIONS} can be sent")
    for one in suggestions:
        if len(one.label) > LONGEST_LABEL:
            raise BadTemplateError(f"the button “{one.label[:40]}” has more than {LONGEST_LABEL} letters")
    content: dict[str, Any] = {"text": words}
    if suggestions:
        content["suggestions"] = [_suggestion(no, one) for no, one in enumerate(suggestions, 1)]
    return {"contentMessage": content}


def _suggestion(number: int, one: Suggestion) -> dict[str, Any]:
    facts = {"text": one.label, "postbackData": f"{number}:{one.label}"}
    if one.url:
        return {"action": {**facts, "openUrlAction": {"url": one.url}}}
    return {"reply": facts}
