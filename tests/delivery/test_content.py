import email
import email.policy

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from delivery.content.addressing import addresses_for, read_return_path, return_path
from delivery.content.compiling import compile_message
from delivery.content.liquid import BadTemplateError, MissingFieldError, parse, render, render_line
from delivery.content.mime import BadHeaderError, CommonHeaders, Envelope, build, encode_words, mailbox
from delivery.content.people import fields_of
from lib.signing import BadTokenError
from tests.factories.campaigns import make_message
from tests.factories.contacts import make_contact, make_reader

ANN = {"contact": {"first_name": "<Ann>", "name": "Ann"}, "brand": "Kettle"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ contact.first_name }}", "&lt;Ann&gt;"),
        ("{{ contact.city | default: 'town' }}", "town"),
        ("{% if contact.city %}x{% else %}y{% endif %}", "y"),
        ("{% if contact.city == 'Ulm' %}x{% else %}y{% endif %}", "y"),
        ("{{ 7 | times: 7 }}", "49"),
    ],
)
def test_templates_say(source, expected):
    assert render(parse(source, escapes=True), ANN) == expected


@pytest.mark.parametrize("source", ["{{ contact.city }}", "{{ settings.SECRET_KEY }}", "{{ contact.name.__class__ }}"])
def test_a_field_without_stand_in_is_missing(source):
    with pytest.raises(MissingFieldError):
        render(parse(source, escapes=True), ANN)


@pytest.mark.parametrize(
    "source",
    [
        "{{7*7}}",
        "{% include 'x' %}",
        "{{ contact.name | foo }}",
        "{% for a in (1..9999) %}{% for b in (1..9999) %}x{% endfor %}{% endfor %}",
        "{% assign x='aaaaaaaaaa' %}{% for i in (1..900) %}{% assign x = x | append: x %}{% endfor %}",
        "{% assign x=99 %}{% for i in (1..900) %}{% assign x = x | times: x %}{% endfor %}",
        "{% assign x='aaaaaaaaaa' %}{% for i in (1..11) %}{% assign x = x | append: x %}{% endfor %}{{ x | replace: 'a', x }}",
        "{{ 'now' | date: '%99999999d' }}",
        "{% if a %}" * 40 + "{% endif %}" * 40,
        '{% if (1..9999999999999) contains "x" %}x{% endif %}',
        "{% assign n = 999999999999999 %}{% if (1..n) contains 'x' %}x{% endif %}",
        "{{ (1..99999999999) | join: 'x' }}",
        "{{ (1..99999999999) | reverse | first }}",
        "{% for i in (1..99999999999) reversed %}x{% endfor %}",
        "{{ " + "9" * 400 + " }}",
        "{{ 9e299999 | times: 2 }}",
        "{{ 999999999999999 | times: 999999999999999 }}",
        "{% assign s = 'a,' %}{% for i in (1..12) %}{% assign s = s | append: s %}{% endfor %}{{ s | split: ',' | uniq }}",
        "{% assign s = 'aaaaaaaaaaaaaaaa' %}{% for i in (1..11) %}{% assign s = s | append: s %}{% endfor %}{{ s | split: '' | join: s }}",
        "{% for i in (1..1000) %}" + "{{ 'x' | upcase | downcase }}" * 400 + "{% endfor %}",
        "{{ 1 | plus: 1 }}" * 3_000,
    ],
)
def test_bombs_and_strange_words_are_refused(source):
    with pytest.raises((BadTemplateError, MissingFieldError)):
        render(parse(source, escapes=True), ANN)


def test_a_filter_is_no_stand_in_for_a_field_that_is_missing():
    for filter_ in ("times: 2", "upcase", "split: ','", "size", "append: 'x'", "first", "date: '%Y'"):
        with pytest.raises(MissingFieldError, match=r"contact\.points"):
            render(parse("{{ contact.points | " + filter_ + " }}", escapes=False), ANN)
    assert render(parse("{{ contact.points | default: 3 | times: 2 }}", escapes=False), ANN) == "6"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% for i in (1..3) %}{{ i }}{% endfor %}", "123"),
        ("{{ 'a,b,a' | split: ',' | uniq | join: ' and ' }}", "a and b"),
        ("{{ '<b>bold</b> 1 > 0 <i' | strip_html }}", "bold 1 > 0 "),
        ("{{ 12345678901234 | plus: 1 }}", "12345678901235"),
        ("{{ 'tel. 00491234567890123456' }}", "tel. 00491234567890123456"),
        ("{{ 'abc' | replace: 'b', 'x' | append: '!' }}", "axc!"),
    ],
)
def test_what_an_email_needs_still_works(source, said):
    assert render(parse(source, escapes=False), ANN) == said


def test_a_subject_is_one_line_whatever_a_field_holds():
    line = render_line(parse("Hi {{ contact.name }}", escapes=False), {"contact": {"name": "A\r\nBcc: x@y.example"}})

    assert line == "Hi A Bcc: x@y.example"


def write(message, contact, kettle):
    fields = fields_of([contact.pk], brand=kettle.name)[contact.pk]
    return compile_message(message, kettle).write(fields, addresses_for(kettle, message.pk, contact.pk))


def test_markdown_becomes_an_email_with_counted_links_and_a_footer(inside):
    inside.postal_address = "Kettle & Co\nTea Street 1"
    person = make_reader("Greta Lind")
    message = make_message()

    compiled = compile_message(message, inside)
    written = write(message, person, inside)

    assert [row[1] for row in compiled.links.rows] == [
        "https://kettle.example/box",
        "https://kettle.example/how?a=1&b=2",
    ]
    assert [row[2] for row in compiled.links.rows] == ["spring box", "how"]
    assert written.subject == "News for Greta"
    assert "Hello Greta</h1>" in written.html
    assert written.html.count("/c/") == 3  # two links and the trap
    assert written.html.count("/o/") == 1
    assert written.text.count("/c/") == 2
    assert "Tea Street 1" in written.text
    assert "Hello Greta" in written.text
    assert "you asked Kettle &amp; Co for “Newsletter”" in written.html
    assert "kettle.example/box" not in written.html


def test_nothing_is_counted_where_the_brand_does_not_measure(inside):
    inside.mail_tracking = 0

    written = write(make_message(), make_reader(), inside)

    assert (written.html.count("/o/"), written.html.count("/c/")) == (0, 0)
    assert 'href="https://kettle.example/how?a=1&amp;b=2"' in written.html


def test_a_name_is_text_never_markup(inside):
    person = make_contact("x", given_name="<script>alert(1)</script>")

    written = write(make_message(), person, inside)

    assert "<script>" not in written.html
    assert written.subject == "News for <script>alert(1)</script>"


def test_dangerous_links_are_refused_and_fields_in_links_stay(inside):
    body = '<p><a href="javascript:alert(1)">a</a> <a href="https://x.example/?n={{ contact.name | url_encode }}">b</a> <a href="{{ contact.url }}">c</a></p>'
    compiled = compile_message(make_message(body=body, body_format="html"), inside)

    assert compiled.links.refused == ["javascript:alert(1)"]
    assert compiled.links.rows == []


def test_mjml_and_its_conditions(inside):
    body = "<mjml><mj-body><mj-section><mj-column><mj-text>{% if contact.city %}In {{ contact.city }}{% else %}Hi{% endif %}</mj-text><mj-button href='https://k.example/'>Go</mj-button></mj-column></mj-section></mj-body></mjml>"

    written = write(make_message(body=body, body_format="mjml"), make_reader(city="Ulm"), inside)

    assert "In Ulm" in written.html
    assert "Unsubscribe" in written.html
    with pytest.raises(BadTemplateError):
        compile_message(make_message(body="<mjml><mj-wrong", body_format="mjml"), inside)


def test_block_tags_on_their_own_line_leave_no_empty_paragraph(inside):
    body = "{% if contact.city %}\n\nTo {{ contact.city }}\n\n{% endif %}\n\nBye"

    written = write(make_message(body=body), make_reader(), inside)

    assert "<p></p>" not in written.html.replace("\r\n", "")
    assert "Bye" in written.text


HEAD = CommonHeaders.of(
    from_name="Kettle, Ü",
    from_email="a@k.example",
    reply_to="",
    list_id="l.k.example",
    list_name="Läden",
    feedback_id="1:2:3:ecrm",
)


def test_the_bytes_read_back_as_a_mail(inside):
    person = make_reader("Grüße Lind")
    message = make_message(
        subject="Für {{ contact.first_name }} – alles Gute und viel mehr davon, als in eine Zeile passt"
    )
    written = write(message, person, inside)

    raw = build(
        HEAD,
        Envelope("s@k.example", "p@x.example", "<1.2.1@k.example>", "https://k.example/u/x"),
        written,
        at=timezone.now(),
    )
    mail = email.message_from_bytes(raw, policy=email.policy.default)

    assert mail["subject"] == written.subject
    assert mail["from"] == '"Kettle, Ü" <a@k.example>'
    assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    parts = {part.get_content_type(): part.get_content() for part in mail.iter_parts()}
    assert parts["text/html"].split() == written.html.split()
    assert parts["text/plain"].split() == written.text.split()


@given(st.text(max_size=120))
def test_header_text_reads_back_or_is_refused(text):
    if any(one in text for one in "\r\n\0"):
        with pytest.raises(BadHeaderError):
            mailbox(text, "a@b.example")
        return
    encoded = encode_words(text)
    assert all(len(line) <= 200 for line in encoded.split("\r\n"))
    back = "".join(
        str(part, charset or "ascii") if isinstance(part, bytes) else part
        for part, charset in email.header.decode_header(encoded.replace("\r\n ", " "))
    )
    assert back == text


def test_a_return_path_names_its_reader_in_any_case(db):
    address = return_path("returns.example", 1, 70000, 2_000_000_000)

    assert len(address.partition("@")[0]) <= 64
    assert read_return_path(address.upper()) == (1, 70000, 2_000_000_000)
    for at in range(2, address.index("@")):
        with pytest.raises(BadTokenError):
            read_return_path(address[:at] + ("b" if address[at] != "b" else "c") + address[at + 1 :])
