"""What load balancers and Prometheus get, with PostgreSQL up and away."""

import pytest
import redis

from backstage import health
from lib.valkey import valkey


@pytest.fixture
def database_away(monkeypatch):
    """PostgreSQL's address leads nowhere for new connections."""
    monkeypatch.setattr(health, "database_is_down", lambda: True)


def test_ready_when_the_database_is(client, db):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "reasons": []})


def test_without_valkey_we_are_slower_not_down(client, db, settings):
    valkey.cache_clear()
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    try:
        answer = client.get("/readyz")
        numbers = client.get("/metrics").text
    finally:
        valkey.cache_clear()

    assert (answer.status_code, answer.json()["reasons"]) == (200, ["Valkey does not answer"])
    assert "ecrm_valkey_up 0.0" in numbers
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url("redis://127.0.0.1:9/0").ping()


def test_not_ready_without_the_database(client, database_away):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["reasons"][0]) == (503, "PostgreSQL does not answer")
    assert client.get("/healthz").status_code == 200


def test_an_error_while_the_database_is_away_is_a_page_that_tries_again(rf, database_away):
    asked = []

    def broken(request):
        asked.append(request.path)
        return health.HttpResponse(status=500)

    page = health.database_down_page(broken)
    answers = [page(rf.get("/w/kettle/")) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert answers[0]["Retry-After"] == "5"
    assert asked == ["/w/kettle/"]


def test_it_recovers_by_itself(rf, monkeypatch):
    away = [True]
    monkeypatch.setattr(health, "database_is_down", lambda: away[0])
    page = health.database_down_page(lambda request: health.HttpResponse(status=500 if away[0] else 200))
    clock = [100.0]
    monkeypatch.setattr(health.time, "monotonic", lambda: clock[0])

    during = page(rf.get("/")).status_code
    away[0] = False
    clock[0] += 1.5

    assert (during, page(rf.get("/")).status_code) == (503, 200)


def test_an_error_of_ours_stays_an_error(rf, db):
    page = health.database_down_page(lambda request: health.HttpResponse(status=500))

    assert page(rf.get("/")).status_code == 500


def test_machines_hear_of_an_outage_in_json(rf, database_away):
    page = health.database_down_page(lambda request: health.HttpResponse(status=500))

    answer = page(rf.post("/v1/batch"))

    assert (answer.status_code, answer["Content-Type"]) == (503, "application/json")


def test_numbers_are_for_loopback_or_the_token(client, settings):
    strangers = client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code
    here = client.get("/metrics")
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    proxied = client.get("/metrics").status_code
    settings.METRICS_TOKEN = "a long token"
    without = client.get("/metrics").status_code
    given = client.get("/metrics", headers={"Authorization": "Bearer a long token"}, REMOTE_ADDR="192.0.2.7")

    assert (strangers, proxied, here.status_code, without, given.status_code) == (403, 403, 200, 403, 200)
    assert 'ecrm_request_seconds_count{method="GET",status="403"}' in here.text
