"""Who is in a control group: a stable bucket of 10,000 by a hash of person and salt, the same in SQL and here."""

from hashlib import md5

BUCKETS = 10_000


def bucket(contact_id: int, salt: str) -> int:
    """0…9,999, always the same for this person and salt."""
    return int(md5(f"{salt}:{contact_id}".encode(), usedforsecurity=False).hexdigest()[:8], 16) % BUCKETS


def bucket_sql(column: str, salt: str) -> str:
    """The same as SQL over a column of contact ids; `salt` is the name of a parameter."""
    return f"(('x' || substr(md5(%({salt})s::text || ':' || {column}), 1, 8))::bit(32)::bigint %% {BUCKETS})"
