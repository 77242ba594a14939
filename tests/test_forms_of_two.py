"""Two people in one form: what both wrote in different fields stands, and what both wrote in one is asked about.

Each form of the product is one that asks (lib/written_meanwhile.py), or stands in ALONE with its reason.
"""

import importlib
import json
import pkgutil
import threading
from dataclasses import dataclass, field
from datetime import date
from time import monotonic
from typing import Any

import pytest
from django.db import connection
from django.forms import BaseForm, PasswordInput
from django.test import Client

from campaigns.keeping_in_library import keep_in_library
from campaigns.standing.starting import make_standing
from contacts.companies.keeping import create_company
from contacts.companies.positions import add_position
from contacts.custom_fields.defining import define_field
from contacts.models import Position
from conversations.models import Team
from conversations.service_levels.targets import SUGGESTED
from deliverability.models import SeedMailbox
from delivery.forms import form_of
from delivery.models import Sender
from delivery.transactional.templates import write_template
from emails.models import LibraryFeed, LibraryItem, Picture
from engagement.interests.reading import tag_for
from lib.rooms import house
from lib.written_meanwhile import MeanwhileForm
from segments.models import PeopleView, Segment
from social.connecting import connect
from social.networks.bluesky import Bluesky
from social.watching import watch
from tests.factories.campaigns import make_campaign, make_programme, make_sender, planned
from tests.factories.contacts import letter, make_contact
from tests.factories.experiments import with_test
from tests.factories.offers import make_offer
from tests.factories.sign_up_forms import make_form
from tests.filled_forms import filled
from tests.test_house import ROOT
from workspaces.current import working_in
from workspaces.models import Membership, Workspace

ROOMS = sorted(path.parent.name for path in ROOT.glob("*/room.py") if path.parent.name not in {"lib", "tests"})

# why a form is none of those that ask: what it writes stands nowhere yet, or is its writer's alone
NEW = "makes something new"
ACT = "one act, not what stands: it adds, links, sends, decides or looks something up"
SECRET = "secrets that are written and never read"
OWN = "only they write it themselves"
FILE = "a run that only its uploader sets up; nothing of it stands before it starts"
PART = "a piece of a rule or of an email, whose page keeps it and asks"
BASE = "what others are made of"
ALONE = {
    "backstage.styleguide.SampleForm": "a picture of a form",
    "campaigns.charters.forms.CostForm": NEW,
    "campaigns.forms.ScheduleForm": ACT,
    "campaigns.setup_forms.NewCampaignForm": NEW,
    "campaigns.views.dry_runs.DryRunForm": ACT,
    "consent.forms.FindEntryForm": ACT,
    "consent.forms.HoursForm": NEW,
    "consent.forms.MayWriteForm": ACT,
    "consent.forms.SuppressForm": ACT,
    "consent.sign_up_forms.writing.NewFormForm": NEW,
    "consent.sign_up_forms.writing.QuestionForm": NEW,
    "contacts.companies.forms.PlaceForm": NEW,
    "contacts.custom_fields.forms.DefineForm": NEW,
    "contacts.forms.LookUpForm": ACT,
    "contacts.forms.NewNoteForm": NEW,
    "contacts.forms.NoteForm": OWN,
    "contacts.forms.RoleForm": ACT,
    "contacts.forms.TagForm": ACT,
    "conversations.forms.AwayForm": OWN,
    "conversations.forms.ByHandForm": NEW,
    "conversations.forms.CallForm": ACT,
    "conversations.forms.CannedReplyForm": NEW,
    "conversations.forms.CaseForm": NEW,
    "conversations.forms.ForwardForm": ACT,
    "conversations.forms.ReplyForm": ACT,
    "conversations.forms.SavedViewForm": NEW,
    "conversations.forms.TeamNoteForm": NEW,
    "conversations.forms.WhyForm": ACT,
    "deliverability.forms.ReportForm": ACT,
    "deliverability.forms.WarmUpForm": ACT,
    "deliverability.forms.WebhookForm": SECRET,
    "delivery.forms.EmailForm": ACT,
    "delivery.telling.TellingForm": SECRET,
    "emails.block_forms.BlockForm": PART,
    "emails.forms.PictureForm": NEW,
    "emails.offers.forms.CodesForm": ACT,
    "emails.offers.forms.MakeForm": ACT,
    "emails.offers.forms.RedeemForm": ACT,
    "engagement.forms.AnnotationForm": NEW,
    "engagement.interests.forms.MergeForm": ACT,
    "engagement.interests.forms.PageRuleForm": ACT,
    "engagement.interests.forms.WordForm": ACT,
    "imports.forms.ImportForm": FILE,
    "imports.forms.ReadingForm": FILE,
    "imports.forms.UploadForm": NEW,
    "portal.signing_up.public_form.PublicForm": ACT,
    "privacy.forms.CheckForm": ACT,
    "privacy.forms.ReasonForm": ACT,
    "privacy.forms.RequestForm": NEW,
    "segments.forms.ListForm": NEW,
    "segments.forms.NamedForm": BASE,
    "segments.forms.PeopleForm": ACT,
    "segments.leaf_types.base.LeafForm": PART,
    "social.forms.ConnectForm": NEW,
    "social.networks.mastodon.SignInAgainForm": SECRET,
    "social.signing_in_again.AgainForm": SECRET,
    "social.views.listeners.WatchForm": NEW,
    "touchpoints.forms.TouchpointForm": NEW,
    "workspaces.forms.AccountForm": OWN,
    "workspaces.forms.ApiKeyForm": NEW,
    "workspaces.forms.InvitationForm": NEW,
    "workspaces.forms.NewWorkspaceForm": NEW,
    "workspaces.forms.WebhookForm": NEW,
    "workspaces.signing_up.InvitedForm": NEW,
}
WITH_KIND = {"emails.block_forms.BlockForm", "segments.leaf_types.base.LeafForm", "social.forms.ConnectForm"}
TRIED_THERE = {  # in tests/campaigns/test_written_meanwhile.py, and by the property in tests/lib
    "contacts.custom_fields.forms.ValuesForm",
}


@dataclass(frozen=True)
class Case:
    """Where a form stands in a page, and what two write in it: each in a field of their own, and both in one."""

    form: str
    make: Any  # → what the addresses name
    page: str
    mine: dict[str, str]
    theirs: dict[str, str]
    both: tuple[str, str, str]
    action: str = ""
    more: dict[str, str] = field(default_factory=dict)  # the button that keeps it


def an_item():
    return {"pk": LibraryItem.objects.create(url="https://kettle.example/a", title="Slow water").pk}


def a_feed():
    return {"pk": LibraryFeed.objects.create(url="https://kettle.example/feed").pk}


def a_sender():
    return {"pk": make_sender(host="smtp.invalid", port=587).pk}


def a_team():
    return {"pk": Team.objects.create(name="Tea", targets=SUGGESTED).pk}


def a_mailbox():
    facts = {"address": "seed@kettle.example", "host": "imap.invalid", "port": 993, "username": "seed"}
    return {"pk": SeedMailbox.objects.create(name="Google", security="tls", sealed_secret=b"x", **facts).pk}


def a_place():
    person, company = make_contact("Tom Green"), create_company("Acme", by=None)
    return {"pk": person.pk, "place": add_position(person, company, by=None).pk}


def a_choice():
    return {"pk": define_field("leaf", type="choice", choices=["Green"], by=None).pk}


def a_picture():
    facts = {"content_type": "image/png", "fingerprint": "ab" * 32, "width": 2, "height": 1}
    return {"pk": Picture.objects.create(name="cup", size=3, data=b"png", **facts).pk}


def a_listener():
    sky = connect(Bluesky.key, name="The sky", by=None, url="https://pds.example", password="x")[0]
    return {"at": sky.pk, "pk": watch(sky, "hashtag", "tea", finds=["hashtag"], by=None).pk}


def a_view():
    return {"pk": PeopleView.objects.create(name="Best", owner_id=Membership.objects.get().user_id).pk}


def a_segment():
    return {"pk": Segment.objects.create(name="Tea", rule={"all": []}).pk}


def a_standing():
    campaign = make_campaign(make_sender())
    make_standing(campaign, by=None, trigger="enters")
    return {"pk": campaign.pk}


def a_campaign():
    return {"pk": make_campaign(make_sender(), body="# Hello", subject="Tea").pk}


def an_email():
    workspace = Workspace.objects.get()
    workspace.postal_address = "Tea Street 1, Ulm"
    workspace.save()
    return {"pk": planned(make_campaign(make_sender(), subject="Slow water", body="# Water")).pk}


def a_template():
    facts = {"subject": "Yours", "body": "Hi", "body_format": "markdown", "example": {}, "sender": make_sender()}
    return {"pk": write_template(None, by=None, name="receipt", **facts).pk}


def a_test():
    return {"pk": with_test(make_campaign(make_sender())).pk}


CASES = [
    Case("emails.library.forms.ItemForm", an_item, "emails/library/{pk}/", {"title": "Mine"}, {"teaser": "Theirs"},
         ("title", "A", "B")),
    Case("emails.views.library_feeds.FeedForm", a_feed, "emails/library/feeds/{pk}/", {"kind": "podcast"},
         {"interests": "Oolong"}, ("interests", "Cups", "Pots")),
    Case("emails.offers.forms.ChangeForm", lambda: {"pk": make_offer().pk}, "emails/offers/{pk}/", {"name": "Mine"},
         {"worth": "Theirs"}, ("worth", "A", "B"), action="emails/offers/{pk}/change/"),
    Case("delivery.forms.SenderForm", a_sender, "campaigns/senders/{pk}/", {"from_name": "Mine"}, {"username": "theirs"},
         ("name", "A", "B")),
    Case("workspaces.forms.WorkspaceForm", dict, "settings/", {"name": "Mine"}, {"postal_address": "Street 1"},
         ("website", "https://a.example", "https://b.example")),
    Case("conversations.team_forms.TeamForm", a_team, "inbox/teams/{pk}/", {"public": "2.5"}, {"closes_0": "17:00"},
         ("name", "A", "B")),
    Case("contacts.companies.forms.CompanyForm", lambda: {"pk": create_company("Acme", by=None).pk},
         "contacts/companies/{pk}/", {"name": "Mine"}, {"domains": "acme.example"}, ("country", "SE", "DE"),
         action="contacts/companies/{pk}/edit/"),
    Case("contacts.custom_fields.forms.LabelForm", lambda: {"pk": define_field("cups", by=None).pk}, "contacts/fields/{pk}/",
         {"label": "Mine"}, {"help_line": "Theirs"}, ("label", "A", "B")),
    Case("contacts.custom_fields.forms.RetypeForm", a_choice, "contacts/fields/{pk}/type/", {}, {},
         ("choices", "Green\nWhite", "Green\nBlack"), action="contacts/fields/{pk}/type/"),
    Case("engagement.interests.forms.TagForm", lambda: {"pk": tag_for("Tea").pk}, "settings/interests/{pk}/", {}, {},
         ("name", "Oolong", "Pu-erh"), action="settings/interests/{pk}/rename/"),
    Case("deliverability.forms.SeedMailboxForm", a_mailbox, "campaigns/deliverability/mailboxes/{pk}/", {"name": "Mine"},
         {"junk_folder": "Theirs"}, ("username", "a", "b")),
    Case("consent.forms.TopicForm", lambda: {"pk": letter().pk}, "contacts/rules/?topic={pk}", {"promise": "Mine"},
         {"asks": "Theirs"}, ("promise", "A", "B"), action="contacts/rules/topics/{pk}/"),
    Case("consent.forms.CapsForm", dict, "contacts/rules/", {"a_week": "7"}, {"a_day": "5"}, ("a_week", "8", "9"),
         action="contacts/rules/caps/"),
    Case("consent.forms.InterestsForm", dict, "contacts/rules/", {}, {}, ("interests", "Tea", "Cups"),
         action="contacts/rules/interests/"),
    Case("consent.sign_up_forms.writing.SettingsForm", lambda: {"pk": make_form().pk}, "contacts/forms/{pk}/",
         {"name": "Mine"}, {"days_kept": "20"}, ("slug", "a", "b"), action="contacts/forms/{pk}/settings/"),
    Case("consent.sign_up_forms.writing.DraftForm", lambda: {"pk": make_form().pk}, "contacts/forms/{pk}/",
         {"headline": "Mine"}, {"tag": "theirs"}, ("headline", "A", "B"), action="contacts/forms/{pk}/draft/"),
    Case("conversations.urgency_form.UrgentWordsForm", dict, "inbox/urgent-words/", {}, {}, ("words", "Fire", "Lawyer")),
    Case("privacy.forms.RetentionForm", dict, "contacts/privacy/", {"authors_days": "90"}, {"pages_months": "7"},
         ("authors_days", "91", "92"), action="contacts/privacy/keep/"),
    Case("campaigns.standing.forms.StandingForm", a_standing, "campaigns/{pk}/when/", {"most_a_day": "7"}, {"delay": "3"},
         ("delay", "4", "5")),
    Case("campaigns.experiments.forms.ExperimentForm", a_test, "campaigns/{pk}/versions/", {"test_percent": "30"},
         {"wait_hours": "48"}, ("within_hours", "12", "6"), action="campaigns/{pk}/versions/"),
    Case("campaigns.experiments.forms.VersionForm", a_test, "campaigns/{pk}/versions/", {"version-1-subject": "Mine"},
         {"version-1-preheader": "Theirs"}, ("version-1-subject", "A", "B"), action="campaigns/{pk}/versions/"),
    Case("campaigns.views.holdout.WorkspaceHoldoutForm", dict, "campaigns/holdout/", {}, {}, ("percent", "5", "6")),
    Case("campaigns.forms.CampaignForm", a_campaign, "campaigns/{pk}/edit/", {"name": "Mine"}, {"subject": "Theirs"},
         ("body", "A", "B")),
    Case("campaigns.setup_forms.PartForm", a_campaign, "campaigns/{pk}/", {"subject": "Mine"}, {"preheader": "Theirs"},
         ("subject", "A", "B"), action="campaigns/{pk}/set/words/"),
    Case("campaigns.charters.forms.ProgrammeForm", lambda: {"pk": make_programme().pk}, "programmes/{pk}/edit/",
         {"asks": "Mine"}, {"name": "Theirs"}, ("gives", "A", "B")),
    Case("contacts.forms.ContactForm", lambda: {"pk": make_contact("Tom Green").pk}, "contacts/{pk}/edit/",
         {"country": "DE"}, {"city": "Ulm"}, ("city", "Bonn", "Kiel")),
    Case("delivery.forms.TemplateForm", a_template, "campaigns/transactional/{pk}/edit/", {"preheader": "Mine"},
         {"subject": "Theirs"}, ("subject", "A", "B")),
    Case("emails.forms.KitForm", dict, "emails/brand-kit/", {"foot_note": "Mine"}, {"corner": "3"}, ("foot_note", "A", "B"), action="emails/brand-kit/"),
    Case("emails.forms.AltForm", a_picture, "emails/pictures/", {}, {}, ("alt", "A pot", "A cup"),
         action="emails/pictures/{pk}/alt/"),
    Case("social.views.listeners.QueryForm", a_listener, "inbox/connections/{at}/listeners/", {}, {},
         ("query", "oolong", "kettles"), action="inbox/connections/{at}/listeners/{pk}/change/"),
    Case("segments.forms.ViewForm", a_view, "contacts/?view={pk}", {"name": "Mine"}, {"for_all": "on"},
         ("name", "A", "B"), action="contacts/views/{pk}/", more={"do": "rename"}),
    Case("segments.forms.SegmentDetailsForm", a_segment, "segments/{pk}/", {"name": "Mine"}, {"description": "Theirs"},
         ("name", "A", "B"), more={"do": "save"}),
]  # fmt: skip


def all_forms() -> dict[str, type[BaseForm]]:
    """Each form of ours by where it is written."""
    for room in ROOMS:
        package = importlib.import_module(room)
        for found in pkgutil.walk_packages(package.__path__, f"{room}."):
            if ".migrations" not in found.name and ".management" not in found.name:
                importlib.import_module(found.name)
    waits, classes = [BaseForm], set()
    while waits:
        for one in waits.pop().__subclasses__():
            waits.append(one)
            classes.add(one)
    ours = {f"{one.__module__}.{one.__qualname__}": one for one in classes if one.__module__.split(".")[0] in ROOMS}
    return {name: one for name, one in ours.items() if one.__module__ != "lib.written_meanwhile"}


def is_of(one: type[BaseForm], names: set[str]) -> bool:
    return any(f"{base.__module__}.{base.__qualname__}" in names for base in one.__mro__)


def test_each_form_asks_before_it_goes_over_what_another_wrote_or_says_why_not():
    forms = all_forms()
    silent = {name for name, one in forms.items() if not issubclass(one, MeanwhileForm)}
    unsaid = {name for name in silent - ALONE.keys() if not is_of(forms[name], WITH_KIND)}
    tried = {case.form for case in CASES} | TRIED_THERE | APART
    untried = {name for name, one in forms.items() if issubclass(one, MeanwhileForm) and not is_of(one, tried)}

    assert unsaid == set(), "make it a MeanwhileForm, or say in ALONE why nobody else's words can be lost by it"
    assert ALONE.keys() - silent == set()
    assert untried == set(), "say in CASES what two write in it"


class Page:
    """A case's form as somebody at the browser sees and sends it."""

    def __init__(self, case, names) -> None:
        self.page = f"/w/kettle/{case.page.format(**names)}"
        self.action = case.action and f"/w/kettle/{case.action.format(**names)}"
        self.more = case.more

    def stands(self, client) -> dict[str, list[str]]:
        return filled(client.get(self.page), self.action)

    def send(self, client, said, **more):
        return client.post(self.action or self.page, said | self.more | more)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.form.rpartition(".")[2])
def test_two_write_in_one_form_and_nothing_is_lost(client, kettle, ada, case):
    client.force_login(ada)
    with working_in(kettle):
        page = Page(case, case.make())

    seen = page.stands(client)
    assert page.send(client, seen, **case.theirs).status_code == 302
    assert page.send(client, seen, **case.mine).status_code == 302
    now_there = page.stands(client)
    assert {name: now_there[name] for name in case.mine | case.theirs} == {
        name: [value] for name, value in (case.mine | case.theirs).items()
    }

    name, theirs, mine = case.both
    seen = page.stands(client)
    assert page.send(client, seen, **{name: theirs}).status_code == 302
    asked = page.send(client, seen, **{name: mine})
    assert asked.status_code == 422
    assert page.stands(client)[name] == [theirs]
    assert filled(asked, page.action)[name] == [mine]
    assert page.send(client, filled(asked, page.action)).status_code == 302
    assert page.stands(client)[name] == [mine]


def somebody_waits() -> bool:
    """Whether another connection to this database waits for a lock."""
    here = "SELECT pid FROM pg_locks JOIN pg_database AS one ON one.oid = database WHERE datname = current_database()"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM pg_locks WHERE NOT granted AND pid IN ({here})")
        return cursor.fetchone() is not None


# what stands nowhere until it is first saved
FIRST = [
    Case("campaigns.standing.forms.StandingForm", a_campaign, "campaigns/{pk}/when/", {}, {}, ("delay", "4", "5")),
    Case("campaigns.views.keeping.KeptEmailForm", an_email, "campaigns/{pk}/library/", {}, {}, ("title", "A", "B")),
    *(case for case in CASES if case.make is dict and case.form != "workspaces.forms.WorkspaceForm"),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("case", "is_first"),
    [(case, False) for case in CASES] + [(case, True) for case in FIRST],
    ids=lambda one: one.form.rpartition(".")[2] if isinstance(one, Case) else "first" if one else "standing",
)
def test_of_two_at_the_very_same_moment_the_later_one_is_asked(kettle, ada, case, is_first):
    one, other = Client(), Client()
    one.force_login(ada)
    other.force_login(ada)
    with working_in(kettle):
        page = Page(case, case.make())
    name, theirs, mine = case.both
    if not is_first:
        page.send(one, page.stands(one))  # what stands nowhere yet is made
    seen, answers = page.stands(one), []

    def write() -> None:
        try:
            answers.append(page.send(other, seen, **{name: mine}).status_code)
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    with working_in(kettle):
        assert page.send(one, seen, **{name: theirs}).status_code == 302
        writer.start()
        until = monotonic() + 30
        while writer.is_alive() and not somebody_waits() and monotonic() < until:
            pass
    writer.join(30)

    assert answers == [422]
    assert page.stands(one)[name] == [theirs]


APART = {"contacts.companies.forms.PositionForm", "campaigns.views.keeping.KeptEmailForm"}


def test_a_place_at_a_company_keeps_what_another_wrote_and_says_so(client, kettle, ada):
    client.force_login(ada)
    with working_in(kettle):
        names = a_place()
    page = f"/w/kettle/contacts/{names['pk']}/"
    action = f"{page}companies/{names['place']}/edit/"
    seen = filled(client.get(page), action)

    client.post(action, seen | {"role_there": "Cook"})
    client.post(action, seen | {"since": "2026-01-02"})
    with working_in(kettle):
        assert Position.objects.values_list("role_there", "since").get() == ("Cook", date(2026, 1, 2))

    said = client.post(action, seen | {"role_there": "Owner"}, follow=True).content.decode()
    assert "“Cook”" in said
    with working_in(kettle):
        assert Position.objects.get().role_there == "Cook"
    client.post(action, filled(client.get(page), action) | {"role_there": "Owner"})
    with working_in(kettle):
        assert Position.objects.get().role_there == "Owner"


def test_what_the_library_says_of_an_email_is_two_peoples(client, kettle, ada):
    client.force_login(ada)
    kettle.postal_address = "Tea Street 1, Ulm"
    kettle.save()
    with working_in(kettle):
        campaign = planned(make_campaign(make_sender(), subject="Slow water", body="# Water"))
        keep_in_library(campaign, kettle, by=ada, title="Slow", teaser="", tags=[])
    where = f"/w/kettle/campaigns/{campaign.pk}/library/"
    seen = filled(client.get(where))

    assert client.post(where, seen | {"title": "Theirs"}).status_code == 302
    assert client.post(where, seen | {"teaser": "Mine"}).status_code == 302
    with working_in(kettle):
        assert LibraryItem.objects.values_list("title", "teaser").get() == ("Theirs", "Mine")
    asked = client.post(where, seen | {"title": "Mine"})
    assert asked.status_code == 422
    assert client.post(where, filled(asked)).status_code == 302
    with working_in(kettle):
        assert LibraryItem.objects.get().title == "Mine"


def test_conditions_of_a_segment_that_another_wrote_are_asked_about(client, kettle, ada):
    client.force_login(ada)
    with working_in(kettle):
        segment = Segment.objects.create(name="Tea", rule={"all": []})
    where = f"/w/kettle/segments/{segment.pk}/"
    seen = filled(client.get(where))
    ulm, bonn = (
        json.dumps({"all": [{"field": {"name": "city", "op": "contains", "value": one}}]}) for one in ("Ulm", "Bonn")
    )

    def rule():
        with working_in(kettle):
            return Segment.objects.values_list("rule", "name").get()

    assert client.post(where, seen | {"rule": ulm, "do": "save"}).status_code == 302
    kept = rule()[0]
    assert "Ulm" in str(kept)
    assert client.post(where, seen | {"name": "Oolong", "do": "save"}).status_code == 302
    assert rule() == (kept, "Oolong")

    asked = client.post(where, seen | {"name": "Oolong", "rule": bonn, "do": "save"})
    assert asked.status_code == 422
    assert rule() == (kept, "Oolong")
    assert client.post(where, filled(asked) | {"do": "save"}).status_code == 302
    assert "Bonn" in str(rule()[0])


def test_steps_of_a_draft_remember_what_their_page_showed_first(client, kettle, ada):
    client.force_login(ada)
    with working_in(kettle):
        segment = Segment.objects.create(name="Tea", rule={"all": []})
    where = f"/w/kettle/segments/{segment.pk}/"
    mine = filled(client.get(where))
    with working_in(kettle):
        Segment.objects.update(description="Theirs")

    step = client.post(where, mine | {"name": "Mine", "do": "add:0"})
    assert client.post(where, filled(step) | {"do": "save"}).status_code == 302

    with working_in(kettle):
        assert Segment.objects.values_list("name", "description").get() == ("Mine", "Theirs")


@pytest.mark.parametrize("kind", sorted(house.messengers))
def test_no_form_of_a_sender_tells_anything_of_its_secrets(client, kettle, ada, kind):
    client.force_login(ada)
    with working_in(kettle):
        shape = form_of(kind)
        secrets = {
            shape.sealed_field,
            *(n for n, f in shape.base_fields.items() if isinstance(f.widget, PasswordInput)),
        }
        sender = Sender.objects.create(name="Post", kind=kind, settings=dict.fromkeys(secrets, "hush-hush"))
        where = f"/w/kettle/campaigns/senders/{sender.pk}/"
        form = shape(instance=sender)
        told = str(form.seen_fields)
        guess = {f"seen-{name}": "0" * 16 for name in secrets} | dict.fromkeys(secrets, "guessed")
    answer = client.post(where, guess).content.decode()

    assert 'name="seen-name"' in told
    assert not [name for name in secrets if f"seen-{name}" in told]
    assert "hush-hush" not in answer
