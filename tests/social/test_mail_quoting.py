"""What somebody wrote in an email, apart from what they quote and sign with."""

from collections import defaultdict
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social.networks.mail_html import marked_text
from social.networks.mail_quoting import MARKS, part_text
from social.networks.mail_reading import read_letter
from tests.social.mail_corpus import LANGUAGES, PROGRAMS, cases

TAKEN_APART = "On Mon, Nov 23, 2026 at 10:12 AM Kettle <a@k.example> wrote:"


def words(text):
    return " ".join(text.split())


def test_of_twelve_programs_in_six_languages_what_people_wrote_is_cut_right():
    right, all_of = defaultdict(int), defaultdict(int)
    for case in cases():
        program, language = case.name.split(", ")[:2]
        is_right = words(read_letter(case.raw).text) == words(case.own)
        for key in ("", program, language):
            all_of[key] += 1
            right[key] += is_right

    assert (len(PROGRAMS) >= 12, len(LANGUAGES)) == (True, 6)
    assert all_of[""] >= 300
    assert right[""] / all_of[""] >= 0.95
    assert {key for key in all_of if right[key] / all_of[key] < 0.85} == set()


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Hallo.\n\nGruß\nB\n\nAm Mo., 15. Jan. 2026, 17:03 schrieb Anna Tee <\nanna@tee.example>:\n\n> Gut?", "Hallo.\n\nGruß\nB"),
        ("Hej.\n\n> 4 dec. 2026 kl. 18:36 skrev Anna <a@tee.example>:\n>\n> Hej", "Hej."),
        ("Sì.\n\nIn data 11 ottobre 2026 21:11:31 “Tee” <s@tee.example> ha scritto:\n\nBuongiorno!", "Sì."),
        ("Hello\n\n> Subject: Test\n> From: bob@tee.example\n>\n> Hi", "Hello"),
        ("Yes?\n\n---- On Wed, 24 Feb 2026 14:02:50 +0530 a@tee.example wrote ----\n\nNo", "Yes?"),
        ("Ja.\n\nAa Bb <abc@tee.example> schrieb am So., 23.\nJuni 2026, 21:08:\n\n> Hi", "Ja."),
        ("Sim.\n\nEm 10 de julho de 2026 às 16:32:35, Tee (\na@tee.example) escreveu:\n\nOi", "Sim."),
        ("Да.\n\n> 24 марта 2026 г., в 21:08, Aa <a@tee.example> написал(а):\n> Да?", "Да."),
        ("Cześć\n\nOd: Jan <jan@tee.example>\nWysłano: środa, 1 marca 2026\nDo: Anna\nTemat: Test\n\nTak", "Cześć"),
        ("Yes.\n\nFrom: Tee\n<a-long-one@tee.example>\nSent: Monday\nTo: Anna\nSubject: Lid\n\nNo", "Yes."),
        ("Look:\n\n---------- Forwarded message ---------\nFrom: A <a@tee.example>\nDate: Mon\nSubject: x\n\nNo", "Look:"),
        ("Yes.\n\n--\nBob\n\n" + TAKEN_APART + "\n\n> No\n\n--\nSent to all of the list", "Yes."),
        ("Yes.\nOn the lid it says 20.\n" + TAKEN_APART + "\n> No", "Yes.\nOn the lid it says 20."),
        ("Hi\n\nKind regards,\n\nTom Tee\nSales\nPhone: +44 20 1234567\n\nConfidential.", "Hi\n\nKind regards,\n\nTom Tee"),
        ("> Is it?\nYes.\n> Really?\nReally.", "> Is it?\nYes.\n> Really?\nReally."),
        (TAKEN_APART + "\n> Is it?\nYes.\n> Really?\nReally.", "> Is it?\nYes.\n> Really?\nReally."),
        (TAKEN_APART + "\n> Is it?\n\nYes, it is.", "Yes, it is."),
    ],
)  # fmt: skip
def test_shapes_that_no_program_of_the_corpus_writes(text, own):
    assert part_text(text).own == own


@pytest.mark.parametrize(
    "text",
    [
        "From: Berlin\nTo: Paris\nDate: 3 May\nIs this train running?",
        "Two numbers:\n\n2026-01-15 14:30:25\n2026/01/15\n\nWhich one?",
        "It was sent from my iPhone app.\n\nSent from the warehouse on Monday, it never came.\n\nThanks",
        "On the whole I like it.\nIt wrote well:\nnice",
        "Best,\nTom Tee | +44 20 1234567",
        "> all\n> quoted",
        TAKEN_APART + "\n> x",
        "---------- Forwarded message ---------\nFrom: A <a@tee.example>\nDate: Mon\nSubject: x\n\nThe contract",
        "",
    ],
)
def test_what_only_looks_like_a_quote_is_theirs(text):
    parted = part_text(text)
    assert (words(parted.own), parted.quoted) == (words(text), "")


@given(st.lists(st.sampled_from([
    "Yes.", "", "> a", ">> b", "--", "-- ", TAKEN_APART, "From: a <a@b.example>", "Sent: x", "Subject: y", "To: z", "_" * 32,
    "Sent from my iPhone", "Kind regards", "Tom", "+49 40 123456", "-----Original Message-----", "Am 1.2.2026 schrieb A:",
    "wrote:", "<a@b.example>",
]), max_size=30))  # fmt: skip
def test_no_word_is_lost_and_none_is_there_twice(lines):
    text = "\n".join(lines)
    parted = part_text(text)

    assert sorted(f"{parted.own}\n{parted.quoted}".split()) == sorted(text.split())
    assert bool(parted.own) == bool(text.strip())


@pytest.mark.parametrize(
    "text",
    [
        ("wrote " * 66 + "\n") * 250, "On 1234 wrote :\n> x\n" * 4000, ("_" * 12 + "\n") * 7000, "From: x\nDate: y\n" * 6000,
        "--\n" * 30000, ">\n" * 50000, ("On 123 wrote:" * 29 + "\n") * 250, "> a\nb\n" * 16000, ("a" * 64 + "@") * 1500,
        "x\n\n" * 30000, "Sent " * 20000, ("On 1 2 3 " + "a" * 300 + "\n") * 300,
    ],
)  # fmt: skip
def test_no_text_makes_it_slow(text):
    before = process_time()
    part_text(text[:100_000])
    assert process_time() - before < 3


@pytest.mark.parametrize("name", ["gmail_quote", "appendonsend", "moz-cite-prefix", "yahoo_quoted"])
@pytest.mark.parametrize(
    "foreign",
    ["<div id='{0}' class='{0}'>", "<{0}>", "<blockquote>" * 400, "</blockquote>" * 900, "<blockquote>" * 3000, "&#xe000;quote\n",
     "<p>a</p><div style='border-top:solid #E1E1E1 1pt'>b", "<style>a</style>" * 99, "<!-- <div> -->" * 99],
)  # fmt: skip
def test_whatever_the_html_is_it_becomes_text_without_marks_of_its_own(name, foreign):
    parted = part_text(marked_text(foreign.format(name) + "Hello <b>you</b>", 100_000))

    assert "Hello you" in words(f"{parted.own} {parted.quoted}")
    assert not any(mark in f"{parted.own}{parted.quoted}" for mark in MARKS)
    assert not any(line in MARKS for line in marked_text("&#xe000;quote<br>\ue000said", 1000).split("\n"))
