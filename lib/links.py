"""Addresses that leave the house: in mails, headers and webhooks, always absolute."""

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, reverse, set_script_prefix


def public_path(name: str, *args: object) -> str:
    """The path of a page outside every workspace (`/p/…`, `/o/…`, `/accounts/…`).

    It is looked for first among those that emails lead to, for to read all addresses costs each process 30 MB.
    """
    try:
        return _reverse("/", settings.PUBLIC_URLCONF, name, args)
    except NoReverseMatch:
        return _reverse("/", settings.ROOT_URLCONF, name, args)


def public_link(name: str, *args: object) -> str:
    """The absolute address of a page outside every workspace."""
    return f"{settings.ECRM_URL}{public_path(name, *args)}"


def workspace_link(slug: str, name: str, *args: object) -> str:
    """The absolute address of a page inside the workspace `slug`."""
    return f"{settings.ECRM_URL}" + _reverse(f"/w/{slug}/", settings.WORKSPACE_URLCONF, name, args)


def _reverse(prefix: str, urlconf: str, name: str, args: tuple[object, ...]) -> str:
    before = get_script_prefix()
    set_script_prefix(prefix)
    try:
        return reverse(name, urlconf=urlconf, args=args)
    finally:
        set_script_prefix(before)
