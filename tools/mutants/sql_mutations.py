"""Mutants of a .sql file: one token at a time becomes its neighbour."""

import re
from collections.abc import Iterator

SWAPS = (
    (r"(?<![<>!=-])<(?![<>=])", "<="),
    (r"(?<![<>!=])<=(?![<>=])", "<"),
    (r"(?<![<>!=-])>(?![<>=])", ">="),
    (r"(?<![<>!=@])>=(?![<>=])", ">"),
    (r"<>", "="),
    (r"(?<= )\+(?= )", "-"),
    (r"(?<= )-(?= )", "+"),
    (r"(?<= )\*(?= )", "/"),
    (r"(?<= )/(?= )", "*"),
    (r"\bAND\b(?! %\(\w+\)s(?:\)|$))(?! NOT NULL)", "OR"),
    (r"\bOR\b(?! NOTHING)", "AND"),
    (r"\bNOT EXISTS\b", "EXISTS"),
    (r"(?<!NOT )\bEXISTS\b", "NOT EXISTS"),
    (r"\bIS NULL\b", "IS NOT NULL"),
    (r"\bIS NOT NULL\b", "IS NULL"),
    (r"\bgreatest\(", "least("),
    (r"\bleast\(", "greatest("),
    (r"\bmin\(", "max("),
    (r"\bmax\(", "min("),
    (r"\bDESC\b", "ASC"),
    (r"\bUNION ALL\b", "UNION"),
    (r"\bLEFT JOIN\b(?! LATERAL)", "JOIN"),
    (r"\bDISTINCT\b(?! ON| FROM)", ""),
    (r"\btrue\b", "false"),
    (r"\bfalse\b", "true"),
    (r"\bold\.(?=\w+ \+)", "0 * old."),
    (r"(?<!SELECT )(?<![\w.%:(\[])(\d+)(?![\w.])", "1\\1"),  # SELECT 1 only asks whether
)


def mutations_of(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, what was changed, the whole mutated text) of each mutant; comments are left alone."""
    begin = 0
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        code = line.partition("--")[0]
        for pattern, other in SWAPS:
            for match in re.finditer(pattern, code):
                new = match.expand(other)
                mutated = text[: begin + match.start()] + new + text[begin + match.end() :]
                yield number, f"{match[0]} → {new}", mutated
        begin += len(line)
