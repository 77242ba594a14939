import time

import pytest

from touchpoints.money import read_milli, read_minor


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        (11.77, 1177), (20, 2000), (1e-7, 0), (-3.5, -350), ("12.5", 1250), (".5", 50),
        ("1,234.56", 123456), ("1.234,56 €", 123456), ("1 234,56", 123456), ("1'234.50", 123450), ("1.234.567,89", 123456789),
        ("1,234", 123400), ("1.234", 123), ("12,5", 1250), ("$12", 1200), ("EUR 12.00", 1200), ("12 kr.", 1200),
        ("-€5", -500), ("€ -5", -500), ("(5.00)", -500), ("1,234,567", 123456700),
    ],
)  # fmt: skip
def test_money_is_read_as_people_write_it(written, minor):
    assert read_minor(written) == minor


@pytest.mark.parametrize(
    ("written", "milli"), [("0.125", 125), ("2", 2000), ("-1.5", -1500), ("1,250.0005", 1250000), ("x", None)]
)
def test_a_number_is_read_to_three_places(written, milli):
    assert read_milli(written) == milli


@pytest.mark.parametrize(
    "written",
    ["lots", "5 things", "", ".", "--5", "((5)", "Infinity", "NaN", "1e5", "9e299999", "9" * 40, "9" * 1_000_000,
     10**4_000, 1e300, float("inf"), float("nan"), 10**17, True, None, [], {}],
)  # fmt: skip
def test_what_is_no_amount_costs_nothing_and_is_none(written):
    begun = time.process_time()

    assert read_minor(written) is None
    assert time.process_time() - begun < 0.5  # 90 bytes took 15 seconds
