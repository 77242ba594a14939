import json
import re

import pytest

from contacts.models import Audience
from contacts.searching import index_people
from segments.members.rechecking import refresh_with_readers
from segments.models import Segment, SegmentMember
from tests.factories.campaigns import everybody, make_campaign
from tests.factories.contacts import make_contact
from workspaces.current import working_in
from workspaces.models import AuditEntry, User

HERE = "/w/kettle/segments/"
HTMX = {"HX-Request": "true"}
VIP = {"all": [{"tag": {"has_any": ["vip"]}}]}
NAMED = {"name": "VIPs", "description": "Those we know best"}


@pytest.fixture
def people(kettle):
    with working_in(kettle):
        made = [make_contact("Greta Lindqvist", tags=["vip"], roles=[Audience.CUSTOMER]), make_contact("Carl Other")]
        index_people([one.pk for one in made])
    return made


@pytest.fixture
def vips(kettle, people):
    with working_in(kettle):
        segment = Segment.objects.create(rule=VIP, **NAMED)
        refresh_with_readers(segment)
    return segment


def step(client, url, rule, do, **more):
    return client.post(url, {"rule": json.dumps(rule), "do": do, **more}, headers=HTMX)


def rule_in(answer):
    import html
    import re

    return json.loads(html.unescape(re.search(r'name="rule" value="([^"]*)"', answer.text)[1]))


def test_the_list_counts(as_ada, vips):
    page = as_ada.get(HERE).text

    assert "VIPs" in page
    assert f"?segment={vips.pk}" in page
    assert re.search(r">\s*1\s*</a>", page)


def test_an_empty_list_teaches(as_ada):
    assert "No segment yet" in as_ada.get(HERE).text


def test_a_segment_reads_as_a_sentence_with_its_count(as_ada, vips):
    page = as_ada.get(f"{HERE}{vips.pk}/").text

    for words in ("tags", "include", "<b>vip</b>", "Greta Lindqvist", "of 2. Counted in", "May get “Newsletter”"):
        assert words in page


def test_a_segment_that_a_campaign_goes_to_stays(as_ada, kettle):
    with working_in(kettle):
        segment = everybody("Tea people")
        make_campaign(segment=segment, name="Spring box")

    answer = as_ada.post(f"/w/kettle/segments/{segment.pk}/delete/")

    assert answer.status_code == 422
    assert "It is used by: Spring box." in answer.text
    with working_in(kettle):
        assert Segment.objects.filter(pk=segment.pk).exists()


def test_a_line_is_added_in_two_steps_without_a_script(as_ada, people, kettle):
    opened = as_ada.post(HERE + "new/", {"rule": '{"all": []}', "do": "add:0", "kind-0": "tag"})
    assert 'name="leaf-names"' in opened.text

    set_ = as_ada.post(
        HERE + "new/", {"rule": '{"all": []}', "do": "set:0:tag", "leaf-test": "has_any", "leaf-names": "vip, fair"}
    )
    assert rule_in(set_) == {"all": [{"tag": {"has_any": ["vip", "fair"]}}]}

    saved = as_ada.post(HERE + "new/", {"rule": json.dumps(rule_in(set_)), "do": "save", **NAMED})
    with working_in(kettle):
        segment = Segment.objects.get()
        assert saved.url == f"{HERE}{segment.pk}/"
        assert (segment.member_count, segment.is_private) == (1, False)
        assert AuditEntry.objects.filter(action="segment.saved", target_id=segment.pk).exists()


@pytest.mark.parametrize(
    ("kind", "values", "leaf"),
    [
        ("role", {"roles": ["customer", "critic"]}, {"role": {"in": ["customer", "critic"]}}),
        (
            "field",
            {"name": "city", "op": "contains", "value": "Bon"},
            {"field": {"name": "city", "op": "contains", "value": "Bon"}},
        ),
        (
            "field",
            {"name": "created_at", "op": "last_days", "value": "30"},
            {"field": {"name": "created_at", "op": "last_days", "value": 30}},
        ),
        (
            "field",
            {"name": "contact_frequency", "op": ">=", "value": "2"},
            {"field": {"name": "contact_frequency", "op": ">=", "value": 2}},
        ),
        ("field", {"name": "tea", "op": "unset", "value": ""}, {"field": {"name": "tea", "op": "unset"}}),
        (
            "field",
            {"name": "points", "op": ">", "value": "2.5"},
            {"field": {"name": "points", "op": ">", "value": 2.5}},
        ),
        (
            "consent",
            {"state": "given", "topic": "letter", "channel": "email"},
            {"consent": {"state": "given", "topic": "letter", "channel": "email"}},
        ),
        ("suppressed", {"channel": "email"}, {"suppressed": {"channel": "email"}}),
        ("bucket", {"percent": "10", "salt": "may"}, {"bucket": {"salt": "may", "from": 0, "to": 1000}}),
        (
            "did",
            {"kind": "purchase", "measure": "count", "op": "<", "number": "2", "days": "60"},
            {"did": {"kind": "purchase", "count": {"op": "<", "n": 2}, "window": {"last_days": 60}}},
        ),
        (
            "did",
            {"kind": "purchase", "measure": "sum", "op": ">=", "number": "5000", "days": ""},
            {"did": {"kind": "purchase", "sum": {"path": "value", "op": ">=", "value": 5000}}},
        ),
        (
            "last",
            {"kind": "opened", "op": ">=", "days": "90"},
            {"last": {"kind": "opened", "ago": {"op": ">=", "days": 90}}},
        ),
    ],
)
def test_every_word_has_a_form_that_writes_and_reads_it(as_ada, people, kind, values, leaf):
    fields = {f"leaf-{name}": value for name, value in values.items()}

    answer = step(as_ada, HERE + "new/", {"all": []}, f"set:0:{kind}", **fields)
    assert rule_in(answer) == {"all": [leaf]}

    again = step(as_ada, HERE + "new/", rule_in(answer), "edit:0")
    assert again.status_code == 200
    assert f'value="set:0:{kind}"' in again.text


def test_wrong_values_are_said_beside_the_line(as_ada, people):
    answer = step(as_ada, HERE + "new/", {"all": []}, "set:0:did", **{"leaf-kind": "purchase", "leaf-op": ">="})

    assert answer.status_code == 422
    assert answer.text.strip().startswith('<form id="builder"')
    assert rule_in(answer) == {"all": []}


def test_groups_nest_move_and_go(as_ada, people):
    def after(rule, do):
        return rule_in(step(as_ada, HERE + "new/", rule, do))

    tag, role = {"tag": {"has_any": ["vip"]}}, {"role": {"in": ["customer"]}}
    assert after({"all": [tag]}, "group::any") == {"all": [tag, {"any": []}]}
    assert after({"all": [tag]}, "group::none") == {"all": [tag, {"not": {"any": []}}]}
    assert after({"all": [tag, {"any": [role]}]}, "join:1:none") == {"all": [tag, {"not": {"any": [role]}}]}
    assert after({"all": [tag, {"not": {"any": [role]}}]}, "join:1:any") == {"all": [tag, {"any": [role]}]}
    assert after({"all": [tag, role]}, "join::any") == {"any": [tag, role]}
    assert after({"all": [tag, role]}, "up:1") == {"all": [role, tag]}
    assert after({"all": [tag, {"not": {"any": [role, tag]}}]}, "remove:1.0.0") == {
        "all": [tag, {"not": {"any": [tag]}}]
    }
    assert after({"all": [tag, role]}, "remove:0") == {"all": [role]}


@pytest.mark.parametrize(
    "rule", ["", "[1]", "null", '{"all": 3}', '{"not": 5}', '{"a": 1, "b": 2}', "{" * 50, '{"zzz": {}}']
)
@pytest.mark.parametrize(
    "do", ["", "save", "remove:9.9", "edit:0.0.0.0", "set:0:nope", "up:-1", "join:x:y", "group:7:all"]
)
def test_nonsense_breaks_nothing(as_ada, people, rule, do):
    answer = as_ada.post(HERE + "new/", {"rule": rule, "do": do}, headers=HTMX)

    assert answer.status_code in {200, 422}


def test_a_line_of_a_word_that_is_gone_is_shown_and_cannot_be_saved(as_ada, vips):
    answer = as_ada.post(f"{HERE}{vips.pk}/", {"rule": '{"all": [{"zzz": {}}]}', "do": "save", **NAMED}, headers=HTMX)

    assert answer.status_code == 422
    assert "zzz" in answer.text


def test_a_circle_cannot_be_saved(as_ada, vips, kettle):
    with working_in(kettle):
        reader = Segment.objects.create(name="Reader", rule={"all": [{"segment": {"id": vips.pk, "in": True}}]})

    answer = as_ada.post(
        f"{HERE}{vips.pk}/", {"rule": json.dumps({"all": [{"segment": {"id": reader.pk}}]}), "do": "save", **NAMED}
    )

    assert answer.status_code == 422
    assert "leads back to the segment itself" in answer.text
    with working_in(kettle):
        assert Segment.objects.get(pk=vips.pk).rule == VIP


def test_nobody_fits_says_which_line_did_it(as_ada, people):
    rule = {"all": [{"role": {"in": ["customer"]}}, {"tag": {"has_any": ["nowhere"]}}]}

    assert "Condition 2 takes the last 1 people out" in step(as_ada, HERE + "new/", rule, "").text


def test_why_somebody_is_in_or_out(as_ada, vips, people):
    inside = step(as_ada, f"{HERE}{vips.pk}/", VIP, "why", person="greta").text
    outside = step(as_ada, f"{HERE}{vips.pk}/", VIP, "why", person="carl").text

    assert "Greta Lindqvist is in." in inside
    assert "Carl Other is out, because of one line" in outside
    assert "Nobody is called that" in step(as_ada, f"{HERE}{vips.pk}/", VIP, "why", person="zebra").text


def test_the_queries_do_not_grow_with_people(as_ada, vips, kettle, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    as_ada.get(f"{HERE}{vips.pk}/")
    with CaptureQueriesContext(connection) as few:
        as_ada.get(f"{HERE}{vips.pk}/")
    with working_in(kettle):
        for _ in range(30):
            make_contact(tags=["vip"])
    with django_assert_num_queries(len(few)):
        as_ada.get(f"{HERE}{vips.pk}/")


def test_an_export_disarms_formulas_and_is_written_down(as_ada, vips, kettle):
    with working_in(kettle):
        evil = make_contact('=HYPERLINK("http://x")', tags=["vip"])
        SegmentMember.objects.create(segment=vips, contact=evil)

    text = as_ada.get(f"{HERE}{vips.pk}/export.csv").content.decode("utf-8-sig")

    assert "Greta Lindqvist" in text
    assert "\"'=HYPERLINK" in text
    with working_in(kettle):
        assert AuditEntry.objects.filter(action="segment.exported").count() == 1


def test_an_analyst_keeps_private_segments_that_nobody_else_sees(member, as_ada, people, kettle):
    analyst = member("analyst")
    analyst.post(HERE + "new/", {"rule": json.dumps(VIP), "do": "save", "name": "Mine"})

    with working_in(kettle):
        mine = Segment.objects.get()
        assert (mine.is_private, mine.owner_id) == (True, User.objects.get(email="analyst@kettle.example").pk)
    assert "Mine" in analyst.get(HERE).text
    assert "Mine" not in as_ada.get(HERE).text
    assert as_ada.get(f"{HERE}{mine.pk}/").status_code == 404
    assert "Greta" not in analyst.get(f"{HERE}{mine.pk}/").text


def test_an_analyst_changes_no_shared_segment(member, vips):
    analyst = member("analyst")

    assert analyst.get(f"{HERE}{vips.pk}/").status_code == 200
    assert analyst.post(f"{HERE}{vips.pk}/", {"rule": "{}", "do": "save", "name": "x"}).status_code == 403
    assert analyst.post(f"{HERE}{vips.pk}/delete/").status_code == 403
    assert analyst.get(f"{HERE}{vips.pk}/export.csv").status_code == 403


def test_strangers_and_colleagues_see_nothing(as_eve, member, vips):
    assert as_eve.get(f"{HERE}{vips.pk}/").status_code == 404
    assert member("colleague").get(HERE).status_code == 403


def test_another_workspaces_segment_is_not_there(as_ada, rival, kettle):
    with working_in(rival):
        theirs = Segment.objects.create(name="Theirs", rule=VIP)

    assert as_ada.get(f"{HERE}{theirs.pk}/").status_code == 404
    assert as_ada.post(f"{HERE}{theirs.pk}/delete/").status_code == 404
    assert as_ada.get(f"{HERE}{theirs.pk}/export.csv").status_code == 404


def test_a_segment_that_others_read_stays(as_ada, vips, kettle):
    with working_in(kettle):
        Segment.objects.create(name="Reader", rule={"segment": {"id": vips.pk}})

    answer = as_ada.post(f"{HERE}{vips.pk}/delete/")

    assert (answer.status_code, "It is used by: Reader" in answer.text) == (422, True)


def test_a_segment_goes(as_ada, vips, kettle):
    as_ada.post(f"{HERE}{vips.pk}/delete/")

    with working_in(kettle):
        assert Segment.objects.count() == SegmentMember.objects.count() == 0
