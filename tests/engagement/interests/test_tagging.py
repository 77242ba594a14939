"""What carries tags: blocks of an email, addresses of pages; and tags renamed, merged and removed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from delivery.content.people import fields_of, strangers_among
from delivery.engine.controlling import approve
from delivery.models import TrackedLink
from emails.block_forms import ButtonForm
from emails.blocks.button import ButtonBlock
from emails.blocks.card import CardBlock
from emails.reading import write_blocks
from emails.tagging import tags_of_links
from engagement.interests.keeping import (
    NameTakenError,
    SameTagError,
    merge_tags,
    remove_tag,
    rename_tag,
    rules_with_visits,
    uses_of_tags,
)
from engagement.interests.reading import NoTagError, interest_names, interests_of, tag_for, tags_named
from engagement.interests.saying import say_interests
from engagement.interests.tagging import BadAddressError, set_page_rule, tag_links
from engagement.models import Interest, InterestTag, InterestWord, LinkTag, PageRule
from engagement.models.interests import Said
from tests.engagement.world import happen, person
from tests.factories.campaigns import make_message
from touchpoints.models import Touchpoint

TEA, CUPS = "https://kettle.example/tea", "https://kettle.example/cups"


def blocks() -> str:
    return write_blocks(
        [
            ButtonBlock(id="b1", text="Tea", href=TEA, tags=("Tea", "Green tea")),
            CardBlock(id="b2", name="Cup", link_text="See", href=CUPS, tags=("Cups",)),
            ButtonBlock(id="b3", text="Again", href=TEA, tags=("Drinks",)),
            ButtonBlock(id="b4", text="Plain", href="https://kettle.example/"),
        ]
    )


def test_blocks_say_what_their_links_are_about():
    assert tags_of_links(blocks()) == {TEA: {"Tea", "Green tea", "Drinks"}, CUPS: {"Cups"}}
    assert tags_of_links("no blocks") == tags_of_links("") == {}


def test_the_form_of_a_button_takes_names_with_commas():
    block = ButtonBlock(id="b1", text="Tea", href=TEA, tags=("Tea",))
    form = ButtonForm({"space": "16", "align": "left", "tags": " Tea, ,green   tea,Tea "}, block=block)

    assert form.is_valid(), form.errors
    assert form.facts()["tags"] == ["Tea", "green tea"]
    assert 'value="Tea"' in str(ButtonForm(block=block)["tags"])


def test_the_links_of_an_approved_email_are_tagged_by_blocks_and_rules(here):
    drinks = tag_for("Drinks")
    set_page_rule("kettle.example/tea", [drinks.pk])
    message = make_message(body=f"[Tea]({TEA}/oolong) and [cups]({CUPS})")

    approve(message, by=None)

    numbers = dict(TrackedLink.objects.filter(message=message).values_list("url", "number"))
    assert list(LinkTag.objects.values_list("message_id", "number", "tag_id")) == [
        (message.pk, numbers[f"{TEA}/oolong"], drinks.pk)
    ]


def test_rules_for_pages_are_kept_without_scheme_and_count_their_visits(here):
    tea, who = tag_for("Tea"), person()
    assert set_page_rule("HTTPS://www.Kettle.example/Tea/", [tea.pk]) == "kettle.example/tea/"
    happen(who, "page", 1, payload={"url": "https://kettle.example/tea/oolong"})
    happen(who, "page", 40, payload={"url": "https://kettle.example/tea/oolong"})
    happen(who, "page", 1, payload={"url": "https://kettle.example/cups"})

    assert rules_with_visits() == [{"begins": "kettle.example/tea/", "tags": [tea], "visits": 1}]
    set_page_rule("kettle.example/tea/", [])
    assert rules_with_visits() == []
    with pytest.raises(BadAddressError):
        set_page_rule("https://", [tea.pk])


def test_a_tag_is_one_whatever_its_case(here):
    assert tag_for("  Green   Tea ") == tag_for("green tea") == tags_named(["GREEN TEA"])["GREEN TEA"]
    assert str(tag_for("GREEN tea")) == "Green Tea"
    with pytest.raises(NoTagError):
        rename_tag(tag_for("x"), " ", by=None)


def test_merging_takes_people_links_pages_and_words_along(here):
    tea, drinks, who = tag_for("Tea"), tag_for("Drinks"), person()
    tag_links(7, {1: [tea.pk, drinks.pk], 2: [tea.pk]})
    set_page_rule("kettle.example", [tea.pk])
    say_interests(who, {tea.pk: Said.WANTS})

    merge_tags(tea, drinks, by=None)

    assert sorted(LinkTag.objects.values_list("number", "tag_id")) == [(1, drinks.pk), (2, drinks.pk)]
    assert list(PageRule.objects.values_list("tag_id", flat=True)) == [drinks.pk]
    assert list(InterestWord.objects.values_list("tag_id", "said")) == [(drinks.pk, Said.WANTS)]
    assert interests_of([who]) == {who: {drinks.pk: 8.0}}
    assert tags_named(["tea"]) == {"tea": drinks}
    assert [(use.tag, use.people, use.links, use.pages) for use in uses_of_tags()] == [(drinks, 1, 2, 1)]
    with pytest.raises(SameTagError):
        merge_tags(drinks, tag_for("tea"), by=None)


def test_a_name_that_another_tag_has_is_refused(here):
    tea, cups = tag_for("Tea"), tag_for("Cups")

    with pytest.raises(NameTakenError):
        rename_tag(cups, "tea", by=None)
    rename_tag(tea, "TEA", by=None)
    assert tag_for("tea").name == "TEA"


def test_a_removed_tag_leaves_nothing(here):
    tea, who = tag_for("Tea"), person()
    tag_links(7, {1: [tea.pk]})
    rename_tag(tea, "Fine tea", by=None)
    say_interests(who, {tea.pk: Said.WANTS})

    remove_tag(tea, by=None)

    assert [model.objects.count() for model in (InterestTag, LinkTag, InterestWord, Interest)] == [0, 0, 0, 0]


def test_what_they_say_stands_on_the_timeline_once(here):
    tea, who = tag_for("Tea"), person()

    assert say_interests(who, {tea.pk: Said.WANTS}) == 1
    assert say_interests(who, {tea.pk: Said.WANTS}) == 0
    assert say_interests(who, {tea.pk: Said.NOTHING}) == 1

    payloads = Touchpoint.objects.order_by("received_at").values_list("kind", "payload__reason")
    assert sorted(payloads) == [(62, "Took back what they said about Tea"), (63, "Interested in Tea")]


def test_an_email_names_what_its_reader_likes_strongest_first(here):
    tea, cups, who, other = tag_for("Tea"), tag_for("Cups"), person(), person()
    say_interests(who, {cups.pk: Said.WANTS})
    Interest.objects.create(contact_id=who, tag=tea, sum=1e6)

    needs = frozenset({"interests"})
    assert fields_of([who, other], brand="K", needs=needs)[who]["contact"] == {"interests": ["Tea", "Cups"]}
    assert "interests" not in fields_of([who], brand="K", needs=frozenset({"city"}))[who]["contact"]
    assert strangers_among([("contact", "interests")]) == []
    people = [person() for _number in range(50)]
    for one in people:
        Interest.objects.create(contact_id=one, tag=tea, sum=1e6)
    assert queries_of(lambda: interest_names(people)) == queries_of(lambda: interest_names(people[:1])) == 2


def queries_of(act) -> int:
    with CaptureQueriesContext(connection) as caught:
        act()
    return len(caught)
