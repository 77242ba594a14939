"""The house stays in shape: sizes, names, arrows kept where a linter does not look."""

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from django.template.loader import get_template

from ecrm.flow import ROOMS as FLOW

ROOT = Path(__file__).parent.parent
ROOMS = ["ecrm", "lib", *(room.name for room in FLOW)]
ROOM_MODULES = 60
# Segments holds two things: rules, and the list of people, which is an unsaved segment and lives in a package of its own.
# Contacts has a package for each of duplicates, custom fields, companies and long changes, and one for what its API says.
# Delivery is the engine and its pace, content, messengers, emails to one person, tracking, what comes back, bounces.
# Imports reads three kinds of files; each program whose exports it knows is a module, and orders and visits are a package.
# Emails is five: blocks, the brand's look with its pictures, starting templates, the lint for mail clients, the library.
# Conversations is mentions, authors, answers, forwards, merges, service levels and the inbox, each a package, and the engines
# that read feelings and wishes, with the training of their weights and three commands; a workspace's words of danger are a row,
# a verb, a form and a page.
# Workspaces tells members in three ways: in the product, in their browsers, by mail. Lib has what web push is to anybody, and
# the one way out of what the product mails by itself.
# Social has a few modules for each network: asking, reading, writing, pictures; one class of a kind per file.
# Backstage is four: the two commands, the demo, the operator's commands (migrating is one of them), help.
MORE_MODULES = {
    "segments": 90,
    "contacts": 100,
    "delivery": 140,
    "imports": 90,
    "backstage": 84,
    "messengers": 75,
    "campaigns": 112,
    "emails": 120,
    "conversations": 144,
    "workspaces": 71,
    "social": 83,
    "lib": 77,
}
# How many of them stand at a room's top, beside its packages.
FLAT_MODULES = 40
MODULE_LINES, FUNCTION_LINES, TEMPLATE_LINES, PARTIAL_LINES = 300, 40, 160, 60
TEMPLATE_COLUMNS = 120
FORBIDDEN = {"services", "utils", "helpers", "managers", "selectors", "mixins", "common", "core"}


def tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", pattern], cwd=ROOT, capture_output=True, text=True, check=False
    )
    found = [ROOT / line for line in listed.stdout.splitlines()]
    return [path for path in found if path.is_file()] or list(ROOT.glob(f"**/{pattern}"))


MODULES = [path for path in tracked("*.py") if "migrations" not in path.parts and ".venv" not in path.parts]
OURS = [path for path in MODULES if path.relative_to(ROOT).parts[0] in ROOMS]
TEMPLATES = [path for path in tracked("*.html") if "templates" in path.parts]
MAILS = [path for path in tracked("*.txt") if "templates" in path.parts]


def test_there_is_something_to_measure():
    assert len(OURS) > 150
    assert len(TEMPLATES) > 60


def test_no_module_is_longer_than_three_screens():
    long = {
        str(path.relative_to(ROOT)): n for path in MODULES if (n := len(path.read_text().splitlines())) > MODULE_LINES
    }

    assert {name: n for name, n in long.items() if not name.startswith("tests/")} == {}


def test_no_room_is_crowded():
    sizes = Counter(path.relative_to(ROOT).parts[0] for path in OURS if path.name != "__init__.py")

    assert set(sizes) == set(ROOMS)
    assert {room: n for room, n in sizes.items() if n > MORE_MODULES.get(room, ROOM_MODULES)} == {}


def test_no_room_is_a_heap():
    """Whoever opens a room sees its themes, not all its modules."""
    tops = Counter(
        path.relative_to(ROOT).parts[0] for path in OURS if path.parent.parent == ROOT and path.name != "__init__.py"
    )

    assert {room: n for room, n in tops.items() if n > FLAT_MODULES} == {}


def test_no_function_is_longer_than_a_screen():
    long = []
    for path in OURS:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno + 1 > FUNCTION_LINES:
                long.append((str(path.relative_to(ROOT)), node.name, node.end_lineno - node.lineno + 1))

    assert long == []


def test_no_template_or_partial_is_crowded():
    crowded = []
    for path in TEMPLATES:
        text = path.read_text()
        if len(text.splitlines()) > TEMPLATE_LINES:
            crowded.append(str(path.relative_to(ROOT)))
        for part in re.findall(r"{% partialdef .*?{% endpartialdef", text, re.DOTALL):
            if len(part.splitlines()) > PARTIAL_LINES:
                crowded.append(f"{path.relative_to(ROOT)}#{part.split()[2]}")

    assert crowded == []


def test_no_form_stands_in_a_paragraph():
    """A browser ends the paragraph before the form: what should stand beside it stands below."""
    paragraph = re.compile(r"<p\b[^>]*>(?:(?!</p>).)*?(?:<form\b|\{% act )", re.DOTALL)

    assert [str(path.relative_to(ROOT)) for path in TEMPLATES if paragraph.search(path.read_text())] == []


def test_a_line_of_a_template_holds_one_element_and_ends_in_sight():
    """A size that is kept by packing is not kept. djangofmt lays the lines out; this looks at mails in plain text too."""
    long = [
        f"{path.relative_to(ROOT)}:{number} ({len(line)})"
        for path in [*TEMPLATES, *MAILS]
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > TEMPLATE_COLUMNS
    ]

    assert long == []


def test_no_module_has_a_name_that_says_nothing():
    assert [
        str(path) for path in OURS if path.stem in FORBIDDEN or FORBIDDEN & set(path.relative_to(ROOT).parts[:-1])
    ] == []


def test_only_flow_connects_news():
    signals = re.compile(
        r"^(touchpoints_recorded|contacts_changed|contacts_loaded|contacts_made|consent_changed|contacts_linked|segments_moved|workspace_founded)\.connect",
        re.MULTILINE,
    )
    assert [str(p.relative_to(ROOT)) for p in OURS if signals.search(p.read_text()) and p.name != "flow.py"] == []


@pytest.mark.parametrize("word", ["mark_safe(", "|safe", "csrf_exempt"])
def test_dangerous_words_stand_only_where_they_are_meant(word):
    allowed = {
        "csrf_exempt": {
            "touchpoints/api/views.py",
            "portal/relationship.py",
            "portal/sign_up_pages.py",
            "portal/confirm_pages.py",
            "portal/receipt_pages.py",
            "delivery/views_public.py",
            "delivery/views_returns.py",
            "messengers/views_public.py",
            "social/hooks.py",
            "workspaces/views/notice_browsers.py",  # a browser that moved proves itself by its own secret
            "lib/asked.py",  # asks who is, exempts nobody
        },
        "mark_safe(": {"lib/templatetags/look.py", "engagement/four.py"},  # constant shapes of our own
        "|safe": {
            "templates/mfa/totp/activate_form.html",  # our own drawing of the key
            "templates/components/field.html",  # help texts of our forms, as Django's own templates do
            "templates/delivery/email.html",  # an email already made of escaped parts
            "templates/delivery/email_personal.html",  # the same
        },
    }[word]
    found = {str(p.relative_to(ROOT)) for p in [*OURS, *TEMPLATES] if word in p.read_text()}

    assert {name for name in found if not any(name.startswith(one) for one in allowed)} == set()


def test_no_inline_style_or_handler_in_a_page():
    bad = re.compile(r"""\s(style|on(click|change|submit|load))=["']""")
    mails = {path for path in TEMPLATES if path.name.startswith("email") and "delivery" in path.parts}

    assert [str(p.relative_to(ROOT)) for p in TEMPLATES if p not in mails and bad.search(p.read_text())] == []


def test_the_changelog_and_readme_are_there():
    for name in (
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "Dockerfile",
        "docker-compose.yml",
        "uv.lock",
        "docs/deploy.md",
    ):
        assert (ROOT / name).stat().st_size > 100


def imported_by(path: Path, modules: dict[str, Path]) -> set[str]:
    """Every module of ours that this one imports: at its top, inside functions, for type checking only."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules else node.module for name in names}
    return found & modules.keys()


def test_no_two_modules_of_a_room_import_each_other_in_a_circle():
    rooms = {path.parent for path in ROOT.glob("*/apps.py")}
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in MODULES
        if any(room in path.parents for room in rooms)
    }
    imports = {name: imported_by(path, modules) - {name} for name, path in modules.items()}

    def reached_from(name: str) -> set[str]:
        seen: set[str] = set()
        waiting = list(imports[name])
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += imports[one]
        return seen

    reached = {name: reached_from(name) for name in modules}
    circles = {name: sorted(one for one in reached[name] if name in reached[one]) for name in modules}

    assert len(modules) > 200
    assert {name: circle for name, circle in circles.items() if circle} == {}


def test_a_template_takes_in_only_templates_that_exist():
    """A page that is seldom opened would answer 500 after a move."""
    for path in [*TEMPLATES, *MAILS]:
        for name in re.findall(r'{% (?:include|extends) "([^"#]+)', path.read_text()):
            get_template(name)


def test_there_is_one_clock():
    """lib.clock.now, so that what time means is said, frozen and tested in one place."""
    asks = re.compile(r"timezone\.now\b|datetime\.(now|utcnow|today)\b|date\.today\b")
    asking = [str(path.relative_to(ROOT)) for path in OURS if asks.search(path.read_text())]

    assert asking == ["lib/clock.py"]


def test_real_inputs_are_looked_for_at_one_place_and_may_be_absent():
    """A public clone has none: whoever reads them asks tests/inputs.py, which skips, and CI runs it without them."""
    asking = [path for path in (ROOT / "tests").rglob("*.py") if '"shared"' in path.read_text()]

    assert {str(path.relative_to(ROOT)) for path in asking} == {"tests/inputs.py", "tests/test_house.py"}
