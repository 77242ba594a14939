"""docs/asvs.csv says what is proven and by which test: each of these tests is there."""

import csv
import re

from tests.test_house import ROOT

STATES = {"proven", "partly", "reason", "not"}


def test_every_proof_is_a_test_that_exists():
    rows = list(csv.DictReader((ROOT / "docs" / "asvs.csv").read_text().splitlines()))
    missing = []
    for row in rows:
        path, _colons, name = row["proof"].partition("::")
        if row["state"] == "proven" and not re.search(rf"def {name}\(", (ROOT / path).read_text()):
            missing.append(row["proof"])

    assert missing == []
    assert {row["state"] for row in rows} <= STATES
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", row["requirement"]) for row in rows)
    assert all(row["proof"] for row in rows)
