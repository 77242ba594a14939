from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Campaign, Programme
from campaigns.objectives import measure_due
from campaigns.planning import plan_due
from delivery.engine.controlling import approve, schedule
from delivery.engine.sending import send_due
from delivery.models import Content, Delivery, Message, Sender
from delivery.senders import secret_of
from delivery.test_sends import send_trials
from tests.factories.campaigns import BODY, everybody, make_campaign, make_programme, make_sender
from tests.factories.contacts import letter, make_contact, make_reader
from workspaces.current import working_in
from workspaces.models import AgendaItem, AuditEntry

C, P = "/w/kettle/campaigns/", "/w/kettle/programmes/"


@pytest.fixture
def draft(kettle, post):
    """A complete letter to three readers and somebody who never asked."""
    kettle.postal_address = "Tea Street 1, Ulm"
    kettle.save()
    with working_in(kettle):
        for _ in range(3):
            make_reader()
        make_contact("Nina Never")
        return make_campaign(make_sender(port=post.port), programme=make_programme())


def test_empty_rooms_teach(as_ada):
    assert "No email yet" in as_ada.get(C).text
    assert "No programme yet" in as_ada.get(P).text
    assert "No sender yet" in as_ada.get(f"{C}senders/").text


def test_a_letter_goes_from_draft_to_result_without_javascript(as_ada, kettle, draft, post):
    here = f"{C}{draft.pk}/"
    assert "3 people get it at once." in as_ada.get(here).text
    assert "Approved" in as_ada.post(f"{here}approve/", follow=True).text
    assert "It goes out now" in as_ada.post(f"{here}schedule/", {"at": ""}, follow=True).text
    assert AgendaItem.objects.filter(work="campaigns.plan").exists()

    plan_due(kettle)
    send_due(kettle)

    page = as_ada.get(here).text
    assert len(post.letters) == 3
    assert "No consent" in page
    assert "Of 3 whose email was delivered" in page
    assert "spring box" in page


def test_what_is_missing_stands_in_the_way(as_ada, kettle, draft):
    kettle.postal_address = ""
    kettle.save()
    with working_in(kettle):
        Content.objects.update(body="In {{ contact.city }}")
        Message.objects.update(sender=None)

    answer = as_ada.post(f"{C}{draft.pk}/approve/")

    assert answer.status_code == 422
    for words in (
        "is empty for 3 people; give it a stand-in",
        "no postal address",
        "Choose the sender",
        "Not ready yet",
    ):
        assert words in answer.text
    with working_in(kettle):
        assert Message.objects.get().state == "draft"


def test_writing_and_changing(as_ada, kettle, draft):
    with working_in(kettle):
        segment = everybody().pk
        topic = letter().pk
    said = {
        "name": "Autumn", "segment": segment, "topic": topic, "purpose": "subscribed", "body_format": "markdown",
        "subject": "Hello", "preheader": "", "body": BODY, "holdout_percent": "0",
    }  # fmt: skip
    made = as_ada.post(f"{C}new/all/", said)
    assert made.status_code == 302
    assert as_ada.post(f"{C}new/all/", said | {"name": ""}).status_code == 422
    assert as_ada.post(f"{C}new/all/", said | {"subject": "{{ broken"}).status_code == 422
    with working_in(kettle):
        autumn = Campaign.objects.get(message__name="Autumn")
    assert as_ada.get(f"{C}{autumn.pk}/edit/").status_code == 200
    as_ada.post(f"{C}{autumn.pk}/edit/", said | {"subject": "Changed"})
    as_ada.post(f"{C}{draft.pk}/approve/")
    assert as_ada.get(f"{C}{draft.pk}/edit/").status_code == 302
    as_ada.post(f"{C}{autumn.pk}/remove/")
    with working_in(kettle):
        assert list(Message.objects.values_list("name", flat=True)) == ["Spring letter"]
        assert AuditEntry.objects.filter(action="campaign.edited").count() == 1


def test_the_preview_is_a_document_that_may_do_nothing(as_ada, draft):
    answer = as_ada.get(f"{C}{draft.pk}/preview/")

    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "spring box" in answer.text
    assert "/c/" not in answer.text
    unsaved = as_ada.post(f"{C}{draft.pk}/preview/", {"subject": "x", "body": "# Unsaved", "body_format": "markdown"})
    assert "Unsaved" in unsaved.text
    assert as_ada.get(f"{C}{draft.pk}/preview/?text").headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_test_goes_to_myself_and_is_not_counted(as_ada, kettle, draft, post):
    page = as_ada.post(f"{C}{draft.pk}/test/", follow=True).text
    assert ("Your test is on its way" in page, "every 1s" in page, post.counts) == (True, True, {})

    send_trials(kettle)

    part = as_ada.get(f"{C}{draft.pk}/?part=trial").text
    assert ("Sent to ada@kettle.example; the server took it (250 2.0.0)." in part, "every 1s" in part) == (True, False)
    assert post.counts == {"ada@kettle.example": 1}
    with working_in(kettle):
        assert Delivery.objects.count() == 0


def test_pause_go_on_and_cancel(as_ada, kettle, draft):
    with working_in(kettle):
        schedule(approve(draft.message, by=None), timezone.now() + timedelta(hours=1), by=None)
    here = f"{C}{draft.pk}/"
    assert "Paused" in as_ada.post(f"{here}pause/", follow=True).text
    assert "It goes on" in as_ada.post(f"{here}resume/", follow=True).text
    assert "Cancelled" in as_ada.post(f"{here}cancel/", follow=True).text
    assert "does not fit any more" in as_ada.post(f"{here}pause/", follow=True).text


def test_a_moment_gone_by_is_refused(as_ada, draft):
    as_ada.post(f"{C}{draft.pk}/approve/")

    assert as_ada.post(f"{C}{draft.pk}/schedule/", {"at": "2001-01-01T10:00"}).status_code == 422


def test_looking_somebody_up_says_why(as_ada, kettle, draft):
    page = as_ada.get(f"{C}{draft.pk}/look-up/?q=Nina").text

    assert "No consent" in page
    assert "Nobody is called" in as_ada.get(f"{C}{draft.pk}/look-up/?q=Xaver").text


def test_a_letter_in_doubt_is_resolved_by_a_person(as_ada, kettle, draft):
    with working_in(kettle):
        row = Delivery.objects.create(
            message=draft.message, contact=make_contact("Doubt Ful"), state=Delivery.State.IN_DOUBT
        )
    assert "Doubt Ful" in as_ada.get(f"{C}{draft.pk}/doubts/").text

    as_ada.post(f"{C}{draft.pk}/doubts/{row.pk}/", {"was": "sent"})

    with working_in(kettle):
        assert Delivery.objects.get().state == Delivery.State.SENT
    assert "Nothing is unknown" in as_ada.get(f"{C}{draft.pk}/doubts/").text


def test_a_letter_in_doubt_can_be_sent_again_or_left(as_ada, member, kettle, draft):
    with working_in(kettle):
        Message.objects.update(state="sent")
        first, second = (
            Delivery.objects.create(message=draft.message, contact=make_contact(name), state=Delivery.State.IN_DOUBT)
            for name in ("Doubt Ful", "Maybe So")
        )
    url = f"{C}{draft.pk}/doubts/"
    page = as_ada.get(url).text
    assert [page.count(word) for word in ("It was sent", "Send again", "Leave it", "Stays unknown")] == [2, 2, 2, 0]

    assert "It is sent again" in as_ada.post(f"{url}{first.pk}/", {"was": "resend"}, follow=True).text
    with working_in(kettle):
        third = Delivery.objects.create(message=draft.message, contact=make_contact(), state=Delivery.State.IN_DOUBT)
        Message.objects.update(state="paused")
    said = as_ada.post(f"{url}{third.pk}/", {"was": "resend"}, follow=True).text
    assert ("when you resume" in said, "It is sent again," in said) == (True, False)
    with working_in(kettle):
        Message.objects.update(state="sent")
    assert "It stays unknown" in as_ada.post(f"{url}{second.pk}/", {"was": "leave"}, follow=True).text
    assert "has its word already" in as_ada.post(f"{url}{first.pk}/", {"was": "sent"}, follow=True).text
    assert "one of the buttons" in as_ada.post(f"{url}{second.pk}/", {"was": "nonsense"}, follow=True).text

    page = as_ada.get(url).text
    assert "Doubt Ful" not in page
    assert ("Maybe So" in page, "Stays unknown" in page, "Leave it" in page) == (True, True, False)
    with working_in(kettle):
        Message.objects.update(state="cancelled")
        Delivery.objects.filter(pk=second.pk).update(reason="in_flight")
    assert "Send again" not in as_ada.get(url).text
    assert "was cancelled" in as_ada.post(f"{url}{second.pk}/", {"was": "resend"}, follow=True).text
    assert member("analyst").post(f"{url}{second.pk}/", {"was": "sent"}).status_code == 403


def test_the_sending_panel_comes_alone_by_htmx(as_ada, kettle, draft):
    with working_in(kettle):
        Message.objects.update(state="sending", planned_at=timezone.now(), planned_count=4)

    fragment, report = (
        as_ada.get(f"{C}{draft.pk}/{part}", headers={"HX-Request": "true"}).text for part in ("", "?part=report")
    )

    assert '<section class="sending-box"' in " ".join(fragment.split())
    assert ("every 2s" in fragment, 'id="sentence" hx-swap-oob="true"' in report) == (True, True)
    assert "<html" not in fragment


def test_a_page_that_waits_learns_of_each_next_state_by_itself(as_ada, kettle, draft):
    def poll(was: str):
        answer = as_ada.get(f"{C}{draft.pk}/?was={was}", headers={"HX-Request": "true"})
        return answer.status_code, answer.headers.get("HX-Refresh")

    with working_in(kettle):
        Message.objects.update(state="scheduled", scheduled_at=timezone.now())
    assert "?was=scheduled" in as_ada.get(f"{C}{draft.pk}/").text
    assert poll("scheduled") == (204, None)
    with working_in(kettle):
        Message.objects.update(state="planning")
    assert (poll("scheduled"), poll("planning")) == ((204, "true"), (204, None))
    assert "?was=planning" in as_ada.get(f"{C}{draft.pk}/").text
    assert 'hx-select="#campaigns"' in as_ada.get(C).text
    with working_in(kettle):
        Message.objects.update(state="sending", planned_at=timezone.now(), planned_count=4)
    assert (poll("planning"), poll("sending")) == ((204, "true"), (200, None))
    with working_in(kettle):
        Message.objects.update(state="sent", finished_at=timezone.now())
    assert poll("sending") == (204, "true")
    for page in (C, f"{C}{draft.pk}/", f"{P}{draft.programme_id}/"):
        assert "every" not in as_ada.get(page).text  # nothing moves any more: nothing asks


def test_a_sender_is_chosen_and_what_is_needed_is_not_called_optional(as_ada, kettle, draft):
    with working_in(kettle):
        first, second = draft.message.sender_id, make_sender().pk
        plain = make_campaign(None)

    def chosen(page: str) -> str:
        return as_ada.get(f"{C}{page}").context["form"].initial["sender"]

    assert (chosen("new/all/"), chosen(f"{plain.pk}/edit/")) == (first, first)
    with working_in(kettle):
        Message.objects.filter(pk=plain.message_id).update(sender=second)
    assert chosen("new/all/") == second
    page = as_ada.get(f"{C}new/all/").text
    for label in ("Goes to", "Sender", "Subject", "Email"):
        assert " ".join(page.split(f"{label}\n")[1].split("</label>")[0].split()) == (
            '<span class="optional">needed before it goes out</span>'
        )
    with working_in(kettle):
        Message.objects.update(sender=None)
        Sender.objects.all().delete()
    assert "An admin sets one up under Settings, Senders" in as_ada.get(f"{C}new/all/").text


def test_a_sender_is_made_tried_and_kept(as_ada, kettle, post, ada):
    said = {
        "name": "Post", "from_name": "Kettle", "from_email": "hi@kettle.example", "host": "127.0.0.1", "port": post.port,
        "security": "none", "username": "", "password": "hunter2", "per_second": "50", "reply_to": "", "return_path_domain": "",
    }  # fmt: skip
    assert as_ada.post(f"{C}senders/new/", said | {"port": "0"}).status_code == 422
    assert as_ada.post(f"{C}senders/new/", said).status_code == 302
    with working_in(kettle):
        sender = Sender.objects.get()
        assert secret_of(sender) == "hunter2"
        assert b"hunter2" not in bytes(sender.sealed_secret)
    page = as_ada.post(f"{C}senders/{sender.pk}/test/", follow=True).text
    assert ("Being tried" in page, "every 1s" in page, post.counts) == (True, True, {})
    send_trials(kettle)
    table = as_ada.get(f"{C}senders/", headers={"HX-Request": "true"}).text
    assert ("the server took it (250 2.0.0)" in table, "every 1s" in table, "<html" in table) == (True, False, False)
    assert post.counts == {ada.email: 1}
    as_ada.post(f"{C}senders/{sender.pk}/", said | {"password": "", "port": "1"})
    with working_in(kettle):
        assert secret_of(Sender.objects.get()) == "hunter2"
    as_ada.post(f"{C}senders/{sender.pk}/test/")
    send_trials(kettle)
    assert "does not answer" in as_ada.get(f"{C}senders/").text
    as_ada.post(f"{C}senders/{sender.pk}/remove/")
    with working_in(kettle):
        assert not Sender.objects.exists()


def test_a_programme_measures_its_baseline_when_it_is_set(as_ada, kettle):
    form = as_ada.get(f"{P}new/?preset=win_back").text
    assert "Win back" in form
    said = {
        "name": "Back", "preset": "win_back", "audience": "1", "purpose": "", "gives": "", "asks": "", "metric": "purchases",
        "target": "30", "check_on": "2027-03-01", "weekly_cap": "1", "holdout_percent": "0", "is_active": "on", "topic": "",
    }  # fmt: skip
    assert as_ada.post(f"{P}new/", said | {"target": ""}).status_code == 422
    made = as_ada.post(f"{P}new/", said)
    with working_in(kettle):
        programme = Programme.objects.get()
        assert (programme.objective.baseline, programme.objective.target) == (None, 30.0)
    assert "measured within a minute" in as_ada.get(made["Location"]).text
    measure_due(kettle)
    with working_in(kettle):
        assert Programme.objects.get().objective.baseline == 0
    assert "30 is the target" in as_ada.get(made["Location"]).text
    assert as_ada.get(f"{P}{programme.pk}/edit/").status_code == 200


PAGES = [
    "",
    "senders/",
    "senders/new/",
    "new/",
    "new/all/",
    "calendar/",
    "{pk}/",
    "{pk}/edit/",
    "{pk}/preview/",
    "{pk}/look-up/",
    "{pk}/doubts/",
]
STEPS = ["approve", "schedule", "take-back", "pause", "resume", "cancel", "test", "remove"]


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_sees_nothing(as_eve, draft, path):
    assert as_eve.get(C + path.format(pk=draft.pk)).status_code == 404
    own = as_eve.get("/w/rival/campaigns/" + path.format(pk=draft.pk))
    assert own.status_code == (404 if "pk" in path else 200)


@pytest.mark.parametrize("step", STEPS)
def test_steps_need_their_role(member, as_eve, draft, kettle, step):
    assert member("analyst").post(f"{C}{draft.pk}/{step}/").status_code == 403
    assert member("community").post(f"{C}{draft.pk}/{step}/").status_code == 403
    assert as_eve.post(f"{C}{draft.pk}/{step}/").status_code == 404
    with working_in(kettle):
        assert Message.objects.get().state == "draft"


def test_an_analyst_sees_figures_but_no_names(member, draft):
    analyst = member("analyst")

    assert analyst.get(f"{C}{draft.pk}/").status_code == 200
    assert analyst.get(f"{C}{draft.pk}/look-up/").status_code == 403
    assert analyst.get(f"{C}senders/").status_code == 403
    assert member("colleague").get(C).status_code == 403
