"""Greta, who has a page of her own, and a browser that is logged in nowhere."""

import pytest
from django.test import Client

from consent.consenting import give_consent
from consent.models import Topic
from contacts.models import Contact, Identity
from portal.access_links import relationship_token
from workspaces.current import working_in


@pytest.fixture
def greta(kettle):
    with working_in(kettle):
        contact = Contact.objects.create(name="Greta Lindqvist", given_name="Greta", email="greta@slowwater.example")
        Identity.objects.create(contact=contact, kind=Identity.Kind.EMAIL, value=contact.email)
        for key in ("letter", "offers"):
            give_consent(contact, topic=Topic.objects.get(key=key), source="form")
        contact.path = f"/p/kettle/me/{relationship_token(contact.pk)}/"
    return contact


@pytest.fixture
def visitor():
    return Client(enforce_csrf_checks=True)
