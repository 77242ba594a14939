"""What the product writes by itself says so, whoever sends it: an away note that answered it would find nobody."""

import re

import pytest

from lib.own_mail import send_mail
from tests.test_house import OURS, ROOT

# The second adds the line to what allauth writes, the third asks whether the server answers.
MAY = {"lib/own_mail.py", "workspaces/accounts.py", "backstage/operating/inspections/machine.py"}


def test_it_is_written_by_a_machine_and_takes_its_file_along(mailoutbox):
    send_mail("Your consents", "Keep this.", "ann@x.example", files=[("c.json", "{}", "application/json")])

    sent = mailoutbox[0].message()
    assert (sent["Auto-Submitted"], sent["To"], mailoutbox[0].body) == (
        "auto-generated",
        "ann@x.example",
        "Keep this.",
    )
    assert mailoutbox[0].attachments == [("c.json", "{}", "application/json")]


@pytest.mark.django_db
def test_who_asks_for_a_new_password_gets_such_an_email(client, ada, mailoutbox):
    client.post("/accounts/password/reset/", {"email": ada.email})

    assert [(one.to, one.message()["Auto-Submitted"]) for one in mailoutbox] == [([ada.email], "auto-generated")]


def test_nobody_writes_beside_it():
    reads = {str(path.relative_to(ROOT)) for path in OURS if "from django.core.mail import" in path.read_text()}
    by_package = [path for path in OURS if re.search(r"from django\.core import .*\bmail\b", path.read_text())]

    assert (reads, by_package) == (MAY, [])
