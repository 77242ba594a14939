"""Markdown with template tags on lines of their own: what a reader gets is one well-formed list, quote or table."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.content.liquid import parse, render
from delivery.content.markdown import markdown_html
from delivery.content.marking import Keeper
from delivery.content.proofreading import proofread
from tests.factories.campaigns import make_message, make_sender

DATA = {"data": {"lines": ["Tin", "Wrap", "Cup"], "yes": True, "no": False}}
LOOP = "{% for one in data.lines %}\n"


def html_of(text: str) -> str:
    keeper = Keeper()
    page = markdown_html(keeper, keeper.take(text))
    template = parse(keeper.put_back(keeper.show(page, len(keeper.tags))), escapes=True)
    return re.sub(r"\s*\n\s*", "", render(template, DATA))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            f"Order\n\n{LOOP}- {{{{ one }}}}\n{{% endfor %}}\n\nTotal",
            "<p>Order</p><ul><li>Tin</li><li>Wrap</li><li>Cup</li></ul><p>Total</p>",
        ),
        (f"{LOOP}2. {{{{ one }}}}\n{{% endfor %}}", "<ol><li>Tin</li><li>Wrap</li><li>Cup</li></ol>"),
        (
            "- a\n{% if data.yes %}\n- b\n{% endif %}\n{% if data.no %}\n- c\n{% else %}\n- d\n{% endif %}\n- e",
            "<ul><li>a</li><li>b</li><li>d</li><li>e</li></ul>",
        ),
        ("> said\n{% if data.no %}\nnever\n{% endif %}\nBye", "<blockquote><p>said</p></blockquote><p>Bye</p>"),
        ("{% if data.no %}\nOne\n\n- two\n{% endif %}\n\nThree", "<p>Three</p>"),
        ("{% if data.yes %}\nOne\n\n- two\n{% endif %}\n\nThree", "<p>One</p><ul><li>two</li></ul><p>Three</p>"),
        ("Hello\n{% if data.yes %}\nyou\n{% endif %}\nthere", "<p>Helloyouthere</p>"),
        ("```\n{% if data.yes %}\n- a\n{% endif %}\n```", "<pre><code>- a</code></pre>"),
        (
            f"|a|\n|-|\n{LOOP}|{{{{ one }}}}|\n{{% endfor %}}",
            "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>Tin</td></tr><tr><td>Wrap</td></tr>"
            "<tr><td>Cup</td></tr></tbody></table>",
        ),
        ("- a\n{% assign x = 1 %}\n- b\n\n1. c", "<ul><li>a</li></ul><ul><li>b</li></ul><ol><li>c</li></ol>"),
    ],
)
def test_a_list_in_a_loop_is_one_list_and_ends_with_it(text, html):
    assert html_of(text) == html


class _Balance(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []

    def handle_startendtag(self, tag, attrs):
        """Nothing stands in it."""

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


BLOCKS = st.recursive(
    st.sampled_from(["Words\n\n", "- a\n- b\n", "> q\n\n", "# Head\n", "1. x\n\n", "---\n\n"]).map(lambda one: [one]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda many: [line for one in many for line in one]),
        st.tuples(st.sampled_from(["if data.yes", "if data.no", "for one in data.lines"]), inner).map(
            lambda both: [f"{{% {both[0]} %}}\n", *both[1], f"{{% end{both[0].partition(' ')[0]} %}}\n"]
        ),
    ),
    max_leaves=6,
)


@given(BLOCKS)
def test_whatever_stands_in_whatever_every_element_ends_where_it_began(blocks):
    balance = _Balance()
    balance.feed(html_of("".join(blocks)))
    assert balance.open == []


@pytest.mark.parametrize(
    "body",
    [
        f"Hi\n\n{LOOP}- {{{{ one }}}}\n{{% endfor %}}\n\nBye",
        "- a\n{% if data.no %}\n- b\n{% else %}\n- c\n{% endif %}\n\nBye",
        "{% if data.yes %}\n1. a\n\nWords\n{% endif %}\n\nBye",
    ],
)
def test_such_lists_pass_the_proof_that_everybody_gets_what_was_written(inside, body):
    message = make_message(make_sender(), body=body, body_format="markdown", purpose="transactional", topic=None)

    proofread(message, inside)
