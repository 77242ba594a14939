"""What the desk says of mailbox providers: their names, and whose an address is as an expression of a statement."""

from lib.mail_providers import OTHERS, PROVIDERS

BY_KEY = {one.key: one for one in (*PROVIDERS, OTHERS)}


def whose_sql(column: str) -> tuple[str, dict[str, object]]:
    """The same as an expression of a statement, with its parameters: the provider's key for an address."""
    domain = f"split_part({column}, '@', 2)"
    lines: list[str] = []
    params: dict[str, object] = {}
    for one in PROVIDERS:
        params |= {f"domains_{one.key}": list(one.domains), f"families_{one.key}": list(one.families)}
        lines.append(
            f"WHEN {domain} = ANY(%(domains_{one.key})s) OR split_part({domain}, '.', 1) = ANY(%(families_{one.key}"
            f")s) THEN '{one.key}'"
        )
    return f"CASE {' '.join(lines)} ELSE '{OTHERS.key}' END", params
