"""Before approval: what would not reach people as it was written is said, in the words it was written with."""

import pytest

from campaigns.checking import dry_run
from campaigns.checking.looking import check_campaign
from contacts.enriching import enrich
from delivery.content.compiling import compile_message
from delivery.content.people import field_names, fields_of
from tests.factories.campaigns import make_campaign, make_sender
from tests.factories.contacts import make_reader
from workspaces.current import working_in


@pytest.fixture
def people(inside):
    inside.postal_address = "Tea Street 1"
    ann, ben = make_reader("Ann Lind", city="Berlin"), make_reader("Ben Berg")
    enrich(
        [
            (
                ann.pk,
                {
                    "Kunde seit": "2024-01-05",
                    "Points": 1234567,
                    "Card": "0012",
                    'a"b': "q",
                    "home": "https://ann.example/",
                },
            )
        ]
    )
    enrich([(ben.pk, {"Points": 123456.75, "Card": "40012345678", "home": "javascript:alert(1)"})])
    return ann, ben


def checked(inside, body, **facts):
    return check_campaign(make_campaign(make_sender(), body=body, body_format="html", **facts), inside)


def test_a_field_that_nobody_has_and_a_date_that_somebody_lacks_are_shown(inside, people):
    check = checked(
        inside, '<p>Hi {{ contact.frist_name | default: "you" }}, {{ contact["Kunde seit"] | date: "%d.%m.%Y" }}</p>'
    )

    assert check.blocks == ['{{ contact["Kunde seit"] }} is empty for 1 person; give it a stand-in']
    assert [one for one in check.warns if "frist" in one] == [
        "Nobody has the field {{ contact.frist_name }}: everybody gets its stand-in. Did you mean {{ contact.first_name }}?"
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "{% if contact.kunde_seit %}x{% endif %}",
            'contact.kunde_seit }}: everybody gets its stand-in. Did you mean {{ contact["Kunde seit"] }}?',
        ),
        (
            "{{ customer.name | default: 'x' }}",
            "customer.name }}: everybody gets its stand-in. Did you mean {{ contact.name }}?",
        ),
        ("{{ contact.first_name }}{{ brand }}{{ contact['Kunde seit'] | default: '' }}{% assign n = 1 %}{{ n }}", None),
    ],
)
def test_a_slip_of_the_pen_is_shown_wherever_it_hides(inside, people, body, said):
    warns = [one for one in checked(inside, body).warns if one.startswith("Nobody has the field")]

    assert warns == ([f"Nobody has the field {{{{ {said}"] if said else [])


def test_why_an_email_cannot_be_written_is_said_with_how_many(inside, people):
    check = checked(inside, '<a href="{{ contact.home }}">home</a> <a href="/shop?c={{ contact.city }}">shop</a>')

    assert check.blocks == [
        "The link “/shop?c={{ contact.city }}” is no address that an email can lead to: begin it with https:// or mailto:.",
        "The email cannot be written for 1 person: the link “contact.home” holds no web address (https://…).",
    ]


def test_a_row_that_would_be_torn_out_of_its_table_blocks(inside, people):
    check = checked(
        inside, '<table>{% if contact.city == "Berlin" %}<p>Only</p>{% endif %}<tr><td>All</td></tr></table>'
    )

    assert [one for one in check.blocks if '{% if contact.city == "Berlin" %}' in one] != []


def test_numbers_are_written_as_they_were_told_and_count_as_numbers(inside, people):
    body = (
        "<p>{{ contact.Points | default: 0 }} {{ contact.Points | plus: 1 }} {% if contact.Points > 5 %}RICH{% endif %}"
        " {{ contact.Card }}</p>"
    )
    one = compile_message(make_campaign(make_sender(), body=body, body_format="html").message, inside)
    fields = fields_of([person.pk for person in people], brand="K")
    said = [one.write(fields[person.pk], lambda place: "").text.splitlines()[0] for person in people]

    assert said == ["1234567 1234568 RICH 0012", "123456.75 123457.75 RICH 40012345678"]


def test_fields_with_any_name_can_be_picked(inside, people, as_ada):
    names = [name for name, _stand_in in field_names()]

    assert {'contact["Kunde seit"]', "contact.Points", "contact['a\"b']", "contact.first_name"} <= set(names)
    page = as_ada.get("/w/kettle/campaigns/new/all/").text
    assert "contact[&quot;Kunde seit&quot;]" in page


def test_a_check_of_the_first_says_that_it_is_of_the_first(as_ada, kettle, monkeypatch):
    kettle.postal_address = "Lindenallee 8"
    kettle.save()
    with working_in(kettle):
        for _ in range(5):
            make_reader()
        campaign = make_campaign(make_sender())
    here = f"/w/kettle/campaigns/{campaign.pk}/"
    assert "of 5 get it" in as_ada.get(here).text

    monkeypatch.setattr(dry_run, "MOST_TRIED", 3)

    assert "Of the first 3 of 5 in the segment" in as_ada.get(here).text
