"""Which features a selector of CSS uses."""

from collections.abc import Iterator, Sequence
from typing import Any

from emails.lint.slugs import known

COMBINATORS = {">": "css-selector-child", "+": "css-selector-adjacent-sibling", "~": "css-selector-general-sibling"}
SIMPLE = {"*": "css-selector-universal", "&": "css-nesting", ",": "css-selector-grouping"}
NTH = {"nth-of-type": "css-pseudo-class-nth-of-type"}


def selector_slugs(prelude: Sequence[Any]) -> list[str]:
    """The features, each once."""
    return list(dict.fromkeys(one for one in _found(prelude) if one))


def _found(prelude: Sequence[Any]) -> Iterator[str]:
    colons = 0
    before = ""  # what the last token was
    for at, token in enumerate(prelude):
        kind = token.type
        if colons:
            name = getattr(token, "lower_name", "") or getattr(token, "lower_value", "")
            if kind in {"ident", "function"}:
                yield known(f"css-pseudo-{'element' if colons > 1 or name in {'before', 'after'} else 'class'}-{name}")
        elif kind == "ident":
            if before == ".":
                yield "css-selector-class"
            else:
                yield "css-selector-type"
        elif kind == "hash":
            yield "css-selector-id"
        elif kind == "[] block":
            yield "css-selector-attribute"
        elif kind == "literal" and token.value in COMBINATORS:
            yield COMBINATORS[token.value]
        elif kind == "literal" and token.value in SIMPLE:
            yield SIMPLE[token.value]
        elif kind == "whitespace" and _is_between(prelude, at):
            yield "css-selector-descendant"
        if kind == "literal" and token.value == "." and before == "ident":
            yield "css-selector-chaining"
        colons = colons + 1 if kind == "literal" and token.value == ":" else 0
        before = token.value if kind == "literal" else kind


def _is_between(prelude: Sequence[Any], at: int) -> bool:
    """Whether a blank stands between two elements, and is no blank around a comma or an arrow."""
    if not 0 < at < len(prelude) - 1:
        return False
    return not any(one.type == "literal" and one.value in {",", ">", "+", "~"} for one in (prelude[at - 1], prelude[at + 1]))
