"""The machine and its settings: disk, secret key, address, mail server, static files."""

import ipaddress
import shutil
import smtplib
import stat
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.core.mail import mailers

from backstage.operating.findings import Finding, bad, good, warn
from lib.web.static_files import are_collected

GIGABYTE = 1_000_000_000
SHORTEST_KEY = 40


def disk() -> Finding:
    """There is room for uploads, mails and logs."""
    usage = shutil.disk_usage(settings.VAR_DIR if settings.VAR_DIR.exists() else settings.BASE_DIR)
    says = f"{usage.free / GIGABYTE:.1f} GB of {usage.total / GIGABYTE:.0f} GB free"
    remedy = "Make room or move ECRM_VAR: PostgreSQL stops when its disk is full."
    if usage.free < GIGABYTE:
        return bad("disk", says, remedy)
    return warn("disk", says, remedy) if usage.free < usage.total / 20 else good("disk", says)


def secret_key() -> Finding:
    """SECRET_KEY is long, and its file is ours alone."""
    remedy = "python -c 'import secrets; print(secrets.token_urlsafe(50))', kept as SECRET_KEY (docs/settings.md)."
    if len(settings.SECRET_KEY) < SHORTEST_KEY or len(set(settings.SECRET_KEY)) < 10:
        return bad("secret key", "too short or too plain: sessions and links could be forged", remedy)
    file = settings.VAR_DIR / "secret_key"
    if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
        return bad("secret key", f"{file} is readable by others", f"chmod 600 {file}")
    return good("secret key", "long and private")


def debug() -> Finding:
    """Debug pages are off."""
    if settings.DEBUG:
        return warn("debug", "on: error pages show settings and rows", "Unset ECRM_DEBUG on a server.")
    return good("debug", "off")


def static_files() -> Finding:
    """Static files are collected as they are now, so that browsers keep them."""
    if settings.DEBUG or are_collected(Path(settings.STATIC_ROOT)):
        return good("static files", "collected")
    says = f"{settings.STATIC_ROOT} has not those of this version: pages may look old, browsers ask again and again"
    return warn("static files", says, "Run manage.py collectstatic --noinput, then restart the web server.")


def address() -> Finding:
    """ECRM_URL is where people and mail programs reach us."""
    url = urlsplit(settings.ECRM_URL)
    host = url.hostname or ""
    if not host or url.scheme not in {"http", "https"}:
        return bad(
            "address",
            f"ECRM_URL is {settings.ECRM_URL!r}",
            "Set it to the public address: https://crm.example.com",
        )
    if url.scheme == "http" and not _is_loopback(host):
        remedy = "Put a proxy with TLS before the web server and begin ECRM_URL with https://."
        return warn("address", f"{settings.ECRM_URL} is not encrypted", remedy)
    try:
        answer = httpx.get(f"{settings.ECRM_URL}/readyz", timeout=3, trust_env=not _is_loopback(host))
    except httpx.HTTPError as error:
        remedy = "Is the web server running, and does the name lead to it? Links in mails begin with ECRM_URL."
        return warn("address", f"{settings.ECRM_URL} does not answer ({type(error).__name__})", remedy)
    if answer.status_code != httpx.codes.OK:
        return warn(
            "address",
            f"{settings.ECRM_URL}/readyz answers {answer.status_code}",
            "Look at the web server's log.",
        )
    return good("address", f"{settings.ECRM_URL} answers")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def mail_server() -> Finding:
    """The mail server for our own mails answers, and takes our login."""
    if not settings.MAILER_URL:
        remedy = "Set MAILER_URL, else invitations and password resets reach nobody."
        return warn("mail server", f"none: mails are written to {settings.VAR_DIR / 'mail'}", remedy)
    try:
        connection = mailers.default
        connection.open()
        connection.close()
    except (OSError, smtplib.SMTPException) as error:
        return bad("mail server", f"{urlsplit(settings.MAILER_URL).hostname}: {error}", "Correct MAILER_URL.")
    return good("mail server", f"{urlsplit(settings.MAILER_URL).hostname} answers")
