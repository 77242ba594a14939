"""Transactional emails of the demo: an order confirmation as a template, and some that went out."""

from datetime import datetime, timedelta

from backstage.demo.people import Person
from delivery.models import Delivery, Sender, TransactionalSend
from delivery.transactional.templates import approve_template, write_template
from workspaces.models import User

NAME = "Order confirmation"
BODY = """# Thank you{% if contact.first_name %}, {{ contact.first_name }}{% endif %}

We have your order **{{ data.order }}** and pack it today.

{% for line in data.lines %}
- {{ line.count }} × {{ line.name }}
{% endfor %}

Together: {{ data.total }}
"""
EXAMPLE = {
    "order": "A-1042",
    "lines": [{"count": 2, "name": "Spring tin"}, {"count": 1, "name": "Linen wrap"}],
    "total": "€ 54.00",
}


def make_receipts(people: list[Person], now: datetime, owner: User) -> None:
    """A template in its first version; every hundredth person got one of them in the last weeks."""
    sender = Sender.objects.order_by("pk").first()
    words = {"subject": "Your order {{ data.order }}", "preheader": "", "body_format": "markdown", "body": BODY}
    template = write_template(None, name=NAME, sender=sender, example=EXAMPLE, by=owner, **words)
    version = approve_template(template, by=owner)
    for number, one in enumerate(people[::100]):
        at = now - timedelta(days=1 + 2 * number % 28, hours=number % 9)
        order = EXAMPLE | {"order": f"A-{1042 + number}"}
        send = TransactionalSend.objects.create(
            message=version.message, contact=one.contact, version=version, data=order, created_at=at
        )
        Delivery.objects.create(
            message=version.message, contact=one.contact, occasion=send.pk, address=one.contact.email,
            state=Delivery.State.SENT, queued_at=at, sent_at=at, answer="250 2.0.0 Ok", attempts=1,
        )  # fmt: skip
