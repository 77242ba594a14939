"""Templates of transactional emails on their pages: written, looked at, tried, approved, switched off; by whom."""

import pytest

from delivery.models import TransactionalTemplate, Trial
from delivery.test_sends import send_trials
from delivery.transactional.templates import version_in_use
from tests.factories.campaigns import make_sender
from tests.factories.contacts import make_contact
from workspaces.current import working_in
from workspaces.models import AuditEntry

ROOT = "/w/kettle/campaigns/transactional/"
FORM = {
    "name": "Order confirmation", "subject": "Order {{ data.order }}", "preheader": "", "body_format": "markdown",
    "body": "Thanks, {{ contact.first_name }}: {{ data.order }}", "example": '{"order": "A-17"}',
}  # fmt: skip


@pytest.fixture
def sender(kettle, room):
    with working_in(kettle):
        make_contact("Greta Lind")
        return make_sender(port=room.port)


@pytest.fixture
def template(as_ada, kettle, sender):
    as_ada.post(f"{ROOT}new/", FORM | {"sender": sender.pk})
    with working_in(kettle):
        return TransactionalTemplate.objects.select_related("draft").get()


def url_of(template, more=""):
    return f"{ROOT}{template.pk}/{more}"


def test_before_the_first_one_it_says_what_it_is_for(as_ada):
    assert "No template yet" in as_ada.get(ROOT).text


def test_it_is_written_looked_at_and_approved(as_ada, kettle, template):
    page = as_ada.get(url_of(template)).text
    assert "Nothing goes out yet" in page
    assert "Thanks, Greta: A-17" in as_ada.get(url_of(template, "preview/")).text

    assert as_ada.post(url_of(template, "approve/")).status_code == 302
    assert "Version 1 goes out, as you see it below." in as_ada.get(url_of(template)).text
    as_ada.post(url_of(template, "edit/"), FORM | {"sender": template.draft.sender_id, "subject": "Other"})
    assert "Version 1 goes out. What you see below is changed" in as_ada.get(url_of(template)).text
    as_ada.post(url_of(template, "approve/"))
    with working_in(kettle):
        assert version_in_use(template).number == 2
        entries = AuditEntry.objects.filter(action__startswith="template.").order_by("pk")
        actions = list(entries.values_list("action", flat=True))
    assert actions == ["template.made", "template.approved", "template.edited", "template.approved"]
    as_ada.post(url_of(template, "retire/"))
    assert "It is switched off" in as_ada.get(url_of(template)).text


def test_a_test_comes_with_the_examples_data(as_ada, kettle, ada, template, room):
    as_ada.post(url_of(template, "test/"))
    assert "Your test is on its way" in as_ada.get(url_of(template)).text
    send_trials(kettle)

    assert room.counts == {ada.email: 1}
    assert b"A-17" in room.letters[0][2]
    with working_in(kettle):
        assert Trial.objects.get().state == Trial.State.SENT
    assert "Your test was sent" in as_ada.get(url_of(template, "?part=trial")).text


def test_what_the_example_lacks_is_said_in_the_preview(as_ada, template):
    as_ada.post(url_of(template, "edit/"), FORM | {"example": ""})
    assert "data.order" in as_ada.get(url_of(template, "preview/")).text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "required"),
        ({"subject": "{{ broken"}, ""),
        ({"example": "{"}, "This is no JSON"),
        ({"example": "[1]"}, "The data are an object"),
        ({"body_format": "pigeon"}, ""),
    ],
)
def test_a_wrong_form_is_told_back_with_what_was_typed(as_ada, kettle, sender, wrong, said):
    answer = as_ada.post(f"{ROOT}new/", FORM | {"sender": sender.pk} | wrong)

    assert (answer.status_code, said in answer.text) == (422, True)
    with working_in(kettle):
        assert TransactionalTemplate.objects.count() == 0


def test_a_name_is_one_templates(as_ada, template):
    answer = as_ada.post(f"{ROOT}new/", FORM)
    assert (answer.status_code, "Another template has this name." in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("lacks", "said"),
    [("subject", "The subject is missing."), ("body", "The text is missing."), ("sender", "The sender is missing.")],
)
def test_nothing_incomplete_is_approved(as_ada, kettle, template, lacks, said):
    as_ada.post(url_of(template, "edit/"), FORM | {"sender": template.draft.sender_id} | {lacks: ""})
    as_ada.post(url_of(template, "approve/"))

    assert said in as_ada.get(url_of(template)).text
    with working_in(kettle):
        assert version_in_use(template) is None


def test_roles_and_strangers(as_eve, member, template):
    acts = ("edit/", "test/", "approve/", "retire/")
    for path in ("", "edit/", "preview/"):
        assert as_eve.get(url_of(template, path)).status_code == 404
    analyst = member("analyst")
    assert [analyst.post(url_of(template, act), FORM).status_code for act in acts] == [403] * 4
    assert (analyst.get(ROOT).status_code, analyst.get(f"{ROOT}new/").status_code) == (200, 403)
    assert member("marketer").get(f"{ROOT}new/").status_code == 200


def test_the_list_costs_the_same_for_many(as_ada, kettle, template, sender, django_assert_max_num_queries):
    as_ada.get(ROOT)
    with django_assert_max_num_queries(40) as few:
        as_ada.get(ROOT)
    count = len(few)
    for number in range(10):
        as_ada.post(f"{ROOT}new/", FORM | {"name": f"T{number}"})
    as_ada.get(ROOT)
    with django_assert_max_num_queries(count):
        assert as_ada.get(ROOT).text.count('<th scope="row">') == 11
