"""Real inputs that are not part of the repository: returned mail, exports of other programs.

They lie in `../shared/data`, or where ECRM_INPUTS says; without them the tests that read them are skipped.
"""

import os
from pathlib import Path

import pytest

INPUTS = Path(os.environ.get("ECRM_INPUTS") or Path(__file__).resolve().parents[2] / "shared" / "data")


def needs_inputs(folder: str) -> pytest.MarkDecorator:
    """Skip this test where the folder of inputs is absent."""
    return pytest.mark.skipif(not (INPUTS / folder).is_dir(), reason=f"no real inputs here: {folder} is absent")
