"""No property is decided by the clock: a busy machine makes nothing false."""

import re
from pathlib import Path

from hypothesis import HealthCheck, settings

HERE = Path(__file__).parent
TIMED = re.compile(r"\bdeadline=(?!None)|suppress_health_check=\[(?![^\]]*too_slow)")
PATHS = sorted(path for path in HERE.rglob("*.py") if path.name != Path(__file__).name)


def test_what_says_nothing_of_time_has_none():
    assert settings.default.deadline is None
    assert HealthCheck.too_slow in settings.default.suppress_health_check


def test_no_settings_of_a_test_bring_the_clock_back():
    found = {str(path.relative_to(HERE)): TIMED.findall(path.read_text()) for path in PATHS}

    assert {path: timed for path, timed in found.items() if timed} == {}


def test_settings_that_would_are_found():
    said = "@settings(deadline=200)", "suppress_health_check=[HealthCheck.function_scoped_fixture]"

    assert [len(TIMED.findall(one)) for one in said] == [1, 1]
    assert TIMED.findall("@settings(deadline=None, suppress_health_check=[\n    HealthCheck.too_slow])") == []
