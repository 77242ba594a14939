"""Which columns may say who must not be emailed, and what their cells say, in other tongues and other spellings."""

import pytest

from imports.judging import Word, judge, looks_like_status
from imports.starting import NotReadyError


@pytest.mark.parametrize(
    "name",
    [
        "E-Mail-Adresse gesperrt", "Email address status", "Address blocked", "Mailsperre", "Kontaktsperre",
        "Sperrvermerk", "Einverständnis", "Verteiler", "Robinsonliste", "Unzustellbar", "Undeliverable", "Ausgetragen",
        "Keine E-Mails", "No email", "Allow email", "Email OK", "Can be emailed", "Darf mailen", "Deaktiviert", "Abo",
        "DOI", "Aktiv", "Désinscrit", "Désabonné", "Baja", "Disiscritto", "Uitgeschreven", "Afgemeld", "Avregistrerad",
        "Afmeldt", "Wypisany", "Odhlášen", "Leiratkozott", "Отписан", "配信停止", "Unsubscribed (postal address)",
    ],
)  # fmt: skip
def test_a_status_is_known_by_its_name_in_other_tongues_and_beside_an_address(name):
    assert looks_like_status(name, ["x"])


@pytest.mark.parametrize(
    "name",
    ["Mailing City", "Mailing Address", "Mailing Zip/Postal Code", "Marketing country", "Subscriber address", "About"],
)
def test_places_and_plain_columns_are_no_status(name):
    assert not looks_like_status(name, ["Bern", "yes", ""])


@pytest.mark.parametrize("text", ["a@example.org,{},A\nb@example.org,nein,B\n", "Email,,Name\na@example.org,{},A\n"])
def test_a_column_without_a_name_that_holds_yes_and_no_is_asked_for(bring, text):
    with pytest.raises(NotReadyError, match="may say who must not be emailed"):
        bring(text.format("ja"))
    assert bring(text.format("tea")).run.mapping["Column 2"] == "field"


@pytest.mark.parametrize("target", ["opt_out", "bounced", "suppressed"])
@pytest.mark.parametrize("text", ["0000-00-00 00:00:00", "0000-00-00", "0/0/00", "00.00.0000"])
def test_the_day_that_never_was_says_nothing(target, text):
    assert judge(target, text, {}) is None
    assert judge("status", text, {}) is Word.UNCLEAR
