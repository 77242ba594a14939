"""A push service on loopback, and a sender that speaks to it."""

import pytest

from delivery.forms import form_of
from delivery.models import Sender
from tests.delivery.conftest import own_var, send  # noqa: F401
from tests.messengers.pushing import PushService


@pytest.fixture
def service(settings):
    """A push service that takes everything until told otherwise, and that the operator has named."""
    found = PushService()
    settings.ECRM_PUSH_SERVICES = [*settings.ECRM_PUSH_SERVICES, found.url]
    settings.ECRM_FETCH_LOOPBACK = True
    yield found
    found.close()


@pytest.fixture
def sender(inside, service):
    """The workspace's sender of notifications, as its form makes it."""
    data = {"name": "Bell", "subject": "mailto:web@kettle.example", "hours": "24", "urgency": "normal"}
    form = form_of("push")(data | {"per_second": "100000", "connections": "4"}, instance=Sender(kind="push"))
    assert form.is_valid(), form.errors
    return form.save()
