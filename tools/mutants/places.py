"""What is mutated, and where the results stand."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = Path(os.environ.get("ECRM_VAR") or ROOT / "var") / "mutants"
ROOMS = ("consent", "delivery", "engagement", "segments", "touchpoints")
NOT_VERBS = {"admin", "apps", "forms", "models", "news", "room", "tasks", "urls", "views"}
# What migrations run: the copies of the template database would not see a wrong token in it.
MIGRATED = ("ledger", "rewrite_texts")
NOT_VERB_FOLDERS = {"management", "migrations", "templatetags", "views"}


def verbs() -> list[Path]:
    """The modules and .sql files of the rooms that do something, relative to the root."""
    found = []
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            own = path.relative_to(ROOT)
            is_verb = path.suffix == ".py" and own.stem not in NOT_VERBS and not own.stem.startswith(("__", "views_"))
            if (is_verb or path.suffix == ".sql") and not NOT_VERB_FOLDERS & set(own.parts):
                found.append(own)
    return [path for path in found if not path.stem.startswith(MIGRATED)]
