"""Who reads our pages in German leaves nothing German behind for a team that reads English, but for what they typed."""

import re

from django.db import models
from django.utils.translation import trans_real

from consent.models import ConsentWording
from consent.rules import offer_interests
from contacts.models import Contact, Identity
from portal.acts import ACTS
from tests.factories.contacts import make_contact
from touchpoints.models import Touchpoint
from workspaces.current import working_in
from workspaces.owned import owned_models

TEXTS = (models.CharField, models.TextField, models.JSONField)
SEEN = {ConsentWording}  # the proof: the sentence that they saw
TYPED = {
    "topics": {"topic": []},
    "pause": {"until": "month"},
    "talk": {"talk": 2},
    "tracking": {"mode": 2},
    "say": {"words": "Where is it?"},
    "call": {"number": "+49 30 1234567", "when": "at 4"},
    "facts": {"name": "Greta L", "language": "de"},
    "address": {"email": "other@greta.example"},
    "interests": {"interest": ["Oolong"]},
    "ask": {"kind": "correct", "words": "my name"},
}

# what stands for nothing on this page: no browser, no interest, no account, and nowhere to connect one
NOTHING_THERE = {"keep", "undo", "browser", "interest", "account-code", "account-part"}


def german():
    """Every sentence of ours in German, cut where it has values."""
    said = set()
    for one in trans_real.translation("de")._catalog._catalogs:
        for key, text in one.items():
            english = key[0] if isinstance(key, tuple) else key
            if text and text != english:
                said |= {part.strip() for part in re.split(r"%\(\w+\)\w|[{}]", text)}
    return {part for part in said if len(part) >= 9}


def kept():
    """(table, text) of every text in the open workspace."""
    for model in owned_models():
        names = [one.attname for one in model._meta.local_fields if isinstance(one, TEXTS)]
        if names and model not in SEEN:
            for row in model.objects.values_list(*names):
                yield from ((model._meta.label, str(value)) for value in row if value)


def test_every_act_of_a_german_reader_is_kept_in_the_words_of_an_english_team(visitor, greta, kettle, ada):
    words = german()
    with working_in(kettle):
        before = set(kept())
        offer_interests("Oolong", by=ada)
        other = make_contact("Otto", "taken@greta.example")
        Identity.objects.filter(contact=other).update(value="taken@greta.example")

    for act in ACTS:
        sent = visitor.post(f"{greta.path}?lang=de", {"do": act, **TYPED.get(act, {})}, follow=True)
        assert sent.status_code == (200 if act not in NOTHING_THERE else 422), act
        assert "Deine Seite" in sent.text or "Ihre Seite" in sent.text or 'lang="de"' in sent.text

    with working_in(kettle):
        assert Contact.objects.get(pk=greta.pk).language == "de"
        assert Touchpoint.objects.count() > 8
        mine = set(kept()) - before
        assert [(table, text) for table, text in mine for one in words if one in text] == []
        assert any("Please call me: +49 30 1234567. at 4" in text for _table, text in mine)
        assert any("This is not me" in text for _table, text in mine)
