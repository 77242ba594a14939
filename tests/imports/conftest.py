from pathlib import Path

import pytest

from consent.models import Consent
from contacts.models import Contact
from imports.models import ImportedRow, ImportRun
from imports.running import run_slice
from imports.starting import begin_import, check_ready, keep_file


class Result:
    """A run that is over, and what became of its rows and people; inside the workspace."""

    def __init__(self, run):
        self.run = run
        rows = ImportedRow.objects.filter(run=run)
        self.outcomes = {row.line: row.outcome for row in rows}
        self.reasons = {row.line: row.reason for row in rows}

    def agreed(self):
        """The emails of those who have a yes that stands, as the gate would read it."""
        found = set()
        for contact in Contact.objects.exclude(email=""):
            words = [row.state for row in Consent.objects.filter(contact=contact, channel=1).order_by("at", "pk")]
            if words and words[-1] == Consent.State.GIVEN:
                found.add(contact.email)
        return found


@pytest.fixture
def bring(inside, settings, tmp_path):
    """Import a text or bytes by the verbs, as the page does after its questions were answered."""
    settings.MEDIA_ROOT = tmp_path
    inside.zone = "Europe/Berlin"
    inside.save(update_fields=["zone"])

    def take(data, name="people.csv", *, topic="letter", mapping=None, chosen=None, **facts) -> Result:
        path = keep_file([data if isinstance(data, bytes) else data.encode()], name)
        run = begin_import(path, name)
        for key, value in {
            "basis": "consent",
            "proof": "They ticked the box at the till.",
            "topic_key": topic,
            **facts,
        }.items():
            setattr(run, key, value)
        run.mapping |= mapping or {}
        run.dialect |= chosen or {}
        check_ready(run)
        run.state = ImportRun.State.WAITING
        run.save()
        while run_slice(run):
            pass
        run.refresh_from_db()
        Path(run.path).unlink()
        assert run.state == ImportRun.State.DONE
        return Result(run)

    return take
