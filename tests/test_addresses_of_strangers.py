"""NUL in an address or a form is a 400 before any page or query sees it; doors that are no form read their own bodies."""

import json

import pytest

from workspaces.current import working_in
from workspaces.keys import make_key


@pytest.mark.parametrize("path", ["/w/%00/", "/w/kettle/contacts/?q=%00", "/p/%00/", "/accounts/login/?next=%00"])
def test_nul_in_an_address_is_refused_before_any_page(as_ada, kettle, path):
    assert as_ada.get(path).status_code == 400


@pytest.mark.parametrize("how", [{}, {"content_type": "application/x-www-form-urlencoded"}])
def test_nul_in_a_form_is_refused_before_any_page(as_ada, kettle, how):
    said = "q=a%00b&name=x" if how else {"q": "a\0b"}

    assert as_ada.post("/w/kettle/segments/new/", said, **how).status_code == 400


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])
def test_an_event_may_come_under_any_content_type(client, kettle, kind):
    """curl says "form" of everything, and 3 MB of events are no form."""
    with working_in(kettle):
        key = make_key("server", "Shop")[1]
    items = [
        {"type": "track", "userId": "u", "event": "E", "messageId": str(n), "properties": {"x": "y" * 30_000}}
        for n in range(100)
    ]

    answer = client.post("/v1/batch", json.dumps({"writeKey": key, "batch": items}), content_type=kind)

    assert answer.json()["new"] == 100
