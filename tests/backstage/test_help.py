"""Help, figures and manifest: what they answer, and to whom."""

import pytest

from backstage.help import TOPICS, find_help, palette_items
from backstage.metrics_figures import FIGURES


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.slug)
def test_every_topic_has_a_page(as_ada, topic):
    page = as_ada.get(f"/w/kettle/help/{topic.slug}/")

    assert page.status_code == 200
    assert f"<h1>{topic.title}</h1>" in page.text


def test_help_is_found_by_every_word_of_the_query():
    assert [topic.slug for topic in find_help("visitor linked")] == ["contact"]
    assert find_help("visitor zebra") == []
    assert len(find_help("")) == len(TOPICS)


def test_a_word_in_the_title_comes_first():
    assert find_help("privacy")[0].slug == "privacy"


def test_the_palette_offers_help_only_for_words(as_ada):
    as_ada.get("/w/kettle/help/")
    assert palette_items("  ") == []


def test_the_help_answers_htmx_with_the_list_alone(as_ada):
    page = as_ada.get("/w/kettle/help/?q=zebra", headers={"HX-Request": "true"})

    assert page.text.lstrip().startswith("<ul")
    assert "No page has all these words" in page.text


def test_an_unknown_topic_is_not_found(as_ada):
    assert as_ada.get("/w/kettle/help/zebras/").status_code == 404


def test_a_stranger_sees_neither_help_nor_figures_of_a_workspace(as_eve, kettle):
    assert as_eve.get("/w/kettle/help/").status_code == 404
    assert as_eve.get("/w/kettle/metrics-explained/").status_code == 404


@pytest.mark.parametrize("role", ["colleague", "analyst", "marketer", "admin"])
def test_every_role_may_read_the_help(member, role):
    assert member(role).get("/w/kettle/help/").status_code == 200


def test_the_page_of_figures_names_each_of_them_with_an_anchor(as_ada):
    page = as_ada.get("/w/kettle/metrics-explained/").text

    slugs = [figure.slug for _, _, figures in FIGURES for figure in figures]
    assert len(slugs) == len(set(slugs))
    assert [slug for slug in slugs if f'id="{slug}"' not in page] == []


def test_a_kind_that_warms_and_cools_is_one_line(inside):
    from backstage.metrics_page import weights_of
    from engagement.modelling import current_model

    lines = [
        line for line in weights_of(current_model()) if line["feeds"] == "intimacy" and str(line["name"]) == "mention"
    ]

    assert [(line["sign"], line["weight"]) for line in lines] == [("±", 2.0)]


def test_a_browser_can_install_the_product(client, db):
    answer = client.get("/manifest.webmanifest")

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/manifest+json")
    assert {icon["sizes"] for icon in answer.json()["icons"]} == {"192x192", "512x512"}
