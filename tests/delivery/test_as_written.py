"""Everybody gets what was written: tags keep their place in the markup, and laying out comes to the same before and after."""

import re
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.content.addressing import plain_addresses
from delivery.content.compiling import compile_message
from delivery.content.liquid import BadTemplateError, MissingFieldError, parse, render
from delivery.content.proofreading import proofread
from delivery.models import Content, Message

WORKSPACE = SimpleNamespace(
    pk=1, slug="k", name="Kettle", locale="en", tracks_mail=False, postal_address="", colour="", website=""
)
BERLIN, OTHER = {"city": "Berlin"}, {"city": "Bonn & Köln <b>"}
IF, END = '{% if contact.city == "Berlin" %}', "{% endif %}"
TABLE = (
    f"<table><tr><td>Always</td></tr>\n{IF}<tr><td>ONLY-BERLIN</td></tr>{END}\n"
    '<tr><td>Last <a href="https://shop.example/a?x=1&y=2&copy=3#part-two">go</a></td></tr></table>'
)


def message(body: str, body_format: str = "html", preheader: str = "") -> Message:
    """An unsaved one: nothing here needs the database."""
    content = Content(workspace_id=1, subject="s", body=body, body_format=body_format, preheader=preheader)
    return Message(pk=1, workspace_id=1, name="m", content=content)


def compiled(body, body_format="html", *, tracks=False, preheader=""):
    here = SimpleNamespace(**vars(WORKSPACE) | {"tracks_mail": tracks})
    return compile_message(message(body, body_format, preheader), here)


def written(body, contact, body_format="html"):
    one = compiled(body, body_format)
    return one.write({"contact": contact, "brand": "Kettle"}, plain_addresses(one.links.rows))


def inner(html: str) -> str:
    """A page without white space between elements, and without the <tbody> that a parser adds to a table with rows."""
    return re.sub(r"\s*(<[^>]*>)\s*", r"\1", re.sub("</?tbody>", "", html))


@pytest.mark.parametrize(
    ("body", "body_format"),
    [
        (TABLE, "html"),
        (f"<html><body>{TABLE}</body></html>", "html"),
        (
            f"{IF}<!-- for some -->{END}<!doctype html><html><head><title>T</title></head><body>{TABLE}</body></html>",
            "html",
        ),
        (TABLE.replace("{%", "{%-").replace("%}", "-%}"), "html"),
        (f"| A |\n|---|\n| Always |\n{IF}\n| ONLY-BERLIN |\n{END}\n| Last |", "markdown"),
        (f"- Always\n{IF}\n- ONLY-BERLIN\n{END}\n- Last", "markdown"),
        (f"Always\n\n{IF}\n\n> ONLY-BERLIN\n\n{END}\n\nLast", "markdown"),
        (
            f"<mjml><mj-body><mj-section><mj-column><mj-text>Always</mj-text>{IF}<mj-text>ONLY-BERLIN</mj-text>{END}"
            "</mj-column></mj-section><mj-section><mj-column><mj-text>Last</mj-text></mj-column></mj-section></mj-body></mjml>",
            "mjml",
        ),
        (
            f"<mjml><mj-body>{IF}<mj-section><mj-column><mj-table><tr><td>ONLY-BERLIN</td></tr></mj-table></mj-column>"
            f"</mj-section>{END}<mj-section>{IF}<mj-column><mj-text>x</mj-text></mj-column>{END}<mj-column><mj-text>Always"
            "</mj-text></mj-column></mj-section><mj-section><mj-column><mj-text>Last</mj-text></mj-column></mj-section>"
            "</mj-body></mjml>",
            "mjml",
        ),
        (f"<ul><li>Always{IF}<li>ONLY-BERLIN{END}<li>Last</ul>", "html"),
        (f"<select><option>Always</option>{IF}<option>ONLY-BERLIN</option>{END}<option>Last</option></select>", "html"),
    ],
)
def test_a_condition_holds_back_what_stands_in_it_and_nothing_else(body, body_format):
    proofread(message(body, body_format), WORKSPACE)
    here, there = written(body, BERLIN, body_format), written(body, OTHER, body_format)

    for part in (here.html, here.text):
        assert part.index("ONLY-BERLIN") < part.index("Last")
    assert "ONLY-BERLIN" not in there.html + there.text
    assert all(word in there.html and word in here.text for word in ("Last",))
    assert "Always" in there.html + there.text or body_format == "mjml"
    if "shop.example" in body:
        assert 'href="https://shop.example/a?x=1&amp;y=2&amp;copy=3#part-two"' in there.html
        assert "https://shop.example/a?x=1&y=2&copy=3#part-two" in there.text
        assert compiled(body, body_format, tracks=True).links.rows == [
            (1, "https://shop.example/a?x=1&y=2&copy=3#part-two", "go")
        ]


@pytest.mark.parametrize(
    ("body", "tag"),
    [
        (f"<table>{IF}<div>D</div>{END}<tr><td>1</td></tr></table>", IF),
        (f"<table><tr>{IF}words{END}<td>1</td></tr></table>", IF),
        (f'<p {IF}class="a"{END}>x</p>', IF),
        ("<p {{ contact.city }}>x</p>", "{{ contact.city }}"),
        (f"<{IF}b{END}>x</b>", IF),
        (f'{IF}<a href="https://1.example/">{{% else %}}<a href="https://2.example/">{END}go</a>', IF),
        (f"<table>{IF}{{{{ contact.city }}}}{END}<tr><td>1</td></tr></table>", "{{ contact.city }}"),
        (f'<p style="{IF}color{END}">x</p><td>{IF}x{END}</td>'.replace("color", "color:red;;;}}{{"), ""),
    ],
)
def test_what_a_page_cannot_keep_in_its_place_is_refused_with_the_tag(body, tag):
    with pytest.raises(BadTemplateError) as refused:
        proofread(message(body), WORKSPACE)

    assert tag in str(refused.value)


def test_a_style_for_some_is_inlined_into_nobodys_elements():
    body = f"<style>.a {{ color: red }}{IF}.b {{ color: blue }}{END}</style><p class='a b'>x</p>"

    assert "color: blue }" in written(body, BERLIN).html
    assert "blue" not in written(body, OTHER).html
    assert '<p class="a b" style="color' not in written(body, OTHER).html


def test_tags_inside_comments_titles_and_values_stay_where_they_are():
    body = (
        f"<html><head><title>In {{{{ contact.city }}}}</title></head><body><!--[if mso]>{IF}<table><tr><td>{END}<![endif]-->"
        f'<p title="a > b {{{{ contact.city }}}}" class="{IF}here{END}">x</p></body></html>'
    )
    html = written(body, BERLIN).html

    assert "<title>In Berlin</title>" in html
    assert "<!--[if mso]><table><tr><td><![endif]-->" in html
    assert '<p class="here" title="a > b Berlin"' in html
    assert 'class=""' in written(body, OTHER).html


CITY = {"city": "Berlin"}
TWO = '{% if contact.city == "Berlin" %}https://a.example/?x=1&y=2{% elsif contact.city %}https://b.example/{% else %}https://c.example/{% endif %}'


def test_a_link_by_condition_is_counted_for_each_of_its_targets():
    one = compiled(f'<a title="a>b" href="{TWO}">go</a>', tracks=True)

    assert one.links.rows == [
        (1, "https://a.example/?x=1&y=2", "go"), (2, "https://b.example/", "go"), (3, "https://c.example/", "go"),
    ]  # fmt: skip
    for contact, number in ((CITY, "1"), (OTHER, "2"), ({}, "3")):
        said = one.write({"contact": contact}, lambda place: f"[{place}]")
        assert f'href="[{number}]"' in said.html
        assert f"go: [{number}]" in said.text
    assert 'href="https://a.example/?x=1&amp;y=2"' in written(f'<a href="{TWO}">go</a>', CITY).html


@pytest.mark.parametrize(
    "target",
    [
        "{{ contact.url }}",
        "https://{{ contact.host }}",
        "http{{ contact.rest }}",
        "{{ contact.url | default: 'https://d.example/' }}",
    ],
)
def test_a_link_by_a_field_leads_to_the_web_or_nowhere(target):
    body = f'<a href="{target}">go</a>'
    good = {"url": 'https://u.example/?a=1&b="2"', "host": "u.example", "rest": "s://u.example/"}

    html = written(body, good).html
    assert 'href="https://u.example' in html
    assert 'b="2"' not in html
    assert compiled(body, tracks=True).links.refused == []
    if "default" in target:
        assert "https://d.example/" in written(body, {}).html
    for bad in ("javascript:alert(1)", "/near", "data:text/html,x", " "):
        fields = {"url": bad, "rest": ":javascript"}
        if target.startswith("https"):
            continue
        with pytest.raises(BadTemplateError, match="holds no web address"):
            written(body, fields)


@pytest.mark.parametrize(
    ("target", "named"),
    [
        ("/shop/{{ contact.id }}", "/shop/{{ contact.id }}"),
        ("javascript:{{ contact.id }}", "javascript:{{ contact.id }}"),
        ("www.k.example", "www.k.example"),
        ("{% if contact.a %}/a{% else %}https://b.example{% endif %}", None),
    ],
)
def test_refused_links_are_named_as_they_were_written(target, named):
    refused = compiled(f'<a title=">" href="{target}">go</a>', tracks=True).links.refused

    assert refused == ([named] if named else [])


@pytest.mark.parametrize(
    "source",
    [
        "{{ contact.points | upcase }}", "{{ contact.points | date: '%Y' }}", "{{ contact.points | plus: 1 | round }}",
        "{{ 5 | plus: contact.points }}", "{{ 'a' | append: contact.points }}", "{{ 'abc' | slice: 0, contact.points }}",
        "{{ 'a' | replace: 'a', contact.points }}", "{% assign n = contact.points | size %}", "{{ contact.a.b.c }}",
        "{% assign n = contact.points %}{{ n | downcase }}", "{{ contact['no such'] | strip }}",
        "{% capture c %}{{ contact.points }}{% endcapture %}", "{{ contact.x | default: contact.points | upcase }}",
        "{% for one in contact.points %}x{% endfor %}", "{{ contact.points | split: ',' | first }}",
    ],
)  # fmt: skip
def test_whatever_follows_a_missing_field_is_missing(source):
    with pytest.raises(MissingFieldError, match=r"^contact(\.points|\.a\.b|\.a|\[\"no such\"\])$"):
        render(parse(source, escapes=True), {"contact": {"name": "A"}})


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% if contact.city == blank %}none{% endif %}", "none"),
        ("{% if contact.city != blank %}some{% else %}none{% endif %}", "none"),
        ("{% if contact.city == empty %}none{% endif %}", "none"),
        ("{% if contact.points > 5 %}rich{% else %}poor{% endif %}", "poor"),
        ("{% if contact.city contains 'x' %}x{% else %}none{% endif %}", "none"),
        ("{{ contact.city | default: contact.town | default: 'here' | upcase }}", "HERE"),
        ("{{ '5.1.2024' | date: '%d %B %Y' }}", "05 January 2024"),
        ("{{ '5/1/2024' | date: '%d %B %Y' }}", "5/1/2024"),
        ("{{ '2024-03-31' | date: '%d.%m.%Y' }}", "31.03.2024"),
    ],
)
def test_asking_for_a_missing_field_is_no_fault(source, said):
    assert render(parse(source, escapes=True), {"contact": {"name": "A"}}) == said


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{{ contact.name | plus: 1 }}", "counts with “Ann”"),
        ("{{ 1 | times: contact.name }}", "counts with “Ann”"),
        ("{% if contact.name > 5 %}x{% endif %}", "a text is compared with a number"),
    ],
)
def test_a_text_is_no_zero(source, why):
    with pytest.raises(BadTemplateError, match=why):
        render(parse(source, escapes=True), {"contact": {"name": "Ann"}})


# -- render then inline = inline then render ---------------------------------------------------------------------------

STYLE = (
    "<style>p { margin: 1px } .a { color: red } td { padding: 2px } .b td, li.a { font-weight: bold } ul .b { top: 3px }"
    " table.a .b { border: 0 }</style>"
)
WORDS = ["one", "two &amp; three", "{{ contact.name }}", "{{ contact.x | default: 'none' }}"]
ATTRIBUTES = ["", "", ' class="a"', ' class="b"', " class='a b'", ' title="1 > 0" class="b"']
HEADS = ["if contact.x", "if contact.y", "if contact.z", "unless contact.x", "if contact.y == 'yes'"]
INSIDE = {
    "div": ("p", "table", "ul", "div"), "p": ("", "b", "span"), "table": ("tr",), "tr": ("td",), "td": ("", "b"),
    "ul": ("li",), "li": ("", "span"), "b": ("",), "span": ("",),
}  # fmt: skip


@st.composite
def documents(draw):
    """Nested elements with conditions around whole ones, wherever they may stand: between rows, cells, items, words."""

    def some(parent: str, depth: int) -> str:
        return "".join(conditional(parent, depth) for _ in range(draw(st.integers(0, 3))))

    def conditional(parent: str, depth: int) -> str:
        shape = draw(st.sampled_from(["plain", "plain", "if", "either", "for", "case", "assign"]))
        one, other = node(parent, depth), node(parent, depth) if shape in {"either", "case"} else ""
        head = draw(st.sampled_from(HEADS)) if shape in {"if", "either"} else ""
        end = f"{{% end{head.split()[0]} %}}" if head else ""
        return {
            "plain": one,
            "if": f"{{% {head} %}}{one}{end}",
            "either": f"{{% {head} %}}{one}{{% else %}}{other}{end}",
            "for": f"{{% for i in (1..2) %}}{one}{{% endfor %}}",
            "case": f"{{% case contact.y %}}\n{{% when 'yes' %}}{one}{{% else %}}{other}{{% endcase %}}",
            "assign": f"{{% assign n = 1 %}}{one}",
        }[shape]

    def node(parent: str, depth: int) -> str:
        name = draw(st.sampled_from(INSIDE[parent]))
        if not name or depth > 5:
            return draw(st.sampled_from(WORDS)) if "" in INSIDE[parent] else ""
        return f"<{name}{draw(st.sampled_from(ATTRIBUTES))}>{some(name, depth + 1)}</{name}>"

    return some("div", 0)


people = st.fixed_dictionaries(
    {"name": st.sampled_from(["Ann", "<i>Ann</i> & Co"])},
    optional={"x": st.just("1"), "y": st.sampled_from(["yes", "no"]), "z": st.just("1")},
)


@settings(max_examples=40, deadline=None)
@given(documents(), people)
def test_to_write_and_lay_out_comes_to_the_same_as_to_lay_out_and_write(body, contact):
    body = STYLE + body
    first_written = render(parse(body, escapes=True), {"contact": contact, "brand": "Kettle"})

    proofread(message(body), WORKSPACE)
    assert inner(written(body, contact).html) == inner(written(first_written, {}).html)
    assert written(body, contact).text.split() == written(first_written, {}).text.split()
