"""Class names are words, every class has a rule, every rule has a user."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

from tests.test_house import ROOT, TEMPLATES, tracked

STYLES = [path for path in tracked("*.css") if path.relative_to(ROOT).parts[:2] == ("static", "css")]
SCRIPTS = [path for path in tracked("*.js") if path.relative_to(ROOT).parts[:2] == ("static", "js")]
# A letter carries its own style: those of a room lie in templates/<room>/emails. templates/emails are pages of the room.
PAGES = [path for path in TEMPLATES if "emails" not in path.relative_to(ROOT).parts[2:]]
# Modules that hand class names to templates, or write markup themselves
MARKUP = [
    path
    for path in tracked("*.py")
    if "templatetags" in path.parts
    or path.relative_to(ROOT).parts[:2] == ("lib", "charts")
    or path.name in {"panels.py", "picturing.py", "dashboards.py", "queues.py", "timeline.py", "forms_import.py"}
]
SHORTEST = 3
# Longer than that, and still no words
ABBREVIATIONS = {
    "acc",
    "btn",
    "cond",
    "conv",
    "grp",
    "inf",
    "inv",
    "itm",
    "msg",
    "num",
    "pri",
    "seg",
    "tbl",
    "txt",
    "nav",
}
FOREIGN = {
    "errorlist": "Django's own list of mistakes",
    "htmx-added": "set by htmx",
    "htmx-indicator": "set by htmx",
    "htmx-request": "set by htmx",
    "error": "a level of Django's messages",
}
WITHOUT_RULE = {
    "all": "how the lines of a group are joined; `any` and `none` look different, this does not",
}
DJANGO = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
ATTRIBUTE = re.compile(r"class=\"((?:{%.*?%}|{{.*?}}|[^\"])*)\"", re.DOTALL)
NAME = re.compile(r"[a-zA-Z][\w-]*")


def styled() -> dict[str, str]:
    """Every class that a selector names, and the file where."""
    found = {}
    for path in STYLES:
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        for selector in re.findall(r"([^{};]+){", text):
            if not selector.strip().startswith("@"):
                found |= dict.fromkeys(re.findall(r"\.([a-zA-Z][\w-]*)", selector), str(path.relative_to(ROOT)))
    return found


def worn() -> dict[str, str]:
    """Every class that stands in a class attribute, of a template or of markup in Python, and the file where.

    What is filled in (`steps-{{ count }}`) leaves its beginning: `steps-`.
    """
    found = {}
    for path in PAGES:
        text = path.read_text()
        for value in [*ATTRIBUTE.findall(text), *re.findall(r"{% block \w+_class %}(.*?){% endblock", text)]:
            found |= dict.fromkeys(NAME.findall(DJANGO.sub(" ", value)), str(path.relative_to(ROOT)))
    for path in MARKUP:
        for text in strings(path):
            for value in re.findall(r"class=\"([^\"]*)\"", text):
                named = NAME.findall(re.sub(r"{.*?}", " ", value))
                found |= dict.fromkeys(named, str(path.relative_to(ROOT)))
    return found


def strings(path: Path) -> list[str]:
    """Every string in a module that is no docstring."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    docs = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    constants = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in docs]
    return [node.value for node in constants if isinstance(node.value, str)]


def said() -> set[str]:
    """Every word that a template tag, a module with markup or a script could hand over as a class."""
    words: set[str] = set()
    for path in PAGES:
        text = path.read_text()
        words |= set(NAME.findall(" ".join(re.findall(r"\"([\w -]*)\"", " ".join(DJANGO.findall(text))))))
        if path.stem.endswith("_class"):
            words |= set(NAME.findall(DJANGO.sub(" ", text)))
    for path in MARKUP:
        words |= set(NAME.findall(" ".join(strings(path))))
    for path in SCRIPTS:
        given = re.findall(r"(?:classList\.\w+\(|\"class\", )[\"']([\w -]+)|[\"'`(, ]\.([\w-]+)", path.read_text())
        words |= set(NAME.findall(" ".join(map(" ".join, given))))
    return words


def is_begun(name: str, words: Iterable[str]) -> bool:
    """`level-3` by `level-`, of which the end is filled in."""
    return any(word.endswith("-") and name.startswith(word) for word in words)


def test_there_are_classes_to_look_at():
    assert len(styled()) > 200
    assert len(worn()) > 200


def test_every_class_name_is_made_of_words():
    odd = {
        name: where
        for name, where in (styled() | worn()).items()
        for word in name.rstrip("-").split("-")
        if (len(word) < SHORTEST and not word.isdigit()) or word in ABBREVIATIONS
    }

    assert odd == {}


def test_every_class_has_a_rule():
    rules = styled()
    scripts = "\n".join(path.read_text() for path in SCRIPTS)
    bare = {
        name: where
        for name, where in worn().items()
        if name not in rules
        and name not in WITHOUT_RULE
        and f".{name}" not in scripts
        and not (name.endswith("-") and any(is_begun(rule, [name]) for rule in rules))
    }

    assert bare == {}


def test_every_rule_has_a_user():
    used = set(worn()) | said() | set(FOREIGN)
    dead = {name: where for name, where in styled().items() if name not in used and not is_begun(name, used)}

    assert dead == {}


def test_a_component_stands_in_a_file_of_its_name():
    """What styles.html lists is there, and what is there is listed somewhere."""
    named = set()
    for path in TEMPLATES:
        named |= set(re.findall(r"{% static \"(css/[\w/]+\.css)\" %}", path.read_text()))

    assert named == {str(path.relative_to(ROOT / "static")) for path in STYLES}
