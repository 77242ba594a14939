"""Words that programs write where an id is missing. They name nobody: all who lack an id would become one person."""

import re

RESERVED = frozenset(
    {
        "undefined", "null", "nil", "none", "nan", "true", "false", "void", "unknown", "unset", "empty", "default",
        "missing", "n/a", "na", "-", "-1", "guest", "anonymous", "anon", "anonymous_user", "visitor", "nobody",
        "not_set", "(not_set)", "not_provided", "(not_provided)", "not_available", "not_authenticated",
        "unauthenticated", "not_logged_in", "logged_out", "id", "uid", "user_id", "userid", "user", "customer_id",
        "external_id", "anonymous_id", "anonymousid", "distinct_id", "distinctid", "device_id", "email",
        "[object_object]", "[object_null]", "[object_undefined]", "<nil>", "<null>", "{}", "[]",
    }
)  # fmt: skip
BLANKS = re.compile(r"[\s_]+")
ONLY_ZEROS = re.compile(r"[-+]?0[-0.,:x]*\Z")  # 0, 0000, 0.0, the nil UUID
ALL_ONES = "ffffffff-ffff-ffff-ffff-ffffffffffff"


def names_nobody(id_: str) -> bool:
    """Whether this id is a stand-in for a missing one ("undefined", "[object Object]", "0000"), or empty."""
    word = BLANKS.sub("_", id_.strip().strip("\"'`").strip().casefold())
    return not word or word in RESERVED or word == ALL_ONES or ONLY_ZEROS.match(word) is not None
