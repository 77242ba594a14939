"""Browser tests wait for what they read: after a click, the page may still be on its way, or half there."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PLACE = Path(__file__).parent / "browser"
AT_ONCE = {"all", "all_inner_texts", "all_text_contents", "content", "count", "inner_html", "inner_text"}
AT_ONCE |= {"is_checked", "is_hidden", "is_visible", "text_content", "title"}
WAITS = {"expect", "goto", "reload"}


def read_at_once(code: str) -> Iterator[str]:
    """Every look at the page between a click and the next wait, as "line: what"."""
    for function in (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FunctionDef)):
        clicked = False
        called = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
        for call in sorted(called, key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name == "click":
                clicked = True
            elif name in WAITS or name.startswith("wait_"):
                clicked = False
            elif clicked and name in AT_ONCE and _is_of_page(call):
                yield f"{call.lineno}: {name}"


def _is_of_page(call: ast.Call) -> bool:
    """Not a function of the test's own, nor rows of a model."""
    return isinstance(call.func, ast.Attribute) and not ast.unparse(call).split(".")[0].istitle()


@pytest.mark.parametrize("path", sorted(PLACE.glob("*.py")), ids=lambda path: path.stem)
def test_nothing_is_read_at_once_after_a_click(path):
    assert list(read_at_once(path.read_text())) == []


def test_a_look_right_after_a_click_is_found():
    code = "def test(page):\n    page.click('a')\n    assert page.locator('li').all_inner_texts() == []\n"

    assert list(read_at_once(code)) == ["3: all_inner_texts"]
    assert list(read_at_once(code.replace("assert", "expect(page); assert"))) == []
