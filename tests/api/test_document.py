"""The document says what the API does: every answer fits it, nothing makes it fail, every verb has its door."""

import inspect
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from ninja import Schema
from schemathesis.checks import load_all_checks
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import response_schema_conformance

from contacts.editing import create_contact
from contacts.models import DuplicatePair
from ecrm.wsgi import application
from imports.models import ImportRun
from segments.models import Segment
from tests.machines import machine_of
from workspaces.api.document import document
from workspaces.api.reference import chapters_of
from workspaces.current import working_in

load_all_checks()
ROOT = Path(__file__).parent.parent.parent
OPERATIONS = sorted((path, method) for path, methods in document()["paths"].items() for method in methods)


@pytest.fixture
def one_connection():
    """As Django's own test client does it: the end of a request does not end the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def machine(kettle, settings, one_connection, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.ECRM_API_REQUESTS_A_MINUTE = 1_000_000
    with working_in(kettle):
        people = [create_contact(by=None, name=f"Greta {n}", email=f"g{n}@tea.example") for n in range(3)]
        DuplicatePair.objects.create(left=people[0], right=people[1], score_milli=800)
        Segment.objects.create(name="All", rule={"all": []})
        ImportRun.objects.create(file_name="a.csv", path="/nowhere", mapping={"Email": "email"})
    return machine_of(kettle)


def test_the_document_is_for_everybody_and_says_what_is_asked_for(client, db):
    said = client.get("/api/v1/openapi.json")

    assert (said.status_code, said["Content-Type"]) == (200, "application/json")
    assert said.json()["openapi"] == "3.1.0"
    assert said.json()["paths"].keys() == document()["paths"].keys()
    ids = [operation["operationId"] for methods in said.json()["paths"].values() for operation in methods.values()]
    assert len(ids) == len(set(ids)) == len(OPERATIONS)
    assert all(one.isidentifier() for one in ids)


def test_every_reference_of_the_document_leads_somewhere():
    said = document()

    def walk(node):
        if isinstance(node, dict):
            if "$ref" in node:
                target = said
                for part in node["$ref"].removeprefix("#/").split("/"):
                    target = target[part]
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(said)


def test_to_write_is_not_to_read():
    """Whatever answers with what is known of people needs the scope that reads it."""
    said = document()
    tells = {
        "Contact": "contacts:read",
        "ExplanationShape": "contacts:read",
        "TrackingShape": "consents:read",
    }

    def shapes(node, seen):
        if isinstance(node, dict):
            name = node.get("$ref", "").rpartition("/")[2]
            if name and name not in seen:
                seen.add(name)
                shapes(said["components"]["schemas"].get(name, {}), seen)
            for child in node.values():
                shapes(child, seen)
        elif isinstance(node, list):
            for child in node:
                shapes(child, seen)
        return seen

    found = set()
    for methods in said["paths"].values():
        for operation in methods.values():
            good = [answer for code, answer in operation["responses"].items() if code.startswith("2")]
            told = shapes(good, set())
            found |= told & tells.keys()
            lacks = {tells[name] for name in told & tells.keys()} - set(operation["x-scopes"])
            assert not lacks, operation["operationId"]
    assert found == tells.keys()


def test_the_reference_page_shows_every_operation_and_asks_nobody_else(client, db):
    page = client.get("/api/v1/").text

    assert [
        entry.id for chapter in chapters_of(document()) for entry in chapter.entries if f'id="{entry.id}"' not in page
    ] == []
    assert '<script src="http' not in page
    assert "api/v1/contacts?email=" in page


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_nothing_that_is_sent_makes_it_fail_and_every_answer_fits(machine, path, method):
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    schema.config.update(base_url="http://localhost/api/v1")
    operation = schema[path][method.upper()]
    head = {"Authorization": f"Bearer {machine.key}", "Accept-Encoding": "identity"}
    seen = []

    @settings(max_examples=12, deadline=None, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given_cases(operation)
    def ask(case):
        answer = case.call(headers=head)
        seen.append(answer.status_code)
        assert answer.status_code < 500, answer.text
        case.validate_response(answer, checks=[response_schema_conformance], headers=head)
        assert str(answer.status_code) in operation.definition.raw["responses"]

    ask()
    assert seen


def given_cases(operation):
    from hypothesis import given
    from hypothesis import strategies as st

    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    bad = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    return given(case=st.one_of(good, bad) if operation.definition.raw.get("requestBody") else good)


# --- Every verb has its door -----------------------------------------------------------------------------------------
# Public functions of these rooms that change something: each is called by an operation (its name stands in the room's
# api package), or says here why a machine has no use for it.

ROOMS = ("contacts", "consent", "privacy", "segments", "imports", "conversations", "social")
CHANGES = ("add_", "begin", "bring_", "change_", "close_", "copy_", "create_", "drop_", "edit_", "end_", "enrich", "fill",
           "find_duplicates", "forget", "give_", "hold", "index_", "keep_", "launch", "lift_", "link_", "load_", "mark_",
           "merge_", "open_stage", "part", "pause", "plan_", "read_anew", "recheck", "refresh", "remove", "request_",
           "resolve", "reveal", "run_", "settle_", "stop_", "suppress", "tell_", "undo_", "unlink_", "use_", "withdraw_",
           "write_", "audit_", "search_tonight", "agree_", "answer", "assign", "check_identity", "delete_", "erase_", "extend",
           "open_request", "refuse", "replay_", "say_", "want_")  # fmt: skip
NO_DOOR = {
    "the privacy desk: somebody looks who it is, decides, and a second one confirms": [
        "privacy.*", "consent.personal_data.*", "contacts.personal_data.*", "segments.personal_data.*",
        "imports.personal_data.*", "conversations.personal_data.*", "conversations.forwards.personal_data.*",
    ],
    "notes are written by people who are named": ["contacts.noting.*"],
    "what somebody is typing is theirs alone until they send it": ["contacts.drafting.*", "conversations.answers.drafting.*", "conversations.answers.drafted_files.*"],
    "what networks bring and take, what follows from it, and what is told of it": [
        "conversations.events.*", "conversations.mentions.finds.*", "conversations.mentions.joining.*", "conversations.inbox.live.*",
        "conversations.recording_mentions.*", "conversations.authors.telling_authors.*", "conversations.telling_members.*",
        "conversations.service_levels.reminding.tell_gone",
        "conversations.naming.tell_named", "conversations.conversation_state.refresh",
        "conversations.authors.authoring.link_known_authors", "conversations.authors.shared_senders.part_shared", "social.networks.*",
        "conversations.forwards.addresses.*", "conversations.answers.canned_replies.fill_in", "conversations.attaching.forget_bytes",
        "conversations.mentions.came_along.keep_files", "social.stream_places.*", "social.tasks.end_streams",
        "conversations.tasks.tell_promises",
    ],
    "part of a verb that has a door": [
        "conversations.merges.drafts.*", "conversations.merges.state.*", "conversations.merges.threads.*",
        "conversations.merges.merging.part_from_others", "conversations.answers.replying.mark_answered",
        "conversations.authors.complaining.*", "conversations.assigning.answerers", "conversations.assigning.mark_spam", "conversations.composing.answer_way",
    ],
    "a member looks at the person, at the evidence and at what went wrong, and answers for what follows": [
        "conversations.authors.authoring.link_author", "conversations.authors.shared_senders.tell_who",
        "conversations.assigning.hold_complaint", "conversations.assigning.resolve_complaint",
    ],
    "teams and secrets are settings": ["conversations.teams.*", "conversations.urgency.*", "social.secrets.*", "conversations.learning_feelings.*"],
    "what came back decides it, and nobody by hand": ["consent.holding.*", "consent.suppressing.lift_bounce"],
    "for sets: an operation calls it, or its sibling for one, through another verb of the room": [
        "contacts.loading.*", "contacts.companies.loading.*", "contacts.history.saying.keep_changes", "contacts.merging.*",
        "contacts.history.accounts.keep_account",
        "contacts.reaching.use_addresses", "contacts.searching.*",
        "contacts.companies.searching.*", "contacts.sharing.use_shared",
        "imports.sharing.*",
        "consent.consenting.give_all", "consent.consenting.withdraw_all", "consent.suppressing.suppress",
        "consent.suppressing.suppress_all", "consent.consenting.tell_*", "consent.consenting.keep_wording", "consent.suppressing.tell_of_addresses",
        "contacts.duplicates.deciding.hold", "contacts.duplicates.finding.keep_pairs",
        "consent.tracking.say_tracking_for_all", "consent.tracking.undo_tracking", "consent.tracking.undo_tracking_words",
    ],
    "many people are let go on the page that shows who they are, and for a day it can be taken back": [
        "consent.ending.end_consents",
    ],
    "the work of the agenda, which nobody asks for": [
        "conversations.authors.forgetting.*", "conversations.giving.*", "conversations.mentions.tombstones.*", "conversations.learnt_engine.*",
        "contacts.companies.following.*", "contacts.long_changes.*", "consent.holding.*",
        "imports.belonging.*", "consent.settling.*", "segments.members.*",
        "contacts.duplicates.finding.plan_search", "contacts.duplicates.finding.search_tonight",
        "contacts.duplicates.finding.find_duplicates", "imports.running.*", "imports.tasks.*", "imports.twins.*",
        "imports.writing.*", "imports.reporting.*", "imports.agreeing.*", "imports.recognising.*", "imports.differing.*",
        "imports.undoing.*", "imports.spreadsheets.*", "imports.vcards.*", "imports.facts.*",
    ],
    "of the conversation or the page with somebody, not of a machine": [
        "contacts.complaints.close_complaint", "contacts.showing.reveal",
        "conversations.inbox.quiet_polls.*", "conversations.templatetags.conversation_acts.answer_by",
    ],
    "the builder changes a rule before it is kept; a machine reads segments": ["segments.builder.drafting.*"],
    "of the page with the list of people: its filters, columns and views; a machine asks for contacts by filters": [
        "segments.people.filters.*", "segments.people.columns.*", "segments.people.saved.*", "segments.people.keeping.*",
    ],
    "the command line's own": ["imports.starting.copy_file"],
    "a machine says at the start what its columns mean": ["imports.starting.read_anew"],
    "a form is built and published on its page, and people ask by it themselves": [
        "consent.sign_up_forms.*", "consent.requesting.request_consent",
    ],
    "brought by founding a workspace": ["consent.default_topics.*", "conversations.answers.default_replies.*"],
    "the rules of the workspace are settings, and a person's": ["consent.rules.*"],
}  # fmt: skip


def verbs():
    """Every public function of the rooms that changes something by its name, as room.module.name."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if {"migrations", "api", "views", "management", "sql", "leaf_types", "steps", "presets", "models"} & set(
                parts
            ):
                continue
            if parts[-1].startswith("views") or parts[-1] in {
                "admin",
                "room",
                "apps",
                "__init__",
                "urls",
                "models",
                "forms",
            }:
                continue
            module = import_module(".".join(parts))
            for name, one in vars(module).items():
                if inspect.isfunction(one) and one.__module__ == module.__name__ and name.startswith(CHANGES):
                    yield f"{module.__name__}.{name}"


def called_by_operations():
    """Names that the rooms' api packages use, as words."""
    import re

    text = "\n".join(path.read_text() for room in ROOMS for path in (ROOT / room / "api").glob("*.py"))
    return set(re.findall(r"\b\w+\b(?=\()", text))


def test_every_verb_of_the_rooms_has_a_door_or_a_reason():
    from fnmatch import fnmatch

    called, found = called_by_operations(), list(verbs())
    excused = [pattern for patterns in NO_DOOR.values() for pattern in patterns]
    without = [
        verb for verb in found
        if verb.rpartition(".")[2] not in called and not any(fnmatch(verb, pattern) for pattern in excused)
    ]  # fmt: skip

    assert len(found) > 60
    assert without == []
    assert [pattern for pattern in excused if not any(fnmatch(verb, pattern) for verb in found)] == []


def test_no_two_shapes_have_one_name():
    """The document holds each shape under its name alone: of two, one would be told as the other."""
    names = [one.__name__ for one in _kinds_of(Schema) if not one.__module__.startswith("ninja")]
    twice = [name for name, count in Counter(names).items() if count > 1 and name != "NinjaResponseSchema"]

    assert twice == []


def _kinds_of(base: type) -> set[type]:
    below = set(base.__subclasses__())
    return below.union(*(_kinds_of(one) for one in below))
