"""The demo's notifications: a sender, and some people whose browsers allowed them. No real push service is behind them."""

from datetime import datetime, timedelta

from backstage.demo.people import Person
from contacts.models import Contact
from delivery.models import PUSH_KIND, Sender
from delivery.senders import keep_secret
from lib.push.browsers import Browser
from lib.push.keys import make_keys, to_text
from messengers.models import PushSubscription
from messengers.push.subscribing import subscribe

PAGE = "https://kettle.example/news"
AGENTS = (
    "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36",
)
EACH = 250  # the how many-th person has one


def make_push(people: list[Person], now: datetime) -> None:
    """The addresses are of a service that is not known here, so nothing ever leaves for them."""
    private, public = make_keys()
    settings = {"subject": "mailto:web@kettle.example", "public_key": public}
    sender = Sender.objects.create(kind=PUSH_KIND, name="Notifications", settings=settings, tested_at=now)
    keep_secret(sender, private)
    for number, one in enumerate(people[::EACH]):
        for place, agent in enumerate(AGENTS[: 1 + number % 2]):
            endpoint = f"https://push.kettle.example/demo/{one.contact.pk}-{place}"
            browser = Browser(endpoint, make_keys()[1], to_text(f"demo-{place}".encode().ljust(16, b".")))
            _allow(sender, one.contact, browser, agent, now - timedelta(days=3 + number))


def _allow(sender: Sender, contact: Contact, browser: Browser, agent: str, at: datetime) -> None:
    proof = {"source": "web push", "page": PAGE, "agent": agent}
    row = subscribe(sender, contact, browser, wording="Show me your news here", proof=proof)  # type: ignore[arg-type]
    PushSubscription.objects.filter(pk=row.pk).update(given_at=at, seen_at=at)
