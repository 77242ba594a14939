"""A message is tried where it can be stopped: no template holds the web server's thread or memory."""

import os
import signal

import pytest

from delivery.content import liquid, sandbox
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.content.sandbox import try_out
from delivery.models import Content, Message

ANN = {"contact": {"name": "Ann"}, "brand": "Kettle & Co"}


def message(body: str, subject: str = "Hello {{ contact.name }}", body_format: str = "markdown") -> Message:
    return Message(content=Content(subject=subject, body=body, body_format=body_format))


def test_what_comes_back_is_what_this_process_would_write(inside):
    written = try_out(message("# Hi {{ contact.name }}\n\n[Shop](https://kettle.example/shop)"), inside, ANN)

    assert (written.subject, "Hi Ann</h1>" in written.html) == ("Hello Ann", True)
    assert "https://kettle.example/shop" in written.html
    assert "Hi Ann" in written.text


def test_what_is_wrong_is_said_as_here(inside):
    with pytest.raises(MissingFieldError) as missing:
        try_out(message("{{ contact.city }}"), inside, ANN)
    with pytest.raises(BadTemplateError, match="foo"):
        try_out(message("{{ contact.name | foo }}"), inside, ANN)

    assert missing.value.field == "contact.city"
    assert try_out(message("fine"), inside) is None


@pytest.fixture
def no_bounds(monkeypatch):
    """A zygote of its own in which our own bounds are gone: only the system's limits stand, a second and the memory."""
    code = (
        "import delivery.content.liquid as l, delivery.content.zygote as z, liquid.builtin.expressions.primitive as p"
    )
    code += (
        "; l._check_size = lambda text: None; p.RangeLiteral._make_range = l._any_range; l.Bounded = lambda f, **_: f"
    )
    code += "; l._check_join = lambda *a: None; z.CPU_SECONDS = 1; z.main()"
    own = sandbox._Zygote()
    real = sandbox.subprocess.Popen

    def popen(command, **kwargs):
        return real([command[0], "-c", code], **kwargs)

    monkeypatch.setattr(sandbox.subprocess, "Popen", popen)
    monkeypatch.setattr(sandbox, "_zygote", own)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "ecrm.settings")
    yield
    own._end()


def test_the_system_itself_stops_what_our_bounds_would_have_missed(inside, no_bounds):
    hours = '{% if (1..9999999999999) contains "x" %}x{% endif %}'
    all_memory = "{{ (1..9999999999) | join: 'xxxxxxxxxxxxxxxxxxxxxxxxxxx' }}"
    for body in (hours, all_memory):
        with pytest.raises(BadTemplateError, match="longer, or more memory"):
            try_out(message(body, body_format="html"), inside, ANN)

    assert try_out(message("still there"), inside, ANN).text.strip().startswith("still there")


def test_a_killed_zygote_costs_one_answer_at_most(inside):
    try_out(message("one"), inside)
    os.kill(sandbox._zygote.process.pid, signal.SIGKILL)
    sandbox._zygote.process.wait()

    assert try_out(message("two"), inside, ANN).text.strip().startswith("two")


def test_a_preview_by_an_analyst_is_tried_there(member, kettle, monkeypatch):
    asked = []
    real = sandbox._zygote.ask
    monkeypatch.setattr(sandbox._zygote, "ask", lambda job: asked.append(job) or real(job))
    bomb = '{% if (1..9999999999999) contains "x" %}x{% endif %}'
    from tests.factories.campaigns import make_campaign
    from workspaces.current import working_in

    with working_in(kettle):
        campaign = make_campaign(body=bomb)
    answer = member("analyst").get(f"/w/kettle/campaigns/{campaign.pk}/preview/")

    assert (answer.status_code, len(asked)) == (200, 1)
    assert f"a range has at most {liquid.MOST_ITEMS:,} numbers" in answer.text


def test_a_fault_of_a_library_is_said_and_is_no_500(inside, monkeypatch):
    monkeypatch.setattr(sandbox._zygote, "ask", lambda job: sandbox.Answer(broke="Traceback"))

    with pytest.raises(BadTemplateError, match="server's log"):
        try_out(message("x"), inside)


def test_it_may_be_begun_before_there_is_a_job(inside):
    sandbox._zygote._end()
    sandbox.begin_sandbox()
    begun = sandbox._zygote.process
    sandbox.begin_sandbox()

    assert try_out(message("Hi {{ contact.name }}"), inside, ANN).subject == "Hello Ann"
    assert sandbox._zygote.process is begun
