"""Two write a campaign, a template, a programme or a person by their forms: neither writes over the other unawares."""

import re

import pytest

from campaigns.composing import compose
from campaigns.models import Campaign, Programme
from contacts.editing import edit_contact
from contacts.models import Contact
from delivery.models import TransactionalTemplate
from delivery.transactional.templates import write_template
from tests.factories.campaigns import make_campaign, make_sender
from tests.factories.contacts import make_contact
from workspaces.current import working_in


def fields_of(page, form: str = "") -> dict[str, str]:
    """What a browser would send of a form as it stands: its controls, and what it was told they showed."""
    text = page.content.decode()
    if form:
        text = next(part for part in re.findall(r"<form\b.*?</form>", text, re.DOTALL) if form in part)
    found = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text))
    found |= dict(re.findall(r'<input type="(?:text|number|email)" name="([^"]+)" value="([^"]*)"', text))
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', text, re.DOTALL):
        found[name] = (re.findall(r'value="([^"]*)" selected', options) or [""])[0]
    found |= {
        name: words.strip()
        for name, words in re.findall(r'<textarea name="([^"]+)".*?>(.*?)</textarea>', text, re.DOTALL)
    }
    found |= dict(re.findall(r'<input type="radio" name="([^"]+)" value="([^"]*)"[^>]*checked', text))
    return found | dict.fromkeys(re.findall(r'<input type="checkbox" name="([^"]+)"[^>]*checked', text), "on")


@pytest.fixture
def campaign(kettle):
    with working_in(kettle):
        return make_campaign(make_sender(), body="# Hello\n\nTea is here.", subject="Tea", name="Spring")


def test_an_email_by_hand_takes_what_both_wrote_in_different_fields(client, kettle, ada, campaign):
    client.force_login(ada)
    where = f"/w/kettle/campaigns/{campaign.pk}/edit/"
    mine = fields_of(client.get(where))
    with working_in(kettle):
        compose(Campaign.objects.get(pk=campaign.pk), subject="Fresh tea", body="# Theirs")

    assert client.post(where, mine | {"name": "Summer"}).status_code == 302

    with working_in(kettle):
        now = Campaign.objects.select_related("message__content").get(pk=campaign.pk)
        assert (now.name, now.message.content.subject, now.message.content.body) == ("Summer", "Fresh tea", "# Theirs")


def test_the_same_words_by_two_are_asked_first_and_nothing_is_lost(client, kettle, ada, campaign):
    client.force_login(ada)
    where = f"/w/kettle/campaigns/{campaign.pk}/edit/"
    mine = fields_of(client.get(where)) | {"body": "# Mine"}
    theirs = "# Theirs\n\n" + "Much longer than a line. " * 20
    with working_in(kettle):
        compose(Campaign.objects.get(pk=campaign.pk), body=theirs)

    asked = client.post(where, mine)
    assert asked.status_code == 422
    assert "# Mine</textarea>" in asked.content.decode()
    assert theirs.strip() in asked.content.decode()
    with working_in(kettle):
        assert Campaign.objects.get(pk=campaign.pk).message.content.body == theirs

    assert client.post(where, fields_of(asked)).status_code == 302
    with working_in(kettle):
        assert Campaign.objects.get(pk=campaign.pk).message.content.body == "# Mine"


def test_a_small_form_of_the_set_up_asks_too(client, kettle, ada, campaign):
    client.force_login(ada)
    mine = fields_of(client.get(f"/w/kettle/campaigns/{campaign.pk}/"), "/set/name/")
    with working_in(kettle):
        compose(Campaign.objects.get(pk=campaign.pk), name="Theirs")
    where = f"/w/kettle/campaigns/{campaign.pk}/set/name/"

    asked = client.post(where, mine | {"name": "Mine"})
    assert asked.status_code == 422
    assert "“Theirs”" in asked.content.decode()
    assert client.post(where, fields_of(asked, "/set/name/")).status_code == 302
    with working_in(kettle):
        assert Campaign.objects.get(pk=campaign.pk).name == "Mine"


def test_a_preview_shows_what_is_typed_whoever_wrote_meanwhile(client, kettle, ada, campaign):
    client.force_login(ada)
    mine = fields_of(client.get(f"/w/kettle/campaigns/{campaign.pk}/edit/")) | {"body": "# Mine"}
    with working_in(kettle):
        compose(Campaign.objects.get(pk=campaign.pk), body="# Theirs")

    assert "Mine" in client.post(f"/w/kettle/campaigns/{campaign.pk}/preview/", mine).content.decode()


def test_a_template_a_programme_and_a_person_keep_what_others_wrote(client, kettle, ada):
    client.force_login(ada)
    with working_in(kettle):
        facts = {"name": "receipt", "sender": make_sender(), "example": {}}
        template = write_template(None, by=ada, subject="Yours", body="Hi", body_format="markdown", **facts)
        programme = Programme.objects.create(name="Letter", audience=1)
        person = make_contact("Tom Green", city="Bonn")
    pages = {
        f"/w/kettle/campaigns/transactional/{template.pk}/edit/": {"preheader": "Mine"},
        f"/w/kettle/programmes/{programme.pk}/edit/": {"asks": "Mine"},
        f"/w/kettle/contacts/{person.pk}/edit/": {"country": "DE"},
    }
    mine = {path: fields_of(client.get(path)) for path in pages}
    with working_in(kettle):
        write_template(TransactionalTemplate.objects.get(), by=ada, subject="Theirs", **facts)
        Programme.objects.update(gives="Theirs")
        edit_contact(Contact.objects.get(pk=person.pk), by=ada, city="Theirs")

    assert [client.post(path, mine[path] | said).status_code for path, said in pages.items()] == [302, 302, 302]

    with working_in(kettle):
        words = TransactionalTemplate.objects.get().draft.content
        assert (words.subject, words.preheader) == ("Theirs", "Mine")
        assert Programme.objects.values_list("gives", "asks").get() == ("Theirs", "Mine")
        assert Contact.objects.values_list("city", "country").get(pk=person.pk) == ("Theirs", "DE")


def test_what_is_new_is_taken_as_it_is_sent_whatever_it_began_with(client, kettle, ada):
    client.force_login(ada)
    begun = fields_of(client.get("/w/kettle/programmes/new/?preset=welcome"))

    assert client.post("/w/kettle/programmes/new/", begun | {"name": "Hello"}).status_code == 302

    with working_in(kettle):
        assert Programme.objects.get().gives == begun["gives"] != ""
