"""An email byte for byte, and the words, links and places it is made of."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from contacts.drafting import File
from delivery.content import marking
from delivery.content.compiling import Written, compile_message
from delivery.content.framing import body_html, why
from delivery.content.linking import number_links
from delivery.content.liquid import BadTemplateError
from delivery.content.marking import Keeper, place
from delivery.content.mime import BadHeaderError, CommonHeaders, Envelope, build, encode_words, mailbox, own_lines
from delivery.content.texts import write_text
from delivery.models import Content, Message
from tests.factories.campaigns import make_message

AT = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
COMMON = {
    "from_name": "Kettle", "from_email": "a@k.example", "reply_to": "b@k.example", "list_id": "l.k.example",
    "list_name": "Kettle", "feedback_id": "1:2:l:ecrm",
}  # fmt: skip


def test_an_email_stands_as_bytes():
    envelope = Envelope("r@k.example", "p@x.example", "<1.2.1@k.example>", "https://k.example/u/t")
    written = Written("Hello", "<p>Ü = 1</p>\r\n", "Ü\r\n.\r\n")

    assert build(CommonHeaders.of(**COMMON), envelope, written, at=AT).decode() == (
        "From: Kettle <a@k.example>\r\nReply-To: b@k.example\r\nList-Id: Kettle <l.k.example>\r\n"
        "Feedback-ID: 1:2:l:ecrm\r\nMIME-Version: 1.0\r\n"
        "To: p@x.example\r\nSubject: Hello\r\nDate: Sun, 01 Mar 2026 09:05:00 +0000\r\nMessage-ID: <1.2.1@k.example>\r\n"
        "List-Unsubscribe: <https://k.example/u/t>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        'Content-Type: multipart/alternative; boundary="=_ecrm_letter_part"\r\n\r\n--=_ecrm_letter_part\r\n'
        'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
        "=C3=9C\r\n=2E\r\n\r\n--=_ecrm_letter_part\r\n"
        'Content-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
        "<p>=C3=9C =3D 1</p>\r\n\r\n--=_ecrm_letter_part--\r\n"
    )


def test_what_is_not_given_has_no_line():
    head = CommonHeaders.of(**COMMON | {"reply_to": ""})
    raw = build(head, Envelope("r@k.example", "p@x.example", "<1@k.example>", ""), Written("", "h", "t"), at=AT)

    assert b"Reply-To" not in raw
    assert b"List-Unsubscribe" not in raw  # also no -Post, which says what to do with it
    assert b"\r\nSubject: \r\n" in raw


@pytest.mark.parametrize("name", ["from_name", "from_email", "reply_to", "list_id", "list_name", "feedback_id"])
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\0"])
def test_no_header_line_breaks(name, end):
    with pytest.raises(BadHeaderError):
        CommonHeaders.of(**COMMON | {name: f"a{end}Bcc: x@y.example"})


@pytest.mark.parametrize("place_", ["recipient", "message_id", "unsubscribe"])
def test_no_envelope_breaks_a_line(place_):
    given = {"sender": "", "recipient": "p@x.example", "message_id": "<1@k>", "unsubscribe": "https://k/u"} | {
        place_: "a\nBcc: x@y.example"
    }
    with pytest.raises(BadHeaderError, match="line break stands in"):
        build(CommonHeaders.of(**COMMON), Envelope(**given), Written("", "", ""), at=AT)


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("Plain words", "Plain words"),
        ("x" * 199, "x" * 199),
        ("x" * 200, "\r\n ".join(["=?utf-8?b?" + "eHh4" * 14 + "?="] * 4 + ["=?utf-8?b?" + "eHh4" * 10 + "eHg=?="])),
        ("a=?b", "=?utf-8?b?YT0/Yg==?="),
        ("Tab\there", "=?utf-8?b?VGFiCWhlcmU=?="),
        ("ü" * 21, "=?utf-8?b?" + "w7zDvMO8" * 7 + "?="),
        ("ü" * 22, "=?utf-8?b?" + "w7zDvMO8" * 7 + "?=\r\n =?utf-8?b?w7w=?="),
        ("x" + "ü" * 21, "=?utf-8?b?eMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7zDvMO8w7w=?=\r\n =?utf-8?b?w7w=?="),
    ],
)
def test_words_of_a_header_are_encoded_where_they_must(text, encoded):
    assert encode_words(text) == encoded
    assert all(len(word) <= 75 for word in encode_words("ü" * 300).split("\r\n "))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "a@k.example"),
        ("Kettle & Co", "Kettle & Co <a@k.example>"),
        ("Kettle, Ltd.", '"Kettle, Ltd." <a@k.example>'),
        ('The "K" \\', '"The \\"K\\" \\\\" <a@k.example>'),
        ("Küche", "=?utf-8?b?S8O8Y2hl?= <a@k.example>"),
    ],
)
def test_a_mailbox_is_quoted_where_it_must(name, said):
    assert mailbox(name, "a@k.example") == said


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo\n"),
        ("<h1>Head</h1>text<br>line", "Head\n\ntext\nline\n"),
        ("<ul><li>a</li><li>b</li></ul>after", "- a\n- b\n\nafter\n"),
        ("a  \n\t b", "a b\n"),
        ("<head><title>T</title></head><p>x</p>", "x\n"),
        ("<style>p { color: red }</style><script>1 &lt; 2</script>y", "y\n"),
        ("<div data-unseen>no <p>never</p><br><img alt='no'></div>yes", "yes\n"),
        ("<br data-unseen>yes", "yes\n"),
        ("<img src='x' alt='A pot'> of tea <img src='x'>", "A pot of tea\n"),
        ('<a href="https://k.example/">our shop</a>.', "our shop: https://k.example/.\n"),
        ('<a href="https://k.example/">https://k.example/</a>', "https://k.example/\n"),
        ('<a href="mailto:a@k.example">a@k.example</a>', "a@k.example\n"),
        ('<a href="https://k.example/"><img alt="Pot"></a>', "Pot: https://k.example/\n"),
        ('<a href="https://k.example/"><img></a>', "https://k.example/\n"),
        ("<a>name</a> and <a href>empty</a>", "name and empty\n"),
        ('<a href="https://a.example/">a</a> b</a>', "a: https://a.example/ b\n"),
        ("<p>&lt;b&gt; &amp; &uuml;</p>", "<b> & ü\n"),
        ("<p>a</p><p></p><p></p><hr><p>b</p>", "a\n\nb\n"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "12\n\n3\n"),
        ("", "\n"),
    ],
)
def test_the_text_part_is_written_from_the_markup(html, text):
    assert write_text(html) == text


def kept(keeper: Keeper, html: str) -> str:
    return keeper.take(html)


def test_links_get_numbers_and_what_is_no_link_is_refused():
    html = (
        '<a href="https://k.example/?a=1&amp;b=2">the <b>box</b></a> <A class="x" HREF="HTTP://K.example/2" id="y">two</A> '
        '<a href="mailto:a@k.example">mail</a> <a href="tel:+1">call</a> <a href="#top">top</a> '
        '<a href="javascript:alert(1)">bad</a> <a href="ftp://x">ftp</a> <a href="">none</a> <a href="/shop">near</a> '
        '<a href="https://k.example/3"><img alt="A pot"></a> <a name="x">no link</a> '
        f'<a href="{place("unsubscribe")}">stop</a> <a href="{place("page")}">page</a> <a href="{place("honeypot")}">h</a> '
        f'<a href="{place("pixel")}">p</a>'
    )

    page, links = number_links(html, counts=True)

    assert links.rows == [
        (1, "https://k.example/?a=1&b=2", "the box"),
        (2, "HTTP://K.example/2", "two"),
        (3, "https://k.example/3", "A pot"),
    ]
    assert links.refused == ["javascript:alert(1)", "ftp://x", "/shop", place("pixel")]
    assert page == (
        html.replace("https://k.example/?a=1&amp;b=2", place(1))
        .replace("HTTP://K.example/2", place(2))
        .replace("https://k.example/3", place(3))
        .replace("javascript:alert(1)", "#")
        .replace("ftp://x", "#")
        .replace('href=""', 'href="#"')
        .replace("/shop", "#")
        .replace(place("pixel"), "#")
    )
    unmeasured, none = number_links(html, counts=False)
    assert none.rows == []
    assert unmeasured == page.replace(place(1), "https://k.example/?a=1&amp;b=2").replace(
        place(2), "HTTP://K.example/2"
    ).replace(place(3), "https://k.example/3")


def test_a_link_that_holds_a_field_stays_and_may_not_begin_with_one():
    keeper = Keeper()
    inner = "https://k.example/?n={{ contact.name }}"
    tagged = [
        keeper.take(f'<a href="{one}">x {{{{ contact.name }}}}</a>') for one in (inner, "{{ u }}", "https://{{ u }}")
    ]
    page, links = number_links("".join(tagged), counts=True)

    assert links.rows == []
    assert len(links.refused) == 2
    assert keeper.put_back(page) == (
        f'<a href="{inner}">x {{{{ contact.name }}}}</a>' + '<a href="#">x {{ contact.name }}</a>' * 2
    )


def test_labels_and_refusals_are_short_and_links_have_an_end():
    keeper = Keeper()
    long, wrong = "w" * 300, "javascript:" + "x" * 100
    html = keeper.take(
        f'<a href="https://k.example/0">{{{{ contact.name }}}}\n and<br>you</a><a href="https://k.example/1">{long}</a>'
    )
    _page, links = number_links(f'{html}<a href="{wrong}">x</a>', counts=True)

    assert links.rows == [(1, "https://k.example/0", "… and you"), (2, "https://k.example/1", "w" * 200)]
    assert links.refused == [wrong[:80]]
    page, links = number_links("".join(f'<a href="https://k.example/{no}">x</a>' for no in range(202)), counts=True)
    assert [row[0] for row in links.rows] == list(range(1, 201))
    assert page.count("https://k.example/") == 2


def test_tags_are_kept_and_given_back_and_lonely_ones_lose_their_paragraph():
    keeper = Keeper()
    text = "{% if a %}\n\nx {{ b }} y\n\n{% endif %}{% assign\n c = 1 %} {{ d }}"

    taken = keeper.take(text)

    assert "{" not in taken
    assert keeper.put_back(taken) == text
    assert keeper.tags == ["{% if a %}", "{{ b }}", "{% endif %}", "{% assign\n c = 1 %}", "{{ d }}"]
    first, said, last, assign, field = (f"k{marking.NONCE}n{number}e" for number in range(5))
    assert keeper.free_lonely(
        f"<p>{first}</p><p>{last} {assign}</p><p>{said}</p><p>{last}{field}</p><p>{first} x</p>"
    ) == (f"{first}{last} {assign}<p>{said}</p><p>{last}{field}</p><p>{first} x</p>")


def test_bodies_are_read_by_their_format(inside):
    assert body_html(Keeper(), "# Hi\n\n<b>x</b> | y", "markdown") == "<h1>Hi</h1>\n<p>&lt;b&gt;x&lt;/b&gt; | y</p>\n"
    assert "<table>" in body_html(Keeper(), "|a|b|\n|-|-|\n|1|2|", "markdown")
    assert body_html(Keeper(), "# Hi", "html") == "# Hi"
    with pytest.raises(BadTemplateError, match=r"^MJML: .{1,200}$"):
        body_html(Keeper(), "<mjml><mj-body>", "mjml")


def test_an_email_says_why_it_comes(inside):
    topic = make_message().topic
    reasons = {
        ("transactional", topic): "You get this because it belongs to an order or a contract with Kettle & Co.",
        ("subscribed", topic): "You get this because you asked Kettle & Co for “Newsletter”.",
        ("marketing", None): "You get this because you agreed to hear from Kettle & Co.",
    }
    for (purpose, about), said in reasons.items():
        assert why(Message(purpose=purpose, topic=about), inside) == said


def test_a_page_of_ones_own_keeps_its_frame_and_gets_our_foot(inside):
    body = "<html><BODY><p>mine</p><p>/body</p></BODY></html>"
    own = compile_message(make_message(body=body, body_format="html"), inside).html.render(contact={}, brand="")
    ours = compile_message(make_message(body="<p>mine</p>", body_format="html"), inside).html.render(
        contact={}, brand=""
    )

    assert own.count("<html") == ours.count("<html") == 1
    assert own.lower().count("</body>") == 1
    assert own.index("<p>/body</p>") < own.index(place("unsubscribe")) < own.lower().index("</body>")
    for page in (own, ours):
        assert [page.count(place(one)) for one in ("unsubscribe", "page", "pixel", "honeypot")] == [1, 1, 1, 1]


def content(body: str, **more) -> Message:
    return Message(content=Content(subject="S", body=body, body_format="html", **more))


def test_a_text_is_at_most_300_kb_and_has_one_kind_of_line_end(inside):
    compile_message(content(" " * 300_000), inside)
    with pytest.raises(BadTemplateError, match="longer than 300 kB"):
        compile_message(content(" " * 300_001), inside)
    written = compile_message(content("a\rb\nc\r\nd", preheader="{{ brand }} first"), inside).write(
        {"contact": {}, "brand": "Kettle"}, lambda where: f"at-{where}"
    )
    assert "\r\n" in written.html
    assert "\n" not in (written.html + written.text).replace("\r\n", "")
    assert "a\r\nb\r\nc\r\nd" in written.html
    assert "Kettle first" in written.html
    assert "at-unsubscribe" in written.html
    assert "at-unsubscribe" in written.text


def test_each_place_is_asked_for_once_and_the_fields_are_known(inside):
    compiled = compile_message(
        make_message(body="{{ contact.city }} [a](https://k.example/)", subject="{{ brand }}"), inside
    )
    asked = []

    compiled.write({"contact": {"city": "Ulm"}, "brand": "K"}, lambda where: asked.append(where) or where)

    assert sorted(asked) == ["1", "honeypot", "page", "pixel", "unsubscribe"]
    assert compiled.fields == ["brand", "contact.city"]


@pytest.mark.parametrize("text", ["x" * 400, "a\nb", "a\r\nb\nc", "\n" * 3, "é" * 200, "a\rb"])
def test_no_line_ends_otherwise_than_with_crlf(text):
    """A lone line feed is refused by many servers (and smuggles a second email past some)."""
    head = CommonHeaders.of(
        from_name="K", from_email="a@b.example", reply_to="", list_id="", list_name="", feedback_id=""
    )

    data = build(head, Envelope("a@b.example", "c@d.example", "<1@b>", ""), Written("S", text, text), at=AT)

    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")


WORDS = "twelve gardens and thirty teas of them that we tasted this year, and all that we would buy again at once"


@pytest.mark.parametrize(
    ("subject", "lines"),
    [
        (WORDS, [f"Subject: {WORDS[:68]}", WORDS[68:]]),
        (f"{'x' * 90} {'y' * 20}", [f"Subject: {'x' * 90}", f" {'y' * 20}"]),
        ("x" * 190, [f"Subject: {'x' * 190}"]),
        (f"{'x' * 66}   {'y' * 20}", [f"Subject: {'x' * 66}", f"   {'y' * 20}"]),
        (f"{'x' * 60}    ", [f"Subject: {'x' * 60}    "]),
        (f"{'x' * 66}     ", [f"Subject: {'x' * 66}     "]),
    ],
)
def test_a_long_header_is_folded_before_a_blank_and_reads_as_before(subject, lines):
    raw = own_lines(Envelope("", "p@x.example", "<1@k.example>", ""), subject, at=AT)

    assert raw.decode().split("\r\n")[1 : 1 + len(lines)] == lines
    assert message_from_bytes(raw, policy=default)["Subject"].rstrip() == subject.rstrip()


@pytest.mark.parametrize("name", ["Kettle, Ltd.", "K" * 60, "Küche & Kessel"])
def test_a_list_says_its_name_as_a_mailbox_does(name):
    head = CommonHeaders.of(
        **COMMON | {"list_name": name, "from_name": name, "list_id": "letter.kettle.mail.kettle.example"}
    )

    read = message_from_bytes(head.lines, policy=default)
    assert read["From"].addresses[0].display_name == name
    assert [one for value in read.values() for one in value.defects] == []
    assert max(len(line) for line in head.lines.split(b"\r\n")) <= 78


@pytest.mark.parametrize(
    "name", ["a.pdf", "Rechnung für Ada.pdf", "ü" * 116 + ".pdf", "請求書" * 39 + ".x", "a b " * 29 + ".pdf", 'a"b.txt']
)
def test_the_name_of_a_file_is_read_as_it_was_given_and_no_line_is_long(name):
    raw = build(
        CommonHeaders.of(**COMMON), Envelope("", "p@x.example", "<1@k.example>", ""), Written("S", "h", "t"), at=AT,
        files=[File(name, "application/pdf", b"x" * 100)],
    )  # fmt: skip

    (file,) = message_from_bytes(raw, policy=default).iter_attachments()
    assert (file.get_filename(), file.defects) == (name, [])
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
