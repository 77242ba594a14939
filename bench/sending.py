"""What an email costs us: CPU of rendering, building and handing over, beside smtplib the naive way, in one run.

Both write the same 14 kB email with ten counted links to the same sink, a process of its own on loopback.
"""

import multiprocessing
import signal
import smtplib
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.message import EmailMessage

from django.utils import timezone

from delivery.content.addressing import addresses_for
from delivery.content.compiling import CompiledMessage, compile_message
from delivery.content.mime import CommonHeaders, Envelope, build
from delivery.messengers.smtp_client import Account, OutgoingMessage, Smtp
from delivery.models import Content, Message
from workspaces.current import working_in
from workspaces.models import Workspace

EMAILS = 2_000
PARAGRAPH = "Slow water, good leaves, and a little patience: that is most of it. "
BODY = "# Hello {{ contact.first_name | default: 'there' }}\n\n" + "\n\n".join(
    f"{PARAGRAPH * 6}[Read on about tea {n}](https://kettle.example/tea/{n})." for n in range(10)
)


def run(workspace: Workspace) -> None:
    """Print the figures."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    sink = multiprocessing.get_context("fork").Process(target=_sink, args=(listener,), daemon=True)
    sink.start()
    listener.close()
    try:
        with working_in(workspace):
            content = Content(subject="News for {{ contact.first_name }}", body=BODY)
            message = Message(pk=1, name="Bench", content=content)
            compiled = compile_message(message, workspace)
            size = len(_ours(compiled, workspace, 1))
            ours = [_measured(lambda: _send_ours(compiled, workspace, port)) for _ in range(3)]
            only = [_measured(lambda: [_ours(compiled, workspace, n) for n in range(EMAILS)]) for _ in range(3)]
            naive = _measured(lambda: _send_naively(compiled, workspace, port, EMAILS // 5))
    finally:
        sink.terminate()
        sink.join()
    cpu, wall = min(one[0] for one in ours) / EMAILS, min(one[1] for one in ours) / EMAILS
    made = min(one[0] for one in only) / EMAILS
    naive_cpu, naive_wall = naive[0] / (EMAILS // 5), naive[1] / (EMAILS // 5)
    print(f"email of {size / 1000:.1f} kB, 10 counted links, {EMAILS} emails, best of 3")
    print(
        f"ours:    {cpu * 1e6:6.0f} µs CPU an email (of it {made * 1e6:.0f} render and build), {1 / wall:6.0f}/s wall"
    )
    print(f"smtplib: {naive_cpu * 1e6:6.0f} µs CPU an email, {1 / naive_wall:6.0f}/s wall")
    print(f"ratio:   {naive_cpu / cpu:.1f} times less CPU, {naive_wall / wall:.1f} times faster")


def _ours(compiled: CompiledMessage, workspace: Workspace, number: int) -> bytes:
    address = addresses_for(workspace, 1, number)
    written = compiled.write({"contact": {"first_name": f"Greta {number}"}, "brand": "Kettle"}, address)
    envelope = Envelope("a@kettle.example", f"p{number}@x.example", f"<1.{number}.1@k.example>", address("unsubscribe"))
    return build(HEAD, envelope, written, at=timezone.now())


def _send_ours(compiled: CompiledMessage, workspace: Workspace, port: int) -> None:
    def messages() -> Iterator[OutgoingMessage]:
        for number in range(EMAILS):
            yield OutgoingMessage(
                number, "a@kettle.example", f"p{number}@x.example", _ours(compiled, workspace, number)
            )

    marks = bytearray(EMAILS)

    def mark(slot: int, name: str) -> None:
        marks[slot] = len(name)

    connection = Smtp(Account("127.0.0.1", port, "none"))
    taken = sum(reply.is_good for _message, reply in connection.deliver(messages(), mark, lambda _message: True))
    connection.close()
    if taken != EMAILS:
        raise RuntimeError(f"{taken} of {EMAILS} taken")


def _send_naively(compiled: CompiledMessage, workspace: Workspace, port: int, count: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        for number in range(count):
            fields = {"contact": {"first_name": f"Greta {number}"}, "brand": "Kettle"}
            written = compiled.write(fields, addresses_for(workspace, 1, number))
            message = EmailMessage()
            message["From"], message["To"] = "Kettle <a@kettle.example>", f"p{number}@x.example"
            message["Subject"] = written.subject
            message.set_content(written.text)
            message.add_alternative(written.html, subtype="html")
            client.send_message(message)


def _measured(action: Callable[[], object]) -> tuple[float, float]:
    """(CPU of this process, wall) in seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    action()
    return time.process_time() - cpu, time.perf_counter() - wall


def _sink(listener: socket.socket) -> None:
    """Takes everything, with PIPELINING, as cheaply as it can."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the parent's own way to end is not ours
    while True:
        peer, _address = listener.accept()
        with peer, suppress(OSError):
            _serve(peer)


def _serve(peer: socket.socket) -> None:
    peer.sendall(b"220 sink\r\n")
    buffer, in_body = b"", False
    while data := peer.recv(262_144):
        buffer += data
        answers = []
        while True:
            end = buffer.find(b"\r\n.\r\n" if in_body else b"\r\n")
            if end < 0:
                break
            line, buffer = buffer[: min(end, 10)].upper(), buffer[end + (5 if in_body else 2) :]
            if in_body:
                in_body = False
                answers.append(b"250 taken\r\n")
            elif line.startswith(b"EHLO"):
                answers.append(b"250-sink\r\n250-8BITMIME\r\n250 PIPELINING\r\n")
            elif line == b"QUIT":
                answers.append(b"221 bye\r\n")
            elif line == b"DATA":
                in_body = True
                answers.append(b"354 go\r\n")
            else:
                answers.append(b"250 ok\r\n")
        if answers:
            peer.sendall(b"".join(answers))


HEAD = CommonHeaders.of(
    from_name="Kettle",
    from_email="a@kettle.example",
    reply_to="",
    list_id="letter.kettle.example",
    list_name="Kettle",
    feedback_id="1:1:email:ecrm",
)
