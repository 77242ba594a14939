"""Rows of which a workspace has one at most: two who make it at the very same moment lose nothing, and neither breaks."""

import threading
from time import monotonic

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import UniqueConstraint

from consent.models import ContactRules
from consent.rules import cap_offers, offer_interests
from tests.test_forms_of_two import FIRST, somebody_waits
from workspaces.current import working_in
from workspaces.notices.own_keys import public_key

ASKED_ABOUT = {  # the first save of each by a form is tried in tests/test_forms_of_two.py
    "campaigns.WorkspaceHoldout": "campaigns.views.holdout.WorkspaceHoldoutForm",
    "consent.ContactRules": "consent.forms.CapsForm",
    "conversations.UrgentWords": "conversations.urgency_form.UrgentWordsForm",
    "emails.BrandKit": "emails.forms.KitForm",
    "privacy.Retention": "privacy.forms.RetentionForm",
}
BY_NOBODY = {"workspaces.PushKeys": "made by the product itself; tried below"}


def while_another(workspace, first, second):
    """What both said, of whom the second begins before the first is through."""
    answers = []

    def go() -> None:
        try:
            with working_in(workspace):
                answers.append(second())
        finally:
            connection.close()

    other = threading.Thread(target=go)
    with working_in(workspace):
        answers.append(first())
        other.start()
        until = monotonic() + 30
        while other.is_alive() and not somebody_waits() and monotonic() < until:
            pass
    other.join(30)
    return answers


def test_each_row_that_is_alone_in_its_workspace_is_tried_with_two_who_make_it():
    alone = {
        model._meta.label
        for model in apps.get_models()
        for one in model._meta.constraints
        if isinstance(one, UniqueConstraint) and list(one.fields) == ["workspace"] and one.condition is None
    }

    assert alone == ASKED_ABOUT.keys() | BY_NOBODY.keys()
    assert set(ASKED_ABOUT.values()) <= {case.form for case in FIRST}


@pytest.mark.django_db(transaction=True)
def test_two_who_make_the_keys_have_the_same(kettle):
    one, other = while_another(kettle, public_key, public_key)

    assert one == other


@pytest.mark.django_db(transaction=True)
def test_two_who_first_write_different_rules_lose_neither(kettle, ada):
    while_another(kettle, lambda: cap_offers(a_week=7, a_day=5, by=ada), lambda: offer_interests("Tea", by=ada))

    with working_in(kettle):
        assert ContactRules.objects.values_list("offers_a_week", "offers_a_day", "interests").get() == (7, 5, "Tea")
