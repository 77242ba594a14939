"""Browser tests wait for what they read: after a click, the page may still be on its way, or half there."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PLACE = Path(__file__).parent / "browser"
AT_ONCE = {"all", "all_inner_texts", "all_text_contents", "content", "count", "inner_html", "inner_text"}
AT_ONCE |= {"is_checked", "is_hidden", "is_visible", "text_content", "title"}
AT_ONCE |= {"bounding_box", "evaluate", "evaluate_all", "get_attribute", "input_value", "is_disabled", "is_enabled"}
WAITS = {"expect", "goto", "reload"}


def read_at_once(code: str) -> Iterator[str]:
    """Every look at the page between a click and the next wait, as "line: what"."""
    for function in (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FunctionDef)):
        clicked = False
        acts = {node.value for node in ast.walk(function) if isinstance(node, ast.Expr)}
        called = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
        for call in sorted(called, key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name == "click":
                clicked = True
            elif name in WAITS or name.startswith("wait_"):
                clicked = False
            elif clicked and name in AT_ONCE and call not in acts and _is_of_page(call):
                yield f"{call.lineno}: {name}"


def _is_of_page(call: ast.Call) -> bool:
    """Not a function of the test's own, nor rows of a model."""
    return isinstance(call.func, ast.Attribute) and not ast.unparse(call).split(".")[0].istitle()


def pictures_read_at_once(code: str) -> Iterator[str]:
    """A picture further down is fetched when it comes into sight, not with the page: its size has to be waited for."""
    for call in (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)):
        evaluates = isinstance(call.func, ast.Attribute) and call.func.attr.startswith("evaluate")
        if evaluates and any(size in ast.unparse(call) for size in ("naturalWidth", "naturalHeight", ".complete")):
            yield f"{call.lineno}: to_have_js_property waits for it"


@pytest.mark.parametrize("path", sorted(PLACE.glob("*.py")), ids=lambda path: path.stem)
def test_no_picture_is_measured_before_it_came(path):
    assert list(pictures_read_at_once(path.read_text())) == []


@pytest.mark.parametrize("path", sorted(PLACE.glob("*.py")), ids=lambda path: path.stem)
def test_nothing_is_read_at_once_after_a_click(path):
    assert list(read_at_once(path.read_text())) == []


def test_a_look_right_after_a_click_is_found():
    code = "def test(page):\n    page.click('a')\n    assert page.locator('li').all_inner_texts() == []\n"

    assert list(read_at_once(code)) == ["3: all_inner_texts"]
    assert list(read_at_once(code.replace("assert", "expect(page); assert"))) == []


def test_what_is_waited_for_is_demanded():
    """`wait_until` says whether it came true; a test that does not ask goes on as if it had."""
    unasked = [
        f"{path.name}:{number}"
        for path in sorted(PLACE.parent.rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if line.strip().startswith("wait_until(")
    ]

    assert unasked == []


def test_what_acts_is_no_look_and_a_picture_measured_at_once_is_found():
    acting = "def test(page):\n    page.click('a')\n    page.evaluate('paste()')\n"
    measuring = "assert picture.evaluate('one => one.naturalWidth') == 320"

    assert list(read_at_once(acting)) == []
    assert list(read_at_once(acting.replace("page.ev", "assert page.ev"))) == ["3: evaluate"]
    assert [found.split(":")[0] for found in pictures_read_at_once(measuring)] == ["1"]
