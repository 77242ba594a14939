"""docs/benchmarks.md keeps each benchmark's last figures."""

from bench.report import write_section


def test_a_section_is_replaced_and_the_others_stay(tmp_path):
    page = tmp_path / "benchmarks.md"
    write_section("recording", "slow 9 µs", page=page)
    write_section("pages", "home 3 ms", page=page)

    write_section("recording", "quick 1 µs", page=page)

    text = page.read_text()
    assert text.startswith("# Benchmarks\n")
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## pages", "## recording"]
    assert ("slow" in text, "quick 1 µs" in text, "home 3 ms" in text) == (False, True, True)
