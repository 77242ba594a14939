"""Which features a selector of CSS uses."""

from collections.abc import Iterator, Sequence
from typing import Any

from emails.lint.slugs import known

COMBINATORS = {">": "css-selector-child", "+": "css-selector-adjacent-sibling", "~": "css-selector-general-sibling"}
SIMPLE = {"*": "css-selector-universal", "&": "css-nesting", ",": "css-selector-grouping"}
NAMED = {"hash": "css-selector-id", "[] block": "css-selector-attribute"}


def selector_slugs(prelude: Sequence[Any]) -> list[str]:
    """The features, each once."""
    return list(dict.fromkeys(one for one in _found(prelude) if one))


def _found(prelude: Sequence[Any]) -> Iterator[str]:
    colons = 0
    before = ""  # what the last token was
    for at, token in enumerate(prelude):
        is_literal = token.type == "literal"
        if colons:
            yield _pseudo(token, colons)
        elif is_literal:
            yield COMBINATORS.get(token.value) or SIMPLE.get(token.value, "")
        elif token.type == "whitespace":
            yield "css-selector-descendant" if _is_between(prelude, at) else ""
        elif token.type == "ident":
            yield "css-selector-class" if before == "." else "css-selector-type"
        else:
            yield NAMED.get(token.type, "")
        if is_literal and token.value == "." and before == "ident":
            yield "css-selector-chaining"
        colons = colons + 1 if is_literal and token.value == ":" else 0
        before = token.value if is_literal else token.type


def _pseudo(token: Any, colons: int) -> str:
    """Of what stands behind one colon or two."""
    name = getattr(token, "lower_name", "") or getattr(token, "lower_value", "")
    kind = "element" if colons > 1 or name in {"before", "after"} else "class"
    return known(f"css-pseudo-{kind}-{name}") if token.type in {"ident", "function"} else ""


def _is_between(prelude: Sequence[Any], at: int) -> bool:
    """Whether a blank stands between two elements, and is no blank around a comma or an arrow."""
    if not 0 < at < len(prelude) - 1:
        return False
    return not any(
        one.type == "literal" and one.value in {",", ">", "+", "~"} for one in (prelude[at - 1], prelude[at + 1])
    )
