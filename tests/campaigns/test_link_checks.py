"""Whether a campaign's links lead somewhere: asked by a button, answered by a worker; no request waits for the web."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from campaigns.composing import compose
from campaigns.link_checks import WORK, ask_links, check_waiting, found_of
from lib.connections.outgoing import parse_allowed
from tests.closing import with_none_open
from tests.factories.campaigns import again, make_campaign, make_sender
from tests.factories.contacts import make_reader
from tests.loopback import LoopbackApi
from workspaces.current import working_in
from workspaces.models import AgendaItem


class Site(LoopbackApi):
    """A website on which one page is gone."""

    def hear(self, method, path, headers, raw):
        return (404, None, {}) if path.startswith("/gone") else (200, {"ok": True}, {})


@pytest.fixture
def site(settings):
    one = Site()
    settings.ECRM_OUTGOING_ALLOWED = parse_allowed([f"127.0.0.1:{one.server.server_port}"])
    yield one
    one.close()


def at(pk: int) -> str:
    return f"/w/kettle{reverse('campaigns:links', args=[pk], urlconf='ecrm.urls_workspace')}"


@pytest.fixture
def draft(kettle, site):
    with working_in(kettle):
        make_reader()
        return make_campaign(make_sender(), body=f"[Here]({site.url}/there) and [Gone]({site.url}/gone).")


def test_a_link_that_leads_nowhere_is_named_with_why(draft, as_ada, kettle, site):
    asked = as_ada.post(at(draft.pk), headers={"HX-Request": "true"})
    assert "Each is being opened" in asked.text
    assert site.asked == []
    with working_in(kettle):
        assert AgendaItem.objects.filter(work=WORK).exists()

    with_none_open(lambda: check_waiting(kettle))

    page = as_ada.get(f"/w/kettle{reverse('campaigns:page', args=[draft.pk], urlconf='ecrm.urls_workspace')}").text
    assert "<b>Gone</b> The page is not there (404)." in page
    assert "<b>Here</b>" not in page
    assert "every 1s" not in as_ada.get(at(draft.pk)).text


def test_all_that_lead_somewhere_and_words_that_changed_since(draft, as_ada, kettle, site):
    with working_in(kettle):
        compose(again(draft), body=f"[Here]({site.url}/there)")
        ask_links(again(draft))
        ask_links(again(draft))
    with_none_open(lambda: check_waiting(kettle))
    assert "1 link leads somewhere." in as_ada.get(at(draft.pk)).text

    with working_in(kettle):
        compose(again(draft), body=f"[There]({site.url}/there)")
        assert found_of(again(draft)).is_old
    assert "The email was changed since." in as_ada.get(at(draft.pk)).text


def test_nobody_asked_and_what_cannot_be_written(kettle, site):
    with working_in(kettle):
        broken = make_campaign(make_sender(), body="{{ contact.nothing }}")
        assert found_of(broken) is None
        ask_links(broken)
    with_none_open(lambda: check_waiting(kettle))
    with working_in(kettle):
        assert found_of(broken).looked_at == 0


def test_without_javascript_it_leads_back_and_strangers_ask_nothing(draft, as_ada, as_eve, member):
    assert as_ada.post(at(draft.pk))["Location"].endswith(f"/campaigns/{draft.pk}/")
    assert as_eve.post(at(draft.pk)).status_code == 404
    assert member("analyst").post(at(draft.pk)).status_code == 403


def test_one_asked_for_while_another_is_looked_at_has_its_turn(draft, kettle, site):
    with working_in(kettle):
        other = make_campaign(make_sender(), body=f"[There]({site.url}/there)")
        ask_links(again(draft))
    with working_in(kettle):
        queue = f"link-checks:{kettle.pk}"
        assert cache.get(queue) == [draft.pk]
    with_none_open(lambda: check_waiting(kettle))
    with working_in(kettle):
        assert cache.get(queue) is None  # taken before it looked: what is added meanwhile stays
        ask_links(again(other))
    with_none_open(lambda: check_waiting(kettle))
    with working_in(kettle):
        assert not found_of(again(other)).is_waiting
