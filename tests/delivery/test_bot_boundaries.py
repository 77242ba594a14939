"""People told from machines: each rule at its edge, and which rule comes first."""

from datetime import UTC, datetime, timedelta

import pytest

from delivery.tracking.bot_detection import HUMAN, MACHINE, UNSURE, Sign, detect_bots

SENT = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
PERSON = (HUMAN, "")


def sign(seconds=600.0, link=None, *, agent=FIREFOX, head=False, message=1, contact=1):
    return Sign(message, contact, SENT + timedelta(seconds=seconds), agent, head, link)


def judge(*signs, links=5):
    return detect_bots(signs, dict.fromkeys([(1, 1), (1, 2), (2, 1)], SENT), {1: links})


def test_certainties_are_the_ledgers():
    assert (HUMAN, UNSURE, MACHINE) == (0, 1, 2)


@pytest.mark.parametrize(
    ("seconds", "said"), [(-5, "too_fast"), (0, "too_fast"), (1.999, "too_fast"), (2, ""), (3, "")]
)
def test_nobody_reads_in_less_than_two_seconds(seconds, said):
    assert judge(sign(seconds)) == [(MACHINE, said) if said else PERSON]


def test_without_a_moment_of_sending_nothing_is_too_fast():
    assert detect_bots([sign(0), sign(0, contact=9)], {(1, 1): None}, {}) == [PERSON, PERSON]


@pytest.mark.parametrize(("apart", "said"), [(-60.001, ""), (-60, "trap"), (0.5, "trap"), (60, "trap"), (60.001, "")])
def test_the_trap_tells_of_a_minute_around_it(apart, said):
    trap = sign(600, 999)

    assert judge(trap, sign(600 + apart)) == [(MACHINE, "trap"), (MACHINE, said) if said else PERSON]
    assert judge(trap, sign(600, contact=2), sign(600, message=2)) == [(MACHINE, "trap"), PERSON, PERSON]


@pytest.mark.parametrize(
    ("moments", "links", "machines"),
    [
        ((600, 600.5, 601), 5, 3),
        ((600, 600.5, 601.001), 5, 0),
        ((601, 600.5, 600), 5, 3),  # in any order
        ((600, 601), 2, 2),  # an email of two links: both at once
        ((600, 601.001), 2, 0),
        ((600, 601), 3, 0),
        ((600,), 1, 0),  # one link is followed by people
        ((600, 600.1), 1, 2),
        ((600, 600.1), 5, 0),
        ((600, 600.5, 601), 50, 3),
    ],
)
def test_every_link_within_a_second_is_a_machine(moments, links, machines):
    found = judge(*(sign(at, number) for number, at in enumerate(moments, 1)), links=links)

    assert found == [(MACHINE, "every_link")] * machines + [PERSON] * (len(moments) - machines)


def test_a_burst_needs_different_links_of_one_person_and_one_email():
    assert judge(sign(600, 1), sign(600.1, 1), sign(600.2, 1)) == [PERSON] * 3
    assert judge(sign(600, 1), sign(600.1, 2), sign(600.2, 3, contact=2)) == [PERSON] * 3
    assert judge(sign(600, 1), sign(600.1, 2), sign(600.2, 3, message=2)) == [PERSON] * 3
    assert judge(sign(600, 1), sign(600.1, 2), sign(600.2)) == [PERSON] * 3  # an open is no link


def test_of_an_email_whose_links_are_not_known_three_tell():
    signs = [sign(600, 1, message=2), sign(600.1, 2, message=2), sign(600.2, 3, message=2)]

    assert judge(*signs[:2]) == [PERSON] * 2
    assert judge(*signs) == [(MACHINE, "every_link")] * 3


def test_a_burst_spares_opens_and_what_comes_later():
    burst = [sign(600, 1), sign(600.3, 2), sign(600.6, 3)]

    assert judge(*burst, sign(600.2), sign(601, 4), sign(602, 5), sign(598.999, 5)) == [
        *[(MACHINE, "every_link")] * 3, PERSON, (MACHINE, "every_link"), PERSON, PERSON,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "agent",
    [
        "SafeLinks", "Googlebot/2.1", "a crawler", "Spider", "scanner", "BingPreview", "Barracuda", "Proofpoint",
        "Mimecast", "Symantec", "TrendMicro", "FireEye", "Sophos", "HeadlessChrome/1", "PhantomJS", "curl/8", "Wget/1",
        "python-requests/2", "Go-http-client/1", "Java/17", "okhttp/4", "libwww-perl", "aiohttp/3", "node-fetch", "Postman",
    ],
)  # fmt: skip
def test_these_agents_scan(agent):
    assert judge(sign(agent=agent), sign(link=1, agent=agent)) == [(MACHINE, "scanner")] * 2


@pytest.mark.parametrize("agent", ["Robotnik browser", "Mozilla/5.0 (iPhone)", "Javanese/1", FIREFOX])
def test_these_are_read_by_people(agent):
    assert judge(sign(agent=agent)) == [PERSON]


@pytest.mark.parametrize("agent", ["GoogleImageProxy", "via ggpht.com", "YahooMailProxy"])
def test_a_caching_proxy_says_little(agent):
    assert judge(sign(agent=agent), sign(link=1, agent=agent)) == [(UNSURE, "caching_proxy")] * 2


def test_a_bare_agent_fetches_pictures_for_others_and_follows_links_itself():
    assert judge(sign(agent="Mozilla/5.0"), sign(agent="Mozilla/5.0 "), sign(link=1, agent="Mozilla/5.0")) == [
        (MACHINE, "privacy_proxy"), (MACHINE, "privacy_proxy"), PERSON,
    ]  # fmt: skip
    assert judge(sign(agent=""), sign(link=1, agent="")) == [(UNSURE, "no_agent")] * 2


def test_the_first_rule_that_fits_is_the_reason():
    curl = "curl/8"
    assert judge(sign(1, 999, agent=curl, head=True), sign(1, agent=curl), sign(1), sign(1, agent="")) == [
        (MACHINE, "head"), (MACHINE, "scanner"), (MACHINE, "trap"), (MACHINE, "trap"),
    ]  # fmt: skip
    assert judge(sign(1, 1), sign(1, 2), sign(1, 3)) == [(MACHINE, "too_fast")] * 3
    assert judge(sign(1, agent="Mozilla/5.0"), sign(1, agent="GoogleImageProxy")) == [(MACHINE, "too_fast")] * 2
