"""How soon an email that one person waits for is at the server while a campaign goes out: from its commit to its acceptance.

Two processes send the campaign as fast as they can; beside them a third does what a worker of the urgent lane does as soon as
it is called. The call itself, a few milliseconds of the broker's, is not in it. Measured while the campaign still runs.
"""

import statistics
import time

from django.db import connections

from bench.sending import BODY, PROCESSES, _planned, _sender, _sink, apart
from bench.sending_process import send_all
from bench.world import the_world
from contacts.models import Contact
from delivery.engine.controlling import approve, cancel
from delivery.engine.lanes import URGENT
from delivery.engine.sending import send_slice
from delivery.models import Content, Delivery, Message, Sender
from delivery.transactional.messages import open_standing, send_to_one
from lib.sql import run_text
from workspaces.current import working_in
from workspaces.models import Workspace

CAMPAIGN, ASKED, LIMIT_SECONDS = 1_000_000, 100, 2


def run(_workspace: Workspace) -> None:
    """Print the figures."""
    workspace = the_world()
    with _sink():
        sender, topic = _sender(workspace)
        receipt = _receipt(workspace, sender)
        campaign = _planned(workspace, sender, topic, CAMPAIGN)
        heard, together = apart.SimpleQueue(), apart.Barrier(PROCESSES + 1)
        connections.close_all()
        senders = [
            apart.Process(target=send_all, args=(workspace.slug, together, heard, True)) for _ in range(PROCESSES)
        ]
        for one in senders:
            one.start()
        together.wait()
        waits, left = _ask(workspace, receipt, campaign)
        with working_in(workspace):
            people = Message.objects.get(pk=campaign.pk).planned_count
            if Message.objects.get(pk=campaign.pk).state == Message.State.SENDING:
                cancel(campaign, by=None)
        for _one in senders:
            heard.get()
        for one in senders:
            one.join()
    late = sorted(waits)[int(len(waits) * 0.95) - 1]
    print(
        f"{len(waits)} emails to one person each beside a campaign to {people:,}, {left:,} of whom still waited at the end"
    )
    print(
        f"at the server after {statistics.median(waits):.3f} s (median), {late:.3f} s (95 of 100), of at most {LIMIT_SECONDS}"
    )


def _receipt(workspace: Workspace, sender: Sender) -> Message:
    with working_in(workspace):
        content = Content.objects.create(subject="Your order", body=BODY)
        made = Message.objects.create(name="Receipt", content=content, sender=sender, purpose="transactional")
        return open_standing(approve(made, by=None))


def _ask(workspace: Workspace, receipt: Message, campaign: Message) -> tuple[list[float], int]:
    """Seconds of each, and how many of the campaign had not gone when the last was there."""
    waits: list[float] = []
    with working_in(workspace):
        people = list(Contact.objects.exclude(email="").order_by("-pk")[:ASKED])
    for number, person in enumerate(people, start=1):
        with working_in(workspace):
            send_to_one(receipt, person, occasion=number)
        began = time.perf_counter()
        while not _arrived(workspace, receipt, number):
            send_slice(workspace, seconds=5, lane=URGENT)
        waits.append(time.perf_counter() - began)
        time.sleep(0.05)
    with working_in(workspace):
        ((left,),) = run_text(
            "SELECT coalesce(sum(cardinality(contact_ids)), 0) FROM delivery_recipientchunk"
            " WHERE workspace_id = %(workspace)s AND message_id = %(message)s AND NOT is_done",
            {"workspace": workspace.pk, "message": campaign.pk},
        )
    return waits, int(left)


def _arrived(workspace: Workspace, receipt: Message, occasion: int) -> bool:
    with working_in(workspace):
        rows = Delivery.objects.filter(message=receipt, occasion=occasion)
        return rows.exclude(state__in=[Delivery.State.QUEUED, Delivery.State.SENDING]).exists()
