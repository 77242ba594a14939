"""Files of the demo: one that came in and stands, one that was taken back; and a name that three said differently."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from backstage.demo.people import Person
from contacts.editing import edit_contact
from contacts.models import Audience, Contact
from imports.models import ImportRun
from imports.running import run_slice
from imports.starting import begin_import, check_ready, keep_file
from imports.twins import forget
from imports.undoing.running import undo_import, undo_slice
from portal.own_facts import correct_facts
from workspaces.models import User

AT_THE_TILL, AT_THE_FAIR = "Till in Leipzig.csv", "Visitors of the tea fair.csv"
VISITORS = ("Ilse Brandt", "Jonas Thaler", "Mirjam Vogt", "Paul Ott", "Rosa Kern")
PROOF = "They filled in the card that lies beside the till."


def make_files(people: Sequence[Person], now: datetime, team: Sequence[User]) -> None:
    """A file from the till changes a name, a colleague and the person put it right; a file of a fair is undone."""
    known = [one.contact for one in people if Audience.CUSTOMER in one.roles and _has_plain_name(one.contact)][:3]
    if not known:
        return
    first = known[0]
    rows: list[tuple[str, ...]] = [("Email", "Name"), (first.email, f"{first.family_name} {first.given_name}")]
    _bring(AT_THE_TILL, rows, now - timedelta(days=12), team[0])
    name = first.name
    first.refresh_from_db()
    edit_contact(first, by=team[-1], name=f"Dr. {name}")
    correct_facts(first, {"name": name, "language": first.language})
    made = [(f"{one.lower().replace(' ', '.')}@fair.example", one, "Erfurt") for one in VISITORS]
    rows = [("Email", "Name", "City"), *made, *((one.email, one.name, "Erfurt") for one in known[1:])]
    run = undo_import(_bring(AT_THE_FAIR, rows, now - timedelta(days=3), team[0]), by=team[0])
    while undo_slice(run, seconds=60):
        pass


def _has_plain_name(contact: Contact) -> bool:
    return contact.language in {"en", "de"} and contact.name.split() == [contact.given_name, contact.family_name]


def _bring(name: str, rows: Sequence[Sequence[str]], moment: datetime, by: User) -> ImportRun:
    """The file, imported by the verbs as the page does."""
    text = "\n".join(",".join(cells) for cells in rows)
    path = keep_file([text.encode()], name)
    run = begin_import(path, name, by_id=by.pk)
    run.basis, run.proof, run.rules = "contract", PROOF, dict.fromkeys(run.mapping, "always")
    check_ready(run)
    run.state = ImportRun.State.WAITING
    run.save()
    while run_slice(run):
        pass
    forget(Path(path))
    ImportRun.objects.filter(pk=run.pk).update(created_at=moment, started_at=moment, finished_at=moment)
    run.refresh_from_db()
    return run
