"""The demo's texts: two people wrote to our number, and what we answer goes to the demo's own gateway, and to nobody."""

import os
from datetime import datetime, timedelta

from backstage.demo.people import Person
from backstage.demo.text_gateway import ACCOUNT, NAME, endpoint_for
from contacts.editing import edit_contact
from contacts.models import Identity
from delivery.models import Sender
from delivery.returns.texts import Answer, take_answer
from delivery.senders import keep_secret
from delivery.text_addresses import inbound_address
from workspaces.current import current_workspace_id
from workspaces.models import User

OURS, KNOWN, STRANGER = "+493415550100", "+4915200000111", "+4915200000112"
WROTE = [
    ("SMdemo1", KNOWN, "Hi, is my parcel with the two lids on its way? I am away from Friday on.", 50),
    ("SMdemo2", STRANGER, "Do you repair enamel kettles? Mine has a chip at the spout.", 20),
]


def make_texts(people: list[Person], moment: datetime, by: User) -> Sender | None:
    """A sender of texts at the gateway that ECRM_TEXTS_URL and ECRM_TEXTS_TOKEN name, and who wrote to its number.

    None where they name none.
    """
    url, token = os.environ.get("ECRM_TEXTS_URL", ""), os.environ.get("ECRM_TEXTS_TOKEN", "")
    if not url or not token:
        return None
    own = {"account_sid": ACCOUNT, "from_number": OURS, "test_number": KNOWN}
    sender = Sender.objects.create(name=NAME, kind="sms", settings=own)
    sender.settings = own | {"endpoint": endpoint_for(url, inbound_address(current_workspace_id(), sender.pk))}
    sender.save(update_fields=["settings"])
    keep_secret(sender, token)
    if people and not Identity.objects.filter(kind=Identity.Kind.PHONE, value=KNOWN).exists():
        edit_contact(people[0].contact, by=by, phone=KNOWN)
    for sid, number, words, minutes in WROTE:
        take_answer(sender, Answer(sid, number, words, at=moment - timedelta(minutes=minutes)))
    return sender
