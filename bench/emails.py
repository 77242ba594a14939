"""Emails of blocks: one of the starting templates written for a person once it is compiled, and looked through by the lint.

The newsletter, with a block that only some see and the reader's first name; 400 people, half of them without a name.
"""

import time
from collections.abc import Callable
from functools import partial
from statistics import median

import msgspec

from consent.models import Topic
from delivery.content.compiling import compile_message
from delivery.content.liquid import render
from delivery.drafting import change_email
from delivery.models import Content, Message
from emails.drawing import SHOWN
from emails.gallery.beginning import STARTING_POINTS, begin
from emails.lint.linting import lint
from workspaces.current import working_in
from workspaces.models import Workspace

PEOPLE, ROUNDS = 400, 15
AIM_RENDER, AIM_LINT = 40, 50_000  # µs
CUSTOMERS = {"all": [{"role": {"in": ["customer"]}}]}


def run(workspace: Workspace) -> None:
    """Print the figures."""
    with working_in(workspace):
        blocks = begin("newsletter")
        seen_by_some = msgspec.structs.replace(blocks[-2], when=CUSTOMERS)
        message = drafted([*blocks[:-2], seen_by_some, blocks[-1]])
        compiled = compile_message(message, workspace)
        fields = [
            {
                "contact": {"first_name": f"P{no}"} if no % 2 else {},
                "brand": workspace.name,
                SHOWN: {seen_by_some.id: True} if no % 3 else {},
            }
            for no in range(PEOPLE)
        ]
        address = {place: f"https://k.example/c/{place}" for place in compiled.places}.__getitem__
        each = cpu(lambda: [compiled.write(one, address) for one in fields]) / PEOPLE
        rendered = cpu(lambda: [render(compiled.html, one) for one in fields]) / PEOPLE
        compiling = cpu(lambda: compile_message(message, workspace))
        pages = {
            key: compile_message(drafted(begin(key)), workspace).write({}, address).html for key in STARTING_POINTS
        }
    print(f"compiled                 {compiling:9,.0f} µs, once a message ({len(blocks)} blocks, one with a condition)")
    print(f"HTML for one person      {rendered:9,.1f} µs (aim {AIM_RENDER}), {len(pages['newsletter']) / 1000:.0f} kB")
    print(f"all for one person       {each:9,.1f} µs: with subject, plain text, the addresses of links")
    for key, html in pages.items():
        took = cpu(partial(lint, html))
        print(f"lint, {key:18} {took:9,.0f} µs (aim {AIM_LINT:,}), {len(html) / 1000:.0f} kB")


def drafted(blocks: list) -> Message:
    content = Content.objects.create(subject="News for {{ contact.first_name | default: 'you' }}", body="")
    message = Message.objects.create(name="bench", content=content, topic=Topic.objects.order_by("pk").first())
    change_email(content, blocks, based_on=content.version)
    return message


def cpu(work: Callable[[], object]) -> float:
    """Median CPU time of one run, in µs."""
    work()
    took = []
    for _round in range(ROUNDS):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return median(took) * 1e6
