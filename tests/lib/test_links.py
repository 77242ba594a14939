"""Addresses that leave the house: whoever sends writes them without having read those of the whole product."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import NoReverseMatch, get_resolver

from lib.links import public_path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"""public_(?:link|path)\(\s*["']([a-z_:]+)["']""")
SENDERS = ("consent", "campaigns", "delivery", "emails", "messengers", "portal")
HATCH = """
import sys, django; django.setup()
from lib.links import public_link
before = set(sys.modules)
public_link("portal:relationship", "kettle", "x"), public_link("email_picture", 1, "a.png")
print(sorted(name for name in set(sys.modules) - before if name.startswith(("ninja", "pydantic", "allauth.mfa", "workspaces.api"))))
public_link("accept_invitation", "x")
print("workspaces.api.urls" in sys.modules)
"""


def test_whatever_senders_link_to_stands_among_the_pages_that_emails_lead_to():
    known = get_resolver(settings.PUBLIC_URLCONF)
    names = {name for name in known.reverse_dict if isinstance(name, str)}
    names |= {f"{space}:{name}" for space, (_path, one) in known.namespace_dict.items() for name in one.reverse_dict}
    linked = {
        name for room in SENDERS for path in (ROOT / room).rglob("*.py") for name in NAMED.findall(path.read_text())
    }

    assert len(linked) > 15
    assert linked - names == set()


def test_to_write_them_no_process_reads_the_api_and_the_accounts():
    """30 MB and 0.4 s of each process; another page's address reads them all, once."""
    said = subprocess.run([sys.executable, "-c", HATCH], cwd=ROOT, capture_output=True, text=True, check=True)

    assert said.stdout.splitlines() == ["[]", "True"]


@pytest.mark.parametrize("name", ["portal:no_such_page", "no_such_page"])
def test_a_page_that_there_is_not_is_an_error(name):
    with pytest.raises(NoReverseMatch):
        public_path(name)
