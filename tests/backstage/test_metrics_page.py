import pytest

from backstage.metrics_figures import FIGURES
from engagement import formula, levels

FORMULAS = {figure.slug: figure.formula for _slug, _title, figures in FIGURES for figure in figures}


@pytest.mark.parametrize(
    ("slug", "part"),
    [
        ("involvement", formula.FORMULAS["raw"]),
        ("influence", "log10(10 + followers)"),
        ("day", f"min({formula.MOST_TIMES}, log2(1 + n))"),
        ("value", f"min({formula.MOST_VALUE}, "),
        ("heat", f"days / {formula.HEAT_HALF_LIFE:g}"),
        *[("level", f"{level.name.lower()} ≥ {levels.THRESHOLDS[level]:g}") for level in levels.KNOWN],
    ],
)
def test_the_page_states_the_numbers_that_the_code_computes_with(slug, part):
    assert part in FORMULAS[slug]


def test_the_weights_of_the_model_stand_on_the_page(as_ada, kettle):
    page = as_ada.get("/w/kettle/metrics-explained/").text

    assert "Email opened" in page
    assert "reach multiplies influence" in page
    assert "sent and not bounced" in page.lower()
