"""What a file says of measuring: for those who have said nothing, and never for who opted out in the same line."""

import pytest
from django.core.management import call_command

from consent.models import TrackingConsent
from consent.tracking import say_tracking, tracking_modes
from contacts.models import Contact
from imports.models import ImportedRow, ImportRun
from tests.factories.contacts import make_contact
from workspaces.current import working_in
from workspaces.models import Workspace

PROOF = "Ticked “you may see whether I open it” at the till."
FILE = """email,status
ann@tea.example,subscribed
ben@tea.example,unsubscribed
cyd@tea.example,subscribed
dag@tea.example,subscribed
"""


@pytest.fixture
def take(kettle, settings, tmp_path, capsys):
    """`take("full")`: the file, with what everybody in it is said to have said about measuring."""
    settings.MEDIA_ROOT = tmp_path / "media"
    Workspace.objects.filter(pk=kettle.pk).update(mail_tracking=1)
    kettle.refresh_from_db()
    (tmp_path / "people.csv").write_text(FILE)

    def go(tracking: str = "") -> dict[str, int]:
        more = ["--tracking", tracking] if tracking else []
        basis = ["--basis", "consent", "--proof", PROOF, "--topic", "letter"]
        call_command(
            "import_contacts",
            str(tmp_path / "people.csv"),
            "--workspace",
            "kettle",
            "--map",
            "status=status",
            *basis,
            *more,
        )
        capsys.readouterr()
        with working_in(kettle):
            people = dict(Contact.objects.values_list("pk", "email"))
            return {people[pk].partition("@")[0]: int(mode) for pk, mode in tracking_modes(people).items()}

    return go


def test_a_yes_of_the_file_is_for_who_said_nothing_and_not_for_who_opted_out(take, kettle):
    with working_in(kettle):
        say_tracking(make_contact("Cyd", "cyd@tea.example"), 0)
        make_contact("Dag", "dag@tea.example")

    found = take("full")

    assert found == {"ann": 2, "ben": 1, "cyd": 0, "dag": 2}  # Cyd said no; Ben's line is an opt-out: the usual way
    with working_in(kettle):
        said = TrackingConsent.objects.filter(mode=2).select_related("wording")
        assert {(row.wording.text, row.source) for row in said} == {(PROOF, ImportRun.objects.get().source)}
        changed = ImportedRow.objects.get(run=ImportRun.objects.latest("pk"), line=5)
        assert "measuring: opens and clicks" in changed.reason
    assert take("full") == found
    with working_in(kettle):
        again = ImportRun.objects.latest("pk")
        assert set(TrackingConsent.objects.filter(source=again.source).values_list("contact__email", "mode")) == {
            ("ann@tea.example", 2),
            ("dag@tea.example", 2),
        }  # the second file says so too, should the first be undone; Cyd spoke for herself
        outcomes = set(ImportedRow.objects.filter(run=again).values_list("outcome", flat=True))
        assert outcomes == {"same", "suppressed"}


def test_a_no_of_the_file_is_for_everybody_in_it(take):
    assert set(take("none").values()) == {0}


def test_a_file_that_says_nothing_of_it_writes_nothing_down(take, kettle):
    assert set(take().values()) == {1}
    with working_in(kettle):
        assert not TrackingConsent.objects.exists()
