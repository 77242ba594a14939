"""Senders, and a name server that tests fill."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from delivery.models import Sender
from tests.deliverability.zones import NameServer
from tests.delivery.conftest import own_var, room, send

__all__ = ["own_var", "room", "send"]
DOMAIN = "kettle.coffee"


@pytest.fixture
def answering(settings: Any) -> Iterator[Callable[..., NameServer]]:
    """`answering({("kettle.coffee", "TXT"): [...]})`: from now on our name server says so."""
    with ExitStack() as stack:

        def answer(zones: dict[tuple[str, str], list[str]], **options: Any) -> NameServer:
            server = stack.enter_context(NameServer(zones, **options))
            settings.ECRM_NAMESERVERS = [server.address]
            return server

        yield answer


@pytest.fixture
def make_sender(kettle: Any) -> Callable[..., Sender]:
    def make(**settings: Any) -> Sender:
        given = {"host": f"smtp.{DOMAIN}", "port": 587, "security": "starttls", "from_email": f"hello@{DOMAIN}"}
        return Sender.objects.create(name="Letters", settings=given | settings)

    return make


def good_zone(domain: str = DOMAIN) -> dict[tuple[str, str], list[str]]:
    """Everything as it should be."""
    return {
        (domain, "TXT"): ['"v=spf1 ip4:93.184.216.34 ~all"', '"site-verification=1"'],
        (domain, "MX"): ["10 mx.kontor.coffee."],
        (domain, "NS"): ["ns1.kontor.coffee.", "ns2.kontor.coffee."],
        (f"_dmarc.{domain}", "TXT"): ['"v=DMARC1; p=none; rua=mailto:dmarc@kettle.coffee"'],
        (f"smtp.{domain}", "A"): ["93.184.216.34"],
        ("34.216.184.93.in-addr.arpa", "PTR"): [f"smtp.{domain}."],
    }
