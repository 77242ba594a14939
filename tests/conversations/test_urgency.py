"""Words of danger: what holds one is urgent, by the shipped words or by those of the workspace."""

import pytest

from conversations import urgency
from conversations.classifying import read_texts
from conversations.models import UrgentWords
from conversations.urgency import LONGEST_WORD, MOST_WORDS, SHIPPED, is_urgent, keep_urgent_words
from workspaces.current import working_in
from workspaces.models import AuditEntry

PAGE = "/w/kettle/inbox/urgent-words/"
OWN = ["boils over", "Kurzschluss", "a+b"]


@pytest.fixture(autouse=True)
def nothing_remembered():
    urgency._remembered.clear()


def urgent(text, language="en"):
    return read_texts([(text, language)])[0].is_urgent


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("My kettle caught fire", "en", True), ("I take legal\naction", "en", True), ("A campfire song", "en", False),
        ("Meine Hand ist VERBRANNT", "de", True), ("Das Brandenburger Tor", "de", False), ("Au feu !", "fr", False),
    ],
)  # fmt: skip
def test_shipped_words_count_whole_and_in_their_own_language(inside, text, language, found):
    assert is_urgent(text, language) is found


def test_a_workspaces_own_words_count_in_any_language_and_in_place_of_the_shipped_ones(inside, ada):
    keep_urgent_words(OWN, by=ada)

    assert urgent("It boils  over all the time and I do not like it at all.")
    assert is_urgent("Un kurzschluss!", "fr")
    assert is_urgent("Is it a+b?", "")
    assert not is_urgent("It is a++b", "en")
    assert not urgent("My kettle caught fire, and I think that is rather bad.")


def test_no_words_or_the_shipped_ones_bring_back_the_shipped_ones(inside, ada):
    for words in ([], [word for found in SHIPPED.values() for word in found]):
        keep_urgent_words(OWN, by=ada)
        keep_urgent_words(words, by=ada)

        assert not UrgentWords.objects.exists()
        assert is_urgent("My kettle caught fire", "en")
    assert AuditEntry.objects.filter(action="inbox.urgent_words").count() == 4


def test_one_workspace_has_its_own(kettle, rival, ada):
    with working_in(kettle):
        keep_urgent_words(OWN, by=ada)
    with working_in(rival):
        assert not is_urgent("It boils over", "en")
        assert is_urgent("My kettle caught fire", "en")


def test_who_keeps_them_sees_the_effect_at_once(inside, ada):
    assert not is_urgent("It boils over", "en")
    keep_urgent_words(OWN, by=ada)
    assert is_urgent("It boils over", "en")
    keep_urgent_words([], by=ada)
    assert not is_urgent("It boils over", "en")


def test_they_are_asked_of_the_database_once_a_minute(inside, django_assert_num_queries):
    with django_assert_num_queries(1):
        for _time in range(3):
            is_urgent("It boils over", "en")


def test_they_are_kept_on_a_page_that_brings_the_usual_ones_back(as_ada, kettle):

    def save(words):
        return as_ada.post(PAGE, {"words": words}, follow=True)

    assert "legal action" in as_ada.get(PAGE).content.decode()
    shown = save(" boils   over \r\n\r\nKurzschluss\nboils over\u200b\n").content.decode()
    assert "boils over\nKurzschluss</textarea>" in shown
    assert "Saved." in shown
    for refused, why in (
        ("x" * (LONGEST_WORD + 1), "is too long"),
        ("---", "has no letter and no digit"),
        ("\n".join(f"word{n}" for n in range(MOST_WORDS + 1)), "At most 200 words"),
    ):
        said = save(refused)
        assert (said.status_code, why in said.content.decode()) == (422, True)
    with working_in(kettle):
        assert UrgentWords.objects.get().words == "boils over\nKurzschluss"
    assert "legal action" in save("").content.decode()


def test_who_may_change_settings_sees_them(member, kettle):

    assert member("admin").get(PAGE).status_code == 200
    assert member("marketer").get(PAGE).status_code == 403
