"""What is kept and the whole team reads is in the workspace's language, whoever's page or act wrote it."""

import textwrap
from datetime import timedelta

import pytest

from imports.models import ImportRun
from imports.starting import FORGETTING
from lib.clock import now
from tests.test_house import OURS, ROOT
from tests.writing_words import Source
from workspaces import agenda
from workspaces.current import working_in

DAY = timedelta(days=1)

# Runs as the agenda's work, which is done in the workspace's language; or goes to the one who asked for it.
ELSEWISE = {
    ("delivery.engine.sending", "send_chunk"): "the agenda's work",
    ("delivery.engine.sending", "_finish"): "the agenda's work",
    ("delivery.engine.sending", "_write"): "the agenda's work",
    ("deliverability.seed_tests", "_send"): "the agenda's work",
    ("messengers.forms", "__init__"): "a form's own labels, kept nowhere",
    ("messengers.whatsapp.form", "__init__"): "a form's own labels, kept nowhere",
    ("imports.facts.forms", "add_fact_fields"): "a form's own labels, kept nowhere",
    ("imports.running", "run_slice"): "the agenda's work",
    ("imports.running", "stop_run"): "the agenda's work",
    ("imports.tasks", "forget_files"): "the agenda's work",
    ("social.connecting", "poll_one"): "the agenda's work",
    ("social.connecting", "_store"): "the agenda's work",
    ("social.watching", "_look_for"): "the agenda's work",
    ("campaigns.planning", "_plan_one"): "the agenda's work",
    ("campaigns.experiments.deciding", "look_at"): "the agenda's work",
    ("campaigns.experiments.deciding", "_try"): "the agenda's work",
    ("emails.library.feeds", "_check"): "the agenda's work",
    ("imports.facts.writing", "_group"): "the agenda's work",
    ("imports.cells", "complete"): "a draft: written by the agenda's work, shown by a dry run",
    ("imports.differing", "__init__"): "a draft: written by the agenda's work, shown by a dry run",
    ("campaigns.email_steps", "take_step"): "what is said to whoever took the step, kept nowhere",
    ("campaigns.email_steps", "_remove"): "what is said to whoever took the step, kept nowhere",
    ("campaigns.email_steps", "_replace"): "what is said to whoever took the step, kept nowhere",
    ("campaigns.views.email_blocks", "_step"): "what is said to whoever took the step, kept nowhere",
    ("portal.own_facts", "say_not_me"): "what is said to the person, kept nowhere",
    ("touchpoints.timeline", "_event"): "a line of a page, kept nowhere",
    ("portal.own_page_channel", "reply"): "an email to the person, in theirs",
}


def module_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def test_nothing_is_kept_in_the_language_of_whoever_was_there():
    source = Source((module_of(path), path) for path in OURS)
    found = {(module, function): (line, to) for module, function, line, to in source.written()}

    assert {place: what for place, what in found.items() if place not in ELSEWISE} == {}
    assert sum(len(one.storing) for one in source.all()) > 100


@pytest.mark.parametrize(
    ("body", "is_found"),
    [
        ('Tag.objects.create(name=_("x"))', True),
        ('said = _("x") % {"n": 1}\n    keep(said)', True),
        ('keep(lambda: _("x"))', True),
        ('tag.name = _("x")', True),
        ('note = _("x")\n    text = note or "y"\n    Tag.objects.filter(pk=1).update(name=text)', True),
        ('with team_language():\n        said = _("x")\n    keep(said)', False),
        ('with team_language():\n        keep(_("x"))', False),
        ('raise ValueError(_("x"))', False),
        ('show(_("x"))', False),
    ],
)
def test_the_look_finds_the_kind(tmp_path, body, is_found):
    path = tmp_path / "one.py"
    text = """
    def keep(words):
        said = words[:3]
        Tag.objects.get_or_create(name=said)

    def show(words):
        return words

    def act(tag):
        BODY
    """
    path.write_text(textwrap.dedent(text).replace("BODY", body))

    assert bool(list(Source([("one", path)]).written())) is is_found


def test_what_is_done_in_the_background_is_written_in_the_workspaces_language(kettle, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    kettle.locale = "de"
    kettle.save(update_fields=["locale"])
    with working_in(kettle):
        run = ImportRun.objects.create(
            file_name="x.csv", path=str(tmp_path / "x.csv"), state="paused", created_at=now() - 31 * DAY
        )
        agenda.set_due(FORGETTING)

    assert agenda.do_work(kettle, FORGETTING)

    with working_in(kettle):
        assert "30 Tage" in ImportRun.objects.get(pk=run.pk).error
