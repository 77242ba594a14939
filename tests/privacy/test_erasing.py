"""Erasing: no table and no file names the person any more, what is counted stays, and nothing brings them back."""

import io
import json
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import ProgrammingError, transaction
from django.utils import timezone

from campaigns.models import StandingEntry
from campaigns.standing.starting import make_standing
from consent.consenting import give_consent
from consent.models import Consent, SignUp
from consent.suppressing import is_suppressed
from consent.tracking import say_tracking
from contacts.channels import Channel
from contacts.companies.keeping import create_company
from contacts.companies.positions import add_position
from contacts.drafting import File, keep_draft
from contacts.duplicates.deciding import merge_contacts
from contacts.duplicates.finding import find_duplicates
from contacts.editing import add_role, add_tag
from contacts.models import Contact, Identity, Merged
from contacts.noting import add_note, edit_note
from contacts.searching import index_people
from conversations.models import Conversation, Forward, ForwardAnswer, Mention, PublicAuthor, Reply, TeamNote
from delivery.models import Delivery, LastOpen
from delivery.personal.personal_emails import send_email
from delivery.transactional.machine_sends import Words, send_by_machine
from emails.models import OfferCode, ShownItem
from engagement.interests.reading import tag_for
from engagement.interests.saying import say_interests
from engagement.models import LevelMove, Score
from engagement.models.interests import Said
from imports.models import ImportedRecord, ImportedRow, ImportRun
from lib.clock import now
from lib.rooms import house
from lib.sql import run_sql, run_text
from messengers.models import PrintedLetter, PushSubscription, WhatsAppWindow
from privacy.asking import NotCheckedError, check_identity, open_request
from privacy.erasing import NotAskedError, NotSecondError, agree_to_erase, erase_person, erasures_file
from privacy.models import PrivacyRequest
from privacy.packing import make_packages, package_path
from segments.models import Segment, SegmentMember, SegmentRecheck
from tests.factories.campaigns import make_campaign, make_message, make_sender
from tests.factories.contacts import letter, make_contact
from tests.factories.library import make_item
from tests.factories.offers import make_offer
from tests.factories.sign_up_forms import make_form, published
from tests.factories.social import make_mention
from touchpoints.facts import Fact
from touchpoints.models import Touchpoint
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.models import ApiAnswer, Membership, Role
from workspaces.owned import Owned

WORD, NUMBER, ADDRESS = "xanthippe", "4915112345678", "203.0.113.77"
OWN_TABLES = [model for model in apps.get_models() if issubclass(model, Owned)]
# Tables that point to a contact by a number and hold nothing else of them.
NUMBERS_ALONE = {
    "campaigns_dryrunpart",  # for a week
    "segments_segmentrecheck",
    "delivery_recipientchunk",
    "engagement_touched",
    "delivery_trial",
    "workspaces_event",
}


@pytest.fixture(autouse=True)
def own_var(settings, tmp_path):
    settings.VAR_DIR, settings.MEDIA_ROOT = tmp_path / "var", tmp_path / "media"


def known_everywhere(ada) -> tuple[Contact, Contact]:  # noqa: PLR0915 - something of every room
    """Somebody of whom every room holds something, and the same person once more under another spelling."""
    who = make_contact(
        "Xanthippe Korinth", f"{WORD}@tea.example", city="Xanthippe-Stadt", custom={"tea": "Xanthippe’s own"}
    )
    twin = make_contact("Xanthippe K.", f"{WORD}2@tea.example", custom={"tea": "Xanthippe’s other"})
    for one in (who, twin):
        Identity.objects.create(contact=one, kind=Identity.Kind.HANDLE, value=f"@{WORD}{one.pk}@social.example")
        give_consent(one, topic=letter(), wording="Yes", page=f"https://x.example/{WORD}", ip=ADDRESS, agent=WORD)
    Identity.objects.create(contact=who, kind=Identity.Kind.PHONE, value=f"+{NUMBER}", evidence="Xanthippe said so")
    form = make_form("Tea news")
    SignUp.objects.create(
        form=form,
        version=published(form),
        contact=who,
        state=SignUp.State.CONFIRMED,
        address=who.email,
        said={"given_name": WORD},
        page=f"https://x.example/{WORD}",
        ip=ADDRESS,
        agent=WORD,
    )
    say_tracking(who, 1, page=f"https://x.example/{WORD}", ip=ADDRESS, agent=WORD)
    add_role(who, 1, by=ada, source="Xanthippe told us")
    add_tag(who, "xanthippe’s friends", by=ada)
    add_position(twin, create_company("Tea House", by=ada), role_there="Xanthippe in chief", by=ada)
    file = SimpleUploadedFile("xanthippe.txt", b"likes it hot")
    edit_note(add_note(who, "Xanthippe likes it hot", by=ada, files=[file]), "Xanthippe likes it warm", by=ada)
    sender = make_sender()
    welcome = make_standing(make_campaign(sender), by=ada, trigger="enters")
    StandingEntry.objects.create(standing=welcome, contact=who, due_at=now())
    WhatsAppWindow.objects.create(sender=sender, contact=who, number=f"+{NUMBER}", last_at=now())
    PushSubscription.objects.create(
        sender=sender,
        contact=who,
        first_contact_id=who.pk,
        digest=WORD,
        endpoint=f"https://push.example/{WORD}",
        page=f"https://x.example/{WORD}",
    )
    sent = [File("xanthippe.txt", "application/octet-stream", b"Dear Xanthippe")]
    send_email(
        who, subject="Dear Xanthippe", text="Dear Xanthippe", key=uuid4(), by=ada, in_reply_to=f"<{WORD}@x>", files=sent
    )
    said_by_machine = Words(f"For {WORD}", f"<p>Dear {WORD}</p>", "html")
    send_by_machine(who, said_by_machine, data={"name": WORD}, files=sent)
    keep_draft(twin, ada.pk, "email", {"text": "Dear Xanthippe"}, files=[SimpleUploadedFile("xanthippe.txt", b"Dear")])
    facts = [
        Fact("purchase", f"order-{WORD}", timezone.now(), contact_id=who.pk, value_minor=1900, payload={"text": WORD}),
        Fact(
            "message", f"hello-{WORD}", timezone.now(), contact_id=twin.pk, payload={"text": WORD}, has_foreign_id=True
        ),
        Fact("clicked", "c", timezone.now(), contact_id=who.pk, payload={"link": 2, "reason": WORD}),
    ]
    record(facts, source=source_for("shop", "Shop"))
    say_interests(who.pk, {tag_for("Tea").pk: Said.WANTS}, by=ada)
    mention = make_mention("Xanthippe was here")
    PublicAuthor.objects.update(
        contact=twin, handle=f"{WORD}@x", name="Xanthippe", url=f"https://x.example/{WORD}", followers=7
    )
    Mention.objects.update(url=f"https://x/{WORD}", uri=WORD, remote_id=WORD, former=[{"text": WORD}], evidence=[WORD])
    Conversation.objects.update(title="Xanthippe asks", thread=f"thread-{WORD}")
    Reply.objects.create(
        conversation=mention.conversation, mention=mention, key=uuid4(), text="Dear Xanthippe", last_error=WORD
    )
    note = TeamNote.objects.create(conversation=mention.conversation, text="Call Xanthippe", writer=WORD)
    talk = {"conversation": mention.conversation, "mention": mention}
    sent = Forward.objects.create(key=uuid4(), address="legal@x.example", note=f"From {WORD}", last_error=WORD, **talk)
    ForwardAnswer.objects.create(forward=sent, note=note, remote_id="<a@x.example>", address=f"{WORD}@tea.example")
    stranger = make_mention("Somebody else asks").conversation
    other = {"conversation": stranger, "mention": stranger.mentions.get()}
    Forward.objects.create(key=uuid4(), address=f"{WORD}@tea.example", note="Please look", **other)
    run = ImportRun.objects.create(file_name="people.csv", path="")
    ImportedRow.objects.create(run=run, line=2, outcome="created", reason=WORD, contact_id_made=who.pk, raw=[WORD])
    said = {"of": "order", "number": "1", "items": [[WORD, "", None, None]]}
    ImportedRecord.objects.create(run=run, line=2, key=uuid4(), contact=who, said=said)
    message = make_message()
    PrintedLetter.objects.create(
        message=message, contact=who, address=f"Xanthippe\n{WORD}", subject=WORD, text=f"Dear {WORD}", pages=1
    )
    rows = ((who, Delivery.State.SENT), (twin, Delivery.State.QUEUED))
    for one, state in rows:
        Delivery.objects.create(message=message, contact=one, state=state, address=one.email, answer=f"250 {WORD}")
    ShownItem.objects.create(contact=who, item=make_item(), message_id=message.pk, sent_at=now())
    OfferCode.objects.create(
        pool=make_offer(), contact=who, code="TEA-1", folded="tea-1", given_at=now(), redeemed_at=now(), order_id=WORD
    )
    LastOpen.objects.create(contact=who, day=timezone.now().date())
    SegmentMember.objects.create(segment=Segment.objects.create(name="All", rule={"all": []}), contact=who)
    LevelMove.objects.create(contact=who, before=1, after=2, at=timezone.now())
    said = json.dumps({"id": who.pk, "name": "Xanthippe Korinth", "merged_ids": []})
    ApiAnswer.objects.create(key_id=1, name="a-1", fingerprint="x", status=201, body=said)
    index_people([who.pk, twin.pk])
    merge_contacts(who.pk, twin.pk, by=ada, take={"tea"})
    open_request("erase", who, way="own_page", by=None, details="I am Xanthippe", identity="signed_link")
    open_request("access", who, way="own_page", by=None, details="I am Xanthippe", identity="signed_link")
    return who, twin


def traces() -> dict[str, int]:
    """Table → in how many rows the person is still named."""
    found = {}
    for model in OWN_TABLES:
        table = model._meta.db_table
        [[count]] = run_text(
            f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE ANY (%(words)s)',
            {"words": [f"%{word}%" for word in (WORD, NUMBER, ADDRESS)]},
        )
        if count:
            found[table] = count
    return found


def test_the_person_is_named_nowhere_any_more(kettle, ada):
    with working_in(kettle):
        who, twin = known_everywhere(ada)
    find_duplicates(kettle)
    make_packages(kettle)
    with working_in(kettle):
        named = traces()
        answered_for = {table for kind in house.personal_data for table in kind.tables}
        assert named.keys() <= answered_for | {"touchpoints_received"}
        assert len(named) > 15  # the test speaks of something
        happened = Touchpoint.objects.count()

        gone = erase_person(twin.pk, by=ada)  # whichever of the two records is asked for

        assert traces() == {}
        assert sum(gone.values()) > 20
        assert Touchpoint.objects.count() == happened
        assert {row.payload.get("link") for row in Touchpoint.objects.filter(kind=4)} == {2}
        assert Touchpoint.objects.filter(value_minor=1900).exists()
        assert list(Consent.objects.values_list("state", flat=True).distinct()) == [Consent.State.GIVEN]
        assert is_suppressed(f"{WORD}@tea.example")
        assert is_suppressed(f"{WORD}2@tea.example")
        assert is_suppressed(f"+{NUMBER}", channel=Channel.MOBILE)
        assert Delivery.objects.filter(state=Delivery.State.QUEUED).count() == 0
        assert Score.objects.count() == 0
        assert Merged.objects.count() == 1
        assert all(Contact.objects.values_list("erased_at", flat=True))
        assert erase_person(who.pk, by=ada)  # may be repeated
        assert not package_path(PrivacyRequest.objects.get(kind="access"))
    assert not list((erasures_file().parent.parent / "media").rglob("*.zip"))


def test_every_table_that_points_to_a_person_is_answered_for():
    """A new table says how it is handed out and how it goes, or this fails."""
    answered_for = {table for kind in house.personal_data for table in kind.tables}
    pointing = {
        model._meta.db_table
        for model in OWN_TABLES
        for field in model._meta.concrete_fields
        if field.related_model is Contact or field.name in {"contact_id", "contact_ids", "contact_id_made"}
    }

    assert pointing - answered_for - NUMBERS_ALONE == set()
    names = [model._meta.db_table for model in OWN_TABLES]
    assert answered_for <= set(names)
    assert len({kind.order for kind in house.personal_data}) == len(house.personal_data)


def test_words_leave_the_ledgers_of_the_erased_alone(kettle, ada):
    with working_in(kettle):
        who, _twin = known_everywhere(ada)
        for statement in ("touchpoints/call_erase_facts", "consent/call_erase_proofs"):
            assert run_sql(statement, {"contacts": f"{{{who.pk}}}"}) == [(0,)]
        assert Touchpoint.objects.filter(payload__text=WORD).exists()
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            run_text("UPDATE touchpoints_touchpoint SET payload = '{}'", {})


def test_a_restored_backup_forgets_them_again(kettle, ada, django_capture_on_commit_callbacks):
    with working_in(kettle):
        who = make_contact("Xanthippe", f"{WORD}@tea.example")
        with django_capture_on_commit_callbacks(execute=True):
            erase_person(who.pk, by=ada)
        lines = erasures_file().read_text().splitlines()
        assert WORD not in lines[0]
        assert erasures_file().stat().st_mode & 0o077 == 0
        Contact.objects.filter(pk=who.pk).update(erased_at=None, name="Xanthippe", email=f"{WORD}@tea.example")
    out = io.StringIO()
    call_command("replay_erasures", stdout=out)
    with working_in(kettle):
        assert traces() == {}
        assert out.getvalue() == "1 people were back and are erased again.\n"
        out = io.StringIO()
    call_command("replay_erasures", stdout=out)
    assert out.getvalue().startswith("0 ")


def test_whoever_listens_hears_that_somebody_was_erased(inside, ada):
    who = make_contact("Xanthippe")
    SegmentRecheck.objects.all().delete()

    erase_person(who.pk, by=ada)

    assert who.pk in {pk for one in SegmentRecheck.objects.all() for pk in one.contact_ids}


def test_two_agree_where_there_are_two_who_may(kettle, ada, member):
    with working_in(kettle):
        who = make_contact("Xanthippe", f"{WORD}@tea.example")
        alone = open_request("erase", make_contact("Alone"), way="phone", by=ada, identity="called_back")
        assert agree_to_erase(alone, by=ada)
        with pytest.raises(NotAskedError):
            agree_to_erase(alone, by=ada)
    member("admin")
    second = Membership.objects.get(workspace=kettle, role=Role.ADMIN).user
    with working_in(kettle):
        request = open_request("erase", who, way="phone", by=ada, identity="called_back")
        assert not agree_to_erase(request, by=ada)
        with pytest.raises(NotSecondError):
            agree_to_erase(request, by=ada)
        assert Contact.objects.get(pk=who.pk).name == "Xanthippe"
        assert agree_to_erase(request, by=second)
        assert Contact.objects.get(pk=who.pk).name == ""
        assert PrivacyRequest.objects.get(pk=request.pk).state == "answered"


@pytest.mark.parametrize("contact", [True, False])
def test_nobody_is_erased_before_it_is_known_who_asks(kettle, ada, contact):
    with working_in(kettle):
        who = make_contact("Xanthippe") if contact else None
        request = open_request("erase", who, way="phone", by=ada, identity="" if contact else "called_back")
        with pytest.raises(NotCheckedError):
            agree_to_erase(request, by=ada)
        assert not Contact.objects.exclude(erased_at=None).exists()


def test_a_package_holds_everything_to_read_and_for_machines(kettle, ada):
    with working_in(kettle):
        known_everywhere(ada)
    make_packages(kettle)
    with working_in(kettle):
        request = PrivacyRequest.objects.get(kind="access")
        path = package_path(request)
        assert path.stat().st_mode & 0o077 == 0
        with zipfile.ZipFile(path) as zipped:
            page, data = zipped.read("to-read.html").decode(), json.loads(zipped.read("for-machines.json"))

    kinds = {kind["name"]: kind["entries"] for kind in data["kinds"]}
    assert [len(entries) for entries in kinds.values()] == [count for _order, count in request.package_counts]
    assert {name for name, entries in kinds.items() if not entries} == set()
    assert {entry.get("wording") for entry in kinds["Consents with proof"]} == {"Yes", ""}
    for words in ("Xanthippe likes it hot", "Dear Xanthippe", f"+{NUMBER}", "Xanthippe’s own", "Xanthippe’s other"):
        assert words in page, words
    assert "<script" not in page
    assert f"+{NUMBER}" in {one["value"] for one in kinds["How we know it is them"]}


def test_a_package_escapes_what_people_wrote(kettle, ada):
    with working_in(kettle):
        who = make_contact("<script>alert(1)</script>", "s@tea.example", custom={"<b>": "<img src=x>"})
        request = open_request("access", who, way="own_page", by=None, identity="signed_link")
    make_packages(kettle)
    with working_in(kettle), zipfile.ZipFile(package_path(PrivacyRequest.objects.get(pk=request.pk))) as zipped:
        page = zipped.read("to-read.html").decode()
    assert "<script" not in page
    assert "<img" not in page


def test_packages_are_kept_for_thirty_days(kettle, ada):
    with working_in(kettle):
        request = open_request("access", make_contact("A"), way="phone", by=ada)
        check_identity(request, "called_back", by=ada)
    make_packages(kettle)
    with working_in(kettle):
        row = PrivacyRequest.objects.get()
        path = package_path(row)
        assert path.is_file()
    work = house.works["privacy.forget_packages"]
    assert work(kettle) == row.package_made_at + timedelta(days=30)
    with working_in(kettle):
        PrivacyRequest.objects.update(package_made_at=timezone.now() - timedelta(days=31))
    assert work(kettle) is None
    assert not path.exists()
    with working_in(kettle):
        assert PrivacyRequest.objects.get().package_state == "gone"
