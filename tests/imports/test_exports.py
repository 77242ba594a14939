"""What other programs export, quirks included, through the command."""

import pytest
from django.core.management import CommandError, call_command

from consent.consenting import withdraw_consent
from consent.models import Consent, Suppression, Topic
from consent.suppressing import is_suppressed
from contacts.models import AudienceRole, Contact, FieldValue, Identity, SearchTerm, Tag
from imports.models import ImportedRow, ImportRun
from tests.inputs import INPUTS
from workspaces.current import working_in

EXPORTS = INPUTS / "exports"
PROOF = "They ticked the box at the till of our shop."


def export(name):
    path = EXPORTS / name
    if not path.exists():
        pytest.skip(f"the export {name} is absent")
    return path


@pytest.fixture
def take_in(kettle, settings, tmp_path, capsys):
    settings.MEDIA_ROOT = tmp_path

    def take(path, *more):
        call_command(
            "import_contacts", str(path), "--workspace", "kettle", "--basis", "consent", "--proof", PROOF, *more
        )
        return capsys.readouterr().out

    return take


def counts():
    return ImportRun.objects.latest("pk").counts


def reasons(outcome):
    return dict(
        ImportedRow.objects.filter(run=ImportRun.objects.latest("pk"), outcome=outcome).values_list("line", "reason")
    )


def everything():
    """Every row the import may write, to see that a second run writes none."""
    tables = (Contact, Identity, FieldValue, Tag, AudienceRole, Consent, Suppression, SearchTerm)
    rows: dict[str, list] = {table.__name__: list(table.objects.order_by("pk").values()) for table in tables}
    for row in rows["Suppression"]:
        del row["asked_by"]  # that a second file asked too
    told = {(row["contact_id"], row["topic_id"], row["channel"], row["state"]) for row in rows["Consent"]}
    rows["Consent"] = list(told)  # a second file's no is written down, so that the undo of one leaves the other's
    return {name: sorted(map(str, some)) for name, some in rows.items()}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mailchimp_subscribed_members_export_a1b2.csv", {"created": 9}),
        ("mailchimp_unsubscribed_members_export_a1b2.csv", {"suppressed": 3}),
        ("mailchimp_cleaned_members_export_a1b2.csv", {"suppressed": 1, "invalid": 1}),
        ("hubspot-crm-exports-all-contacts.csv", {"created": 15, "duplicate": 1}),
        ("mautic_contacts.csv", {"created": 15, "duplicate": 1}),
        ("listmonk_subscribers.csv", {"created": 14, "duplicate": 1, "invalid": 1}),
        ("excel_german_cp1252.csv", {"created": 15, "duplicate": 1}),
    ],
)
def test_each_export_comes_in_and_a_second_time_changes_nothing(kettle, take_in, name, expected):
    path = export(name)

    take_in(path, "--topic", "letter")
    with working_in(kettle):
        first = counts()
        before = everything()
    take_in(path, "--topic", "letter")

    with working_in(kettle):
        assert first == expected
        assert everything() == before
        assert "created" not in counts()
        assert "updated" not in counts()


def test_mailchimp_brings_proof_of_each_opt_in(kettle, take_in):
    take_in(export("mailchimp_subscribed_members_export_a1b2.csv"), "--topic", "letter", "--role", "customer")

    with working_in(kettle):
        asa = Contact.objects.get(email="asa.lindqvist@example.se")
        yes = Consent.objects.get(contact=asa)
        assert (asa.name, asa.country, asa.zone) == ("Åsa Lindqvist", "SE", "Europe/Berlin")
        assert (yes.topic.key, yes.basis, yes.wording.text, yes.ip) == ("letter", "consent", PROOF, "203.0.113.0")
        assert yes.source == ImportRun.objects.get().source
        assert yes.at.isoformat() == "2023-01-10T08:20:00+00:00"
        assert set(Tag.objects.filter(contact=asa).values_list("name", flat=True)) == {"vip", "spring 24"}
        assert AudienceRole.objects.filter(contact=asa).get().role == 1
        notes = FieldValue.objects.get(contact__email="chidi@okafor.example", name="NOTES").text
        assert notes == 'met at fair,\nwants "the catalogue"'


def test_mailchimps_other_files_fill_the_do_not_contact_list_only(kettle, take_in):
    take_in(export("mailchimp_unsubscribed_members_export_a1b2.csv"))
    take_in(export("mailchimp_cleaned_members_export_a1b2.csv"))

    with working_in(kettle):
        assert Contact.objects.count() == 0
        assert sorted(Suppression.objects.values_list("reason", flat=True)) == [
            "bounce",
            "objection",
            "objection",
            "objection",
        ]
        assert is_suppressed("ben@devries.example")


def test_the_order_of_mailchimps_files_does_not_matter(kettle, take_in):
    take_in(export("mailchimp_unsubscribed_members_export_a1b2.csv"))

    take_in(export("excel_german_cp1252.csv"), "--topic", "letter")

    with working_in(kettle):
        ben = Contact.objects.get(email="ben@devries.example")
        assert not Consent.objects.filter(contact=ben).exists()
        assert "no consent taken over" in " ".join(reasons("suppressed").values())


def test_hubspots_broken_ids_and_phones_are_reported_not_guessed(kettle, take_in):
    take_in(export("hubspot-crm-exports-all-contacts.csv"), "--topic", "letter")

    with working_in(kettle):
        assert not Identity.objects.filter(value__contains="E+10").exists()
        juergen = Contact.objects.get(email="juergen.gross@example.de")
        assert "Record ID: “5.10000E+10” is left out: a spreadsheet has broken this number" in reasons("created")[3]
        assert Consent.objects.get(contact=juergen).state == Consent.State.WITHDRAWN
        assert is_suppressed("juergen.gross@example.de")
        assert set(Tag.objects.filter(contact=juergen).values_list("name", flat=True)) == {"Running", "Tea & Coffee"}
        assert FieldValue.objects.get(contact=juergen, name="NPS score").number == 9
        assert Identity.objects.get(value="hubspot:51000000274").contact.email == "mj.nunez@ejemplo.example"


def test_mautics_do_not_contact_names_the_channel(kettle, take_in):
    take_in(export("mautic_contacts.csv"), "--topic", "letter")

    with working_in(kettle):
        yes, off = (
            Contact.objects.get(email="asa.lindqvist@example.se"),
            Contact.objects.get(email="mj.nunez@ejemplo.example"),
        )
        assert [(row.state, row.channel) for row in yes.consents.all()] == [(1, 1)]
        assert sorted((row.state, row.channel, row.topic_id) for row in off.consents.all()) == [
            (2, 1, None),
            (2, 4, None),
        ]
        assert set(Tag.objects.filter(contact=yes).values_list("name", flat=True)) == {"vip", "fair"}


def test_listmonks_json_becomes_fields(kettle, take_in):
    take_in(export("listmonk_subscribers.csv"))

    with working_in(kettle):
        asa = Contact.objects.get(email="asa.lindqvist@example.se")
        assert (asa.city, FieldValue.objects.get(contact=asa, name="tier").number) == ("Bonn", 0)
        assert set(Tag.objects.filter(contact=asa).values_list("name", flat=True)) == {"a", "b"}


def test_german_excel_is_read_as_meant(kettle, take_in):
    take_in(export("excel_german_cp1252.csv"))

    with working_in(kettle):
        juergen = Contact.objects.get(email="juergen.gross@example.de")
        custom = {row.name: row for row in FieldValue.objects.filter(contact=juergen)}
        assert juergen.name == "Jürgen Groß"
        assert custom["Umsatz (€)"].number == 1037.5
        assert custom["Kunde seit"].moment.isoformat() == "2011-02-01T23:00:00+00:00"
        assert "digits are lost" in " ".join(reasons("created").values())
        assert Contact.objects.get(email="mallory@example.com").name == '=HYPERLINK("http://x") Mallory'


def test_a_family_phone_merges_nobody(kettle, take_in):
    take_in(export("hubspot-crm-exports-all-contacts.csv"))

    with working_in(kettle):
        owner = Identity.objects.get(value="+4930901820").contact
        assert {"juergen.gross@example.de", "lena.gross@example.de"} <= set(
            Contact.objects.values_list("email", flat=True)
        )
        assert owner.email == "juergen.gross@example.de"
        assert any("belongs to contact" in reason for reason in reasons("created").values())


def test_an_import_cannot_bring_an_opt_out_back(kettle, take_in):
    with working_in(kettle):
        letter = Topic.objects.get(key="letter")
    take_in(export("mautic_contacts.csv"))
    with working_in(kettle):
        asa = Contact.objects.get(email="asa.lindqvist@example.se")
        withdraw_consent(asa, topic=letter, page="https://kettle.example/")

    take_in(export("mailchimp_subscribed_members_export_a1b2.csv"), "--topic", "letter")

    with working_in(kettle):
        assert [row.state for row in Consent.objects.filter(contact=asa)] == [Consent.State.WITHDRAWN]


def test_several_programs_know_one_person(kettle, take_in):
    for name in ("mautic_contacts.csv", "hubspot-crm-exports-all-contacts.csv", "listmonk_subscribers.csv"):
        take_in(export(name))

    with working_in(kettle):
        asa = Contact.objects.get(email="asa.lindqvist@example.se")
        ids = set(Identity.objects.filter(contact=asa, kind=1).values_list("value", flat=True))
        assert {"mautic:1", "hubspot:51000000000"} < ids
        assert Contact.objects.count() == 15
        assert Identity.objects.get(value="+14155550132").contact.email == ""  # tom.nakamura@example is no address


def test_a_dry_run_says_the_same_and_changes_nothing(kettle, take_in):
    out = take_in(export("mautic_contacts.csv"), "--dry-run")

    with working_in(kettle):
        assert Contact.objects.count() == ImportRun.objects.count() == 0
    assert "15  would be new" in out


def test_nothing_is_taken_in_without_a_lawful_basis(kettle, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with pytest.raises(CommandError, match="lawful basis"):
        call_command("import_contacts", str(export("mautic_contacts.csv")), "--workspace", "kettle")
    with pytest.raises(CommandError, match="sentence"):
        call_command(
            "import_contacts", str(export("mautic_contacts.csv")), "--workspace", "kettle", "--basis", "consent"
        )
    with working_in(kettle):
        assert Contact.objects.count() == 0
