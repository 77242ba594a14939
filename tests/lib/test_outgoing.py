"""One policy for every line that goes out: which addresses, which ports, and nobody who opens one beside it."""

import ast
import socket
import threading

import pytest

from lib.connections.outgoing import (
    MAIL_PORTS,
    WEB_PORTS,
    NotReachedError,
    UnsafeAddressError,
    check_address,
    find_addresses,
    open_line,
    own_ports,
    parse_allowed,
)
from tests.test_house import OURS, ROOT

REFUSED = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.255.255.254 169.254.169.254
172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.9 192.0.0.10 192.0.0.170 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1
192.168.0.1 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1
255.255.255.255
:: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:192.88.99.1 ::ffff:0:7f00:1 64:ff9b::7f00:1 64:ff9b::a00:1
64:ff9b:1::a00:1 100::1 100:0:0:1::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:1::1 2001:2::1 2001:3::1
2001:10::1 2001:20::1 2001:30::1 2001:db8::1 2002:7f00:1:: 2002:a00:1:: 2002:5db8:d70e:: 2620:4f:8000::1 3fff::2
3fff::1 5f00::1 4000::1 8000::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1 feff::1 ff02::1 ff0e::1
"""
PUBLIC = [
    "93.184.215.14",
    "1.1.1.1",
    "192.0.1.1",
    "198.17.255.255",
    "198.20.0.1",
    "2606:4700:4700::1111",
    "::ffff:1.1.1.1",
]


@pytest.fixture(autouse=True)
def nothing_allowed(settings):
    settings.ECRM_FETCH_LOOPBACK, settings.ECRM_OUTGOING_ALLOWED = False, ()


@pytest.mark.parametrize("address", REFUSED.split())
def test_no_special_address_is_reached(address):
    with pytest.raises(UnsafeAddressError, match="not a public address"):
        check_address(address, 443)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_reached_at_their_ports_only(address):
    check_address(address, 443, WEB_PORTS)
    check_address(address, 587, MAIL_PORTS)
    for port, ports in ((587, WEB_PORTS), (443, MAIL_PORTS), (6379, WEB_PORTS), (22, MAIL_PORTS)):
        with pytest.raises(UnsafeAddressError, match=f"port {port} is not one of"):
            check_address(address, port, ports)


@pytest.mark.parametrize(
    "name", ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "localhost", "[::1]", "::1"]
)
def test_no_spelling_of_this_machine_is_reached(name):
    with pytest.raises((UnsafeAddressError, NotReachedError)):
        open_line(name, 25, ports=MAIL_PORTS)


def test_every_address_of_a_name_is_judged():
    with pytest.raises(UnsafeAddressError, match=r"10\.0\.0\.1"):
        find_addresses("mail.example", 25, ports=MAIL_PORTS, resolver=lambda _host, _port: ["1.1.1.1", "10.0.0.1"])


def test_what_a_resolver_makes_up_is_refused():
    with pytest.raises(UnsafeAddressError, match="no address"):
        find_addresses("mail.example", 25, ports=MAIL_PORTS, resolver=lambda _host, _port: ["nonsense"])


def test_a_name_that_answers_otherwise_later_gains_nothing(settings):
    settings.ECRM_OUTGOING_ALLOWED = parse_allowed(["127.0.0.1"])
    with socket.create_server(("127.0.0.1", 0)) as server:
        port, answers = server.getsockname()[1], [["127.0.0.1"], ["127.0.0.2"]]

        line = open_line("mail.example", port, ports=MAIL_PORTS, resolver=lambda _host, _port: answers.pop(0))

        assert line.getpeername() == ("127.0.0.1", port)
        line.close()
    assert answers == [["127.0.0.2"]]


def test_a_resolver_that_hangs_costs_the_limit_and_no_more():
    never = threading.Event()
    try:
        with pytest.raises(NotReachedError, match="not known"):
            open_line("slow.example", 25, ports=MAIL_PORTS, seconds=0.05, resolver=lambda _h, _p: [str(never.wait(60))])
    finally:
        never.set()


@pytest.mark.parametrize(
    ("entry", "address", "port", "is_fine"),
    [
        ("10.0.0.25:25", "10.0.0.25", 25, True),
        ("10.0.0.25:25", "10.0.0.25", 26, False),
        ("10.0.0.25:25", "10.0.0.26", 25, False),
        ("10.1.0.0/16", "10.1.2.3", 1025, True),
        ("10.1.0.0/16", "::ffff:10.1.2.3", 1025, True),
        ("10.1.0.0/16", "10.2.2.3", 1025, False),
        ("[fd00::/8]:587", "fd00::25", 587, True),
        ("[fd00::/8]:587", "fd00::25", 25, False),
        ("fd00::25", "fd00::25", 25, True),
        ("127.0.0.1", "127.0.0.1", 1025, True),
        ("127.0.0.1", "127.0.0.1", 6379, False),
        ("127.0.0.1:5432", "127.0.0.1", 5432, False),
        ("0.0.0.0/0", "169.254.169.254", 6380, False),
    ],
)
def test_a_setting_allows_private_relays_but_never_our_own_servers(settings, entry, address, port, is_fine):
    settings.ECRM_OUTGOING_ALLOWED = parse_allowed([entry])
    settings.ECRM_OWN_PORTS = own_ports("postgres://x@db/ecrm", "redis://127.0.0.1:6380/0")

    if is_fine:
        check_address(address, port, MAIL_PORTS)
    else:
        with pytest.raises(UnsafeAddressError):
            check_address(address, port, MAIL_PORTS)


def test_loopback_where_it_is_allowed_hides_our_own_servers_too(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    settings.ECRM_OWN_PORTS = own_ports("redis://:secret@127.0.0.1:37451/0")

    check_address("127.0.0.1", 1025, MAIL_PORTS)
    check_address("::1", 8000, WEB_PORTS)
    for port in (37451, 6379, 5432):
        with pytest.raises(UnsafeAddressError):
            check_address("127.0.0.1", port, MAIL_PORTS)


@pytest.mark.parametrize("entry", ["relay.example", "10.0.0.1/8", "10.0.0.1:smtp", "[fd00::1", "10.0.0.1:25:26"])
def test_a_setting_that_cannot_be_read_is_said(entry):
    with pytest.raises(ValueError, match="is no address"):
        parse_allowed([entry])


def test_our_own_ports_are_those_of_the_settings(settings):
    import os
    from urllib.parse import urlsplit

    mine = {urlsplit(os.environ[name]).port for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
    assert mine - {None} <= settings.ECRM_OWN_PORTS


# Whoever opens a line beside lib.connections.outgoing, and why it may.
OPENERS = {
    "lib/connections/outgoing.py": "the door",
    "lib/connections/safe_fetch.py": "speaks HTTP over its lines",
    "lib/connections/lines.py": "what HTTP is spoken over",
    "lib/connections/kept_lines.py": "speaks HTTP over its lines, which it keeps",
    "delivery/messengers/smtp_line.py": "speaks SMTP over its lines",
    "lib/connections/imap.py": "speaks IMAP over its lines",
    "lib/connections/imap_idle.py": "waits on its lines for what a mailbox says",
    "lib/connections/held_lines.py": "waits on its lines for signs of news",
    "deliverability/name_servers.py": "asks the name servers that the operator's machine or settings name",
    "touchpoints/stream.py": "only asks for this machine's name",
    "backstage/dev/product.py": "asks the page it has just started",
    "backstage/demo/text_gateway.py": "calls this machine alone: the demo's texts are delivered and answered",
    "backstage/dev/valkey.py": "asks the Valkey it has just started",
    "backstage/dev/ports.py": "looks for a free port",
    "backstage/operating/inspections/machine.py": "asks what the operator's own settings name",
}
LINES = {
    "socket", "ssl", "smtplib", "imaplib", "poplib", "ftplib", "nntplib", "telnetlib", "http.client", "urllib.request",
    "urllib3", "httpx", "httpcore", "requests", "aiohttp", "aiosmtplib", "imap_tools", "websockets", "paramiko",
    "socketserver", "xmlrpc.client", "dns",
}  # fmt: skip


def lines_opened(tree: ast.AST) -> set[str]:
    """What this module imports, or calls, that could open a line."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Attribute) and node.attr in {"open_connection", "create_connection"}:
            found.add("socket")
    return {one for one in found if any(one == name or one.startswith(f"{name}.") for name in LINES)}


def test_nobody_else_opens_a_line():
    opening = {str(path.relative_to(ROOT)) for path in OURS if lines_opened(ast.parse(path.read_text()))}

    assert opening <= OPENERS.keys()
    assert {"lib/connections/outgoing.py", "lib/connections/safe_fetch.py"} <= opening


@pytest.mark.parametrize(
    "text",
    ["import socket", "import http.client", "from urllib import request", "from socket import create_connection",
     "import asyncio\nasyncio.open_connection('x', 1)", "def f():\n    import smtplib"],
)  # fmt: skip
def test_the_ban_sees_every_way_to_import(text):
    assert lines_opened(ast.parse(text)) != set()
