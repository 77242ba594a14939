import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from consent.asking import Ask
from consent.gate import verdict
from consent.models import Consent, Topic, TrackingConsent
from consent.tracking import (
    say_tracking,
    say_tracking_for_all,
    tracking_modes,
    tracking_word,
    undo_tracking,
)
from contacts.merging import link_contacts
from contacts.models import Contact, Identity
from contacts.sharing import share_all
from lib.clock import now
from lib.signing import make_token
from portal.access_links import relationship_token
from privacy.erasing import erase_person
from privacy.models import PrivacyRequest
from privacy.packing import make_packages
from tests.factories.contacts import make_contact
from touchpoints.facts import Fact
from touchpoints.models import Touchpoint
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.models import Workspace


def may_get(kettle, contact, key: str) -> bool:
    with working_in(kettle):
        topic = Topic.objects.get(key=key)
        return verdict(Ask(message_class="subscribed", topic_id=topic.pk), Contact.objects.get(pk=contact.pk)).allowed


def press(visitor, greta, **form):
    return visitor.post(greta.path, form, follow=True)


def test_the_page_greets_without_cookies_and_changes_nothing(visitor, greta, kettle):
    page = visitor.get(greta.path)

    assert "Hello Greta" in page.text
    assert page.cookies == {}
    assert page["Cache-Control"] == "no-store, private"
    assert may_get(kettle, greta, "letter")


def test_less_counts_at_once_and_can_be_undone(visitor, greta, kettle):
    page = press(visitor, greta, do="less")
    assert "two emails a month at most" in page.text
    with working_in(kettle):
        assert Contact.objects.get().contact_frequency == 1

    sealed = re.search(r'name="before" value="([^"]+)"', page.text)[1]
    press(visitor, greta, do="undo", before=sealed)

    with working_in(kettle):
        assert Contact.objects.get().contact_frequency == 2


def test_stop_stops_everything_and_undo_brings_it_back(visitor, greta, kettle):
    page = press(visitor, greta, do="stop")
    assert not may_get(kettle, greta, "letter")
    assert not may_get(kettle, greta, "offers")
    with working_in(kettle):
        assert Touchpoint.objects.get(kind=6).contact_id == greta.pk

    sealed = re.search(r'name="before" value="([^"]+)"', page.text)[1]
    press(visitor, greta, do="undo", before=sealed)
    assert may_get(kettle, greta, "letter")


def test_topics_are_joined_and_left_with_proof(visitor, greta, kettle):
    press(visitor, greta, do="topics", topic="offers")
    assert not may_get(kettle, greta, "letter")
    assert may_get(kettle, greta, "offers")

    press(visitor, greta, do="topics", topic=["letter", "offers"])
    assert may_get(kettle, greta, "letter")
    with working_in(kettle):
        newest = Consent.objects.order_by("-id").first()
        assert (newest.source, newest.wording.text) == ("Their own page", "Yes, send me this by email.")


def test_a_break_holds_until_its_day(visitor, greta, kettle):
    press(visitor, greta, do="pause", until="month")
    assert not may_get(kettle, greta, "letter")

    press(visitor, greta, do="go-on")
    assert may_get(kettle, greta, "letter")

    day = (timezone.now() + timedelta(days=9)).date()
    press(visitor, greta, do="pause", day=day.isoformat())
    with working_in(kettle):
        assert Contact.objects.get().paused_until.date() == day


@pytest.mark.parametrize(
    "form",
    [
        {"do": "pause", "day": "2001-01-01"},
        {"do": "pause", "day": "x"},
        {"do": "dance"},
        {"do": "talk", "talk": "9"},
        {"do": "undo", "before": "forged"},
    ],
)
def test_what_cannot_be_read_changes_nothing(visitor, greta, form):
    page = visitor.post(greta.path, form)

    assert page.status_code == 422
    assert "Nothing was changed" in page.text


def test_every_mutated_token_and_other_brands_are_not_found(visitor, greta, kettle, rival):
    token = greta.path.split("/")[4]
    for place in range(len(token)):
        forged = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert visitor.get(f"/p/kettle/me/{forged}/").status_code == 404
    assert visitor.get(f"/p/rival/me/{token}/").status_code == 404
    assert visitor.get(f"/p/kettle/me/{make_token('other', kettle.pk, greta.pk)}/").status_code == 404


def test_mail_me_my_link_says_the_same_to_everybody_and_mails_once(visitor, greta):
    known = visitor.post("/p/kettle/", {"email": "Greta@Slowwater.example"})
    again = visitor.post("/p/kettle/", {"email": "greta@slowwater.example"})
    unknown = visitor.post("/p/kettle/", {"email": "nobody@else.example"})

    said = {re.sub(r'nonce="[^"]+"', "", page.text) for page in (known, again, unknown)}
    assert len(said) == 1
    assert [letter.to for letter in mail.outbox] == [["greta@slowwater.example"]]
    assert greta.path in mail.outbox[0].body
    assert "Greta:" not in mail.outbox[0].body


def test_each_of_those_who_share_an_address_has_one_link_beside_their_first_name(visitor, greta, kettle):
    with working_in(kettle):
        twin, ben, gone = make_contact("Greta L."), make_contact("Ben Berg", given_name="Ben"), make_contact("Gone")
        uses = [(one.pk, int(Identity.Kind.EMAIL), greta.email) for one in (twin, ben, gone)]
        share_all(uses, why=Identity.Shared.BY_HAND, evidence="by hand")
        link_contacts(twin.pk, greta.pk)
        Contact.objects.filter(pk=gone.pk).update(erased_at=now())

    visitor.post("/p/kettle/", {"email": greta.email})

    lines = [line for line in mail.outbox[0].body.splitlines() if "/me/" in line]
    assert [line.split(": ")[0] for line in lines] == ["Greta", "Ben"]
    assert greta.path in lines[0]


@pytest.mark.parametrize("mode", [0, 1, 2])
def test_how_far_we_measure_is_chosen_here_with_the_sentence_as_proof(visitor, greta, kettle, mode):
    Workspace.objects.filter(pk=kettle.pk).update(mail_tracking=1)
    assert 'value="1" checked' in visitor.get(greta.path).text

    page = press(visitor, greta, do="tracking", mode=mode)

    with working_in(kettle):
        rows = list(TrackingConsent.objects.select_related("wording").order_by("pk"))
        assert [row.mode for row in rows] == [mode]
        assert rows[0].wording.text in page.text
        assert rows[0].page.startswith("/p/kettle/me/")
        assert tracking_modes([greta.pk]).get(greta.pk, 0) == mode
    assert "Measuring opens and clicks" in page.text  # in the history, with its proof

    sealed = re.search(r'name="before" value="([^"]+)"', page.text).group(1)
    press(visitor, greta, do="undo", before=sealed)
    with working_in(kettle):
        assert tracking_word(greta) is None


def test_taking_back_what_was_chosen_leaves_what_a_file_said(visitor, greta, kettle):
    with working_in(kettle):
        say_tracking_for_all([greta.pk], 1, source="import 1: till.csv")
    page = press(visitor, greta, do="tracking", mode=0)

    press(visitor, greta, do="undo", before=re.search(r'name="before" value="([^"]+)"', page.text).group(1))

    with working_in(kettle):
        assert tracking_word(greta).source == "import 1: till.csv"
        undo_tracking([greta.pk], source="import 1: till.csv")
        assert tracking_word(greta) is None


@pytest.mark.parametrize("mode", ["", "3", "-1", "²", "full"])
def test_an_unknown_way_of_measuring_changes_nothing(visitor, greta, kettle, mode):
    assert visitor.post(greta.path, {"do": "tracking", "mode": mode}).status_code == 422
    with working_in(kettle):
        assert not TrackingConsent.objects.exists()


def test_where_the_brand_measures_nothing_nothing_is_asked(visitor, greta, kettle):
    Workspace.objects.filter(pk=kettle.pk).update(mail_tracking=0)

    assert "What we see of our emails" not in visitor.get(greta.path).text


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ({"kind": "access"}, "access"),
        ({"kind": "correct", "words": "My name is Grete"}, "correct"),
        ({"kind": "object"}, "object"),
        ({"kind": "restrict"}, "restrict"),
        ({"kind": "erase", "sure": "yes"}, "erase"),
    ],
)
def test_what_the_law_grants_is_asked_here_and_its_clock_runs(visitor, greta, kettle, form, kind):
    page = press(visitor, greta, do="ask", **form)
    press(visitor, greta, do="ask", **form)

    assert "You hear from us within a month" in page.text
    with working_in(kettle):
        [request] = PrivacyRequest.objects.all()  # asked twice, it is one
        assert (request.kind, request.identity, request.contact_id) == (kind, "signed_link", greta.pk)
        assert 28 <= (request.due_on - request.received_at.date()).days <= 32
        assert Contact.objects.get(pk=greta.pk).erased_at is None


@pytest.mark.parametrize("form", [{"kind": "erase"}, {"kind": "correct"}, {"kind": "move"}, {"kind": "²"}, {}])
def test_what_is_not_meant_is_not_asked(visitor, greta, kettle, form):
    assert visitor.post(greta.path, {"do": "ask", **form}).status_code == 422
    with working_in(kettle):
        assert not PrivacyRequest.objects.exists()


def test_everything_we_know_is_theirs_to_take_and_nobody_elses(visitor, greta, kettle, rival, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    press(visitor, greta, do="ask", kind="access")
    make_packages(kettle)
    link = re.search(r'href="([^"]+/package/\d+/)"', visitor.get(greta.path).text).group(1)

    answer = visitor.get(link)

    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert "attachment" in answer["Content-Disposition"]
    with working_in(kettle):
        other = Contact.objects.create(name="Other")
        token = relationship_token(other.pk)
        [request] = PrivacyRequest.objects.all()
    assert visitor.get(f"/p/kettle/me/{token}/package/{request.pk}/").status_code == 404
    assert visitor.get(link.replace("/kettle/", "/rival/")).status_code == 404
    assert visitor.post(link).status_code in {403, 404}
    with working_in(kettle):
        erase_person(greta.pk, by=None)
    assert visitor.get(link).status_code == 404
    assert visitor.get(greta.path).status_code == 404


@pytest.mark.parametrize(
    ("mode", "opens", "sentence"),
    [
        (1, 0, "we sent you 1 emails; whether you open them we do not look at"),
        (2, 0, "we sent you 1 emails and you opened 0"),
        (1, 1, "we sent you 1 emails and you opened 1"),  # it was looked at while they allowed it
    ],
)
def test_nobody_is_told_that_they_opened_nothing_where_nobody_looks(visitor, greta, kettle, mode, opens, sentence):
    with working_in(kettle):
        facts = [
            Fact(kind, f"{kind}-1", timezone.now(), contact_id=greta.pk) for kind in ("sent", "opened")[: 1 + opens]
        ]
        record(facts, source=source_for("walk", "Walk"))
        say_tracking(greta, mode, page="their page")

    assert sentence in visitor.get(greta.path).text
