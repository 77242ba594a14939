"""What the public address alone decides: cookies, hosts and https, as a server of that address reads its settings."""

import json
import os
import subprocess
import sys

import pytest

from tests.test_house import ROOT

ASKED = (
    "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY",
    "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "SECURE_HSTS_SECONDS", "TRUSTED_PROXIES", "SECURE_PROXY_SSL_HEADER",
)  # fmt: skip


def settings_of(**environment: str) -> dict:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "DATABASE_URL", "REDIS_URL") if name in os.environ}
    code = f"import json, ecrm.settings as s; print(json.dumps({{n: getattr(s, n, None) for n in {ASKED!r}}}))"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=kept | environment, capture_output=True, text=True, check=True
    )
    return json.loads(said.stdout)


def test_an_https_address_gives_cookies_that_only_this_host_may_set(tmp_path):
    found = settings_of(ECRM_URL="https://crm.example", ECRM_VAR=str(tmp_path))

    assert (found["SESSION_COOKIE_NAME"], found["CSRF_COOKIE_NAME"]) == ("__Host-sessionid", "__Host-csrftoken")
    assert [found[name] for name in ASKED[2:5]] == [True, True, True]
    assert (found["ALLOWED_HOSTS"], found["CSRF_TRUSTED_ORIGINS"]) == (["crm.example"], ["https://crm.example"])
    assert found["SECURE_HSTS_SECONDS"] == 31_536_000
    assert (found["TRUSTED_PROXIES"], found["SECURE_PROXY_SSL_HEADER"]) == ([], None)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_loopback_address_answers_to_loopbacks_names_and_to_no_other(tmp_path, host):
    found = settings_of(ECRM_URL=f"http://{host}:8000", ECRM_VAR=str(tmp_path))

    assert found["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]
    assert found["SESSION_COOKIE_SECURE"] is False


def test_named_proxies_are_believed_and_no_others(tmp_path):
    named = settings_of(ECRM_URL="https://crm.example", ECRM_VAR=str(tmp_path), TRUSTED_PROXIES="203.0.113.7")
    near = settings_of(ECRM_URL="https://crm.example", ECRM_VAR=str(tmp_path), ECRM_BEHIND_PROXY="1")

    assert (named["TRUSTED_PROXIES"], named["SECURE_PROXY_SSL_HEADER"]) == (
        ["203.0.113.7"], ["HTTP_X_FORWARDED_PROTO", "https"],
    )  # fmt: skip
    assert "10.0.0.0/8" in near["TRUSTED_PROXIES"]
