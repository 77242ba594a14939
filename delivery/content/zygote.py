"""`python -m delivery.content.zygote`: the process behind sandbox.py. It never opens a database, and has no threads."""

import gc
import os
import pickle
import resource
import select
import signal
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import django
import msgspec
from django.conf import settings

CPU_SECONDS = 3
WALL_SECONDS = 10  # a machine that is busy gives a child little of its time
MORE_MEMORY = 256 * 2**20
TOO_MUCH = "it takes longer, or more memory, than an email may"
SAMPLE = "{% if contact.city %}·{% endif %} {{ contact.first_name | default: '·' }}"
SECTION = f"<mj-section><mj-column><mj-text>{SAMPLE}</mj-text></mj-column></mj-section>"
STATM = Path("/proc/self/statm")


@dataclass(frozen=True, slots=True)
class Job:
    """A message to compile, and for whom to write it; `fields` None: to compile and proofread it."""

    message: Any
    workspace: Any
    fields: Mapping[str, Any] | None


class Answer(msgspec.Struct):
    """What came of a job: what was written, the name of a missing field, what is wrong, or the traceback of a fault."""

    written: list[str] | None = None
    missing: str | None = None
    wrong: str | None = None
    broke: str | None = None


def main() -> None:
    """Answer jobs until the parent is gone."""
    pipe_in, pipe_out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a stray print must not stand between two answers
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent; with it goes our standard input
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecrm.settings")
    django.setup()
    _warm_up()
    write_block(pipe_out, b"ready")
    while head := pipe_in.read(8):
        raw = pipe_in.read(int.from_bytes(head))
        answer = _in_a_child(raw, WALL_SECONDS)
        write_block(pipe_out, answer or msgspec.json.encode(Answer(wrong=TOO_MUCH)))


def _warm_up() -> None:
    """What the first email of a process loads (templates, catalogues, grammars) is loaded here once: each child has it then.

    Without it a child spends 80 ms of CPU before its own 10.
    """
    from delivery.models import Content, Message  # noqa: PLC0415
    from workspaces.models import Workspace  # noqa: PLC0415

    samples = {
        Content.Format.BLOCKS: f"<mjml><mj-body>{SECTION}</mj-body></mjml>",
        Content.Format.MARKDOWN: SAMPLE,
    }
    for language, _name in settings.LANGUAGES:
        workspace = Workspace(pk=0, name="·", locale=language, postal_address="·")
        for form, body in samples.items():
            content = Content(workspace_id=0, subject=SAMPLE, body=body, body_format=form)
            message = Message(workspace_id=0, pk=0, name="·", content=content)
            for fields in ({"contact": {}, "brand": "·"}, None):
                _do(Job(message, workspace, fields))
    gc.collect()
    gc.freeze()  # a child that collects would copy every page it looks at


def _in_a_child(raw: bytes, seconds: int) -> bytes:
    """The child's answer, or nothing when it died or had to be killed."""
    come, go = os.pipe()
    child = os.fork()
    if not child:
        os.close(come)
        _be_child(raw, go)
    os.close(go)
    answer = b""
    try:
        while select.select([come], [], [], seconds)[0]:
            part = os.read(come, 1 << 20)
            if not part:
                break
            answer += part
    finally:
        os.close(come)
        os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
    return answer if os.waitstatus_to_exitcode(status) in {0, -signal.SIGKILL} and answer.endswith(b"}") else b""


def _be_child(raw: bytes, go: int) -> None:
    """Do the job under the limits, say what came of it, end."""
    try:
        if STATM.exists():  # Linux; elsewhere the limit of time alone holds
            most = int(STATM.read_text().split()[0]) * resource.getpagesize() + MORE_MEMORY
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        answer = msgspec.json.encode(_do(pickle.loads(raw)))  # noqa: S301 (from our own parent, by a pipe)
        while answer:
            answer = answer[os.write(go, answer) :]
    finally:
        os._exit(0)


def _do(job: Job) -> Answer:
    from delivery.content.addressing import plain_addresses  # noqa: PLC0415
    from delivery.content.compiling import compile_message  # noqa: PLC0415
    from delivery.content.liquid import BadTemplateError, MissingFieldError  # noqa: PLC0415
    from delivery.content.proofreading import proofread  # noqa: PLC0415

    try:
        compiled = compile_message(job.message, job.workspace)
        if job.fields is None:
            proofread(job.message, job.workspace)
            return Answer()
        written = compiled.write(job.fields, plain_addresses(compiled.links.rows))
        return Answer(written=[written.subject, written.html, written.text])
    except MissingFieldError as error:
        return Answer(missing=error.field)
    except BadTemplateError as error:
        return Answer(wrong=str(error))
    except MemoryError:
        return Answer(wrong=TOO_MUCH)
    except Exception:  # noqa: BLE001 (a library met something it was not made for; the parent says so)
        return Answer(broke=traceback.format_exc(limit=-6))


def write_block(pipe: BinaryIO | Any, data: bytes) -> None:
    """Length and data."""
    pipe.write(len(data).to_bytes(8) + data)
    pipe.flush()


if __name__ == "__main__":
    main()
