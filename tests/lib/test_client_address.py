"""Who the client is: told by our own proxies, by nobody else."""

import pytest

from lib.web.client_address import find_client

PROXIES = ["10.0.0.0/8", "127.0.0.1", "fd00::/8"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # no proxy of ours: the header is the client's own invention
        ("10.1.2.3", "198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "1.2.3.4, 198.51.100.1", "198.51.100.1"),  # the client wrote 1.2.3.4 itself
        ("10.1.2.3", "1.2.3.4, 198.51.100.1, 10.9.9.9", "198.51.100.1"),  # two proxies of ours in a row
        ("10.1.2.3", "198.51.100.1:4711", "198.51.100.1"),
        ("10.1.2.3", "[2001:db8::7]:4711", "2001:db8::7"),
        ("10.1.2.3", "2001:db8::7", "2001:db8::7"),
        ("::ffff:10.1.2.3", "::ffff:198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "198.51.100.1, rubbish", "10.1.2.3"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("10.1.2.3", "10.4.4.4", "10.4.4.4"),
        ("", "198.51.100.1", "198.51.100.1"),  # a Unix socket
        ("fd00::1", "\0, ,198.51.100.1", "198.51.100.1"),
    ],
)
def test_the_client_is_the_first_from_the_right_that_is_no_proxy_of_ours(peer, forwarded, client):
    meta = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}

    find_client(meta, PROXIES)

    assert meta == {"REMOTE_ADDR": client}


def test_from_a_stranger_every_such_header_is_dropped_unread():
    meta = {
        "REMOTE_ADDR": "203.0.113.9",
        "HTTP_X_REAL_IP": "1.2.3.4",
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_HOST": "evil.example",
        "HTTP_CLIENT_IP": "1.2.3.4",
        "HTTP_ACCEPT": "text/html",
    }

    find_client(meta, PROXIES)

    assert meta == {"REMOTE_ADDR": "203.0.113.9", "HTTP_ACCEPT": "text/html"}


def test_without_proxies_nobody_is_believed():
    meta = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "1.2.3.4", "HTTP_X_FORWARDED_PROTO": "https"}

    find_client(meta, [])

    assert meta == {"REMOTE_ADDR": "127.0.0.1"}


def test_a_proxys_word_about_https_counts(client, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    told = {"headers": {"X-Forwarded-Proto": "https"}}

    from_proxy = client.get("/healthz", REMOTE_ADDR="10.0.0.1", **told).wsgi_request.is_secure()
    from_stranger = client.get("/healthz", REMOTE_ADDR="203.0.113.9", **told).wsgi_request.is_secure()

    assert (from_proxy, from_stranger) == (True, False)


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "localhost"])
def test_a_strange_host_is_refused(client, settings, host):
    settings.ALLOWED_HOSTS = ["crm.example"]
    assert client.get("/accounts/login/", headers={"Host": host}).status_code == 400
