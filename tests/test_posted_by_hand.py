"""What a page sends and no form class reads: each such place says why nobody else's words can be lost by it.

A form class is tried with two writers (tests/test_forms_of_two.py). So whatever writes a field of something that stands
and takes it out of `request.POST` by itself would be a hole in that: it is found here by how it reads.
"""

import ast
from collections.abc import Iterator

from tests.test_forms_of_two import ROOMS
from tests.test_house import ROOT

CHOICE = "one choice among what there is, by a button or a list: no words"
NEW = "makes something new"
ACT = "one act, with what it needs to be done: nothing that stood there is written anew"
OWN = "only they write it themselves"
SEEN = "beside a form that asks: which button, which part, what its page showed"
LOOK = "looks, and writes nothing"
AUDIENCE = "what somebody outside says of themselves"
MACHINE = "no page of ours sends it"
WHY = {
    "campaigns.views.beginning._chosen": NEW,
    "campaigns.views.campaigns.resolve": CHOICE,
    "campaigns.views.charters._edit": SEEN,
    "campaigns.views.copying.follow_up": NEW,
    "campaigns.views.dry_runs._keep": NEW,
    "campaigns.views.editing.preview": LOOK,
    "campaigns.views.email_blocks._step": "steps of the editor, which asks by itself",
    "campaigns.views.email_blocks._without_scripts": "steps of the editor, which asks by itself",
    "campaigns.views.experiments._keep": SEEN,
    "campaigns.views.experiments.decide": CHOICE,
    "campaigns.views.reviewing.ask": ACT,
    "campaigns.views.reviewing.back": ACT,
    "campaigns.views.standing.when": SEEN,
    "campaigns.views.steps.approve": ACT,
    "campaigns.views.steps.verb": ACT,
    "consent.form_views.draft": SEEN,
    "consent.views.lift": ACT,
    "contacts.views.belonging.owner": CHOICE,
    "contacts.views.companies.merge": ACT,
    "contacts.views.custom_fields.act_on_field": ACT,
    "contacts.views.custom_fields.declare_field": NEW,
    "contacts.views.custom_fields.retype_field": SEEN,
    "contacts.views.drafts._keep": OWN,
    "contacts.views.drafts.draft": OWN,
    "contacts.views.drafts.draft_with_files": OWN,
    "contacts.views.duplicates.merge": ACT,
    "contacts.views.notes.mentions_seen": OWN,
    "conversations.composing.answer_way": OWN,
    "conversations.views.acts.assign": CHOICE,
    "conversations.views.acts.complaint": CHOICE,
    "conversations.views.acts.link": CHOICE,
    "conversations.views.acts.sentiment": CHOICE,
    "conversations.views.acts.snooze": CHOICE,
    "conversations.views.answering.draft": OWN,
    "conversations.views.desk.close_the_case": ACT,
    "conversations.views.desk.promise": CHOICE,
    "conversations.views.desk.tag": ACT,
    "conversations.views.drafted_files.files": OWN,
    "conversations.views.drafted_files.keep_with_draft": OWN,
    "conversations.views.inbox.conversation_context": LOOK,
    "conversations.views.learnt.use_as_shipped": CHOICE,
    "conversations.views.linking._chosen": CHOICE,
    "conversations.views.many.act_on_picked": ACT,
    "conversations.views.merging.merge": ACT,
    "conversations.views.merging.split": ACT,
    "conversations.views.ways._answered": LOOK,
    "delivery.views.emails._draft_with_files": OWN,
    "delivery.views.emails.email": OWN,
    "delivery.views.templates.test": CHOICE,
    "delivery.views_public.stop": AUDIENCE,
    "delivery.views_returns._text_call": MACHINE,
    "emails.views.kits._change_rows": SEEN,
    "emails.views.kits._page": SEEN,
    "emails.views.kits.kit": SEEN,
    "emails.views.kits.preview": LOOK,
    "emails.views.library.archive": CHOICE,
    "emails.views.library.new": NEW,
    "emails.views.offers.withdraw": CHOICE,
    "emails.views.redeeming.counter": ACT,
    "engagement.interests.views.set_rule": CHOICE,
    "imports.views.map_columns": OWN,
    "portal.acts.do_act": AUDIENCE,
    "portal.confirm_pages._answer": AUDIENCE,
    "portal.receipt_pages._handed_in": AUDIENCE,
    "portal.relationship._page": AUDIENCE,
    "portal.relationship.mail_me": AUDIENCE,
    "portal.sign_up_pages._show_or_take": AUDIENCE,
    "privacy.views._answer": ACT,
    "privacy.views._extend": ACT,
    "privacy.views._refuse": ACT,
    "segments.views.bulk._people": ACT,
    "segments.views.bulk.bulk": ACT,
    "segments.views.bulk.take_back": ACT,
    "segments.views.lists.add_people": ACT,
    "segments.views.lists.remove_person": ACT,
    "segments.views.people.keep": NEW,
    "segments.views.saved._refused": NEW,
    "segments.views.saved.change": SEEN,
    "segments.views.saved.columns": OWN,
    "segments.views.saved.save": "a new view, or that of one's own which is open",
    "segments.views.segments._builder": SEEN,
    "segments.views.segments._keep": NEW,
    "segments.views.segments.segment": SEEN,
    "segments.views.segments.suggestions": LOOK,
    "social.views.connections.activate": CHOICE,
    "workspaces.api.door.check_body": MACHINE,
    "workspaces.api.replaying.fingerprint_of": MACHINE,
    "workspaces.views.inside.change_role": CHOICE,
    "workspaces.views.inside.remove_member": CHOICE,
    "workspaces.views.notices.mail_choice": OWN,
}


def is_form(called: ast.expr) -> bool:
    """Whether it makes a form: SomeForm(…), some_form(…), form_of(kind)(…), PARTS[part](…)."""
    match called:
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return is_form(inner) or getattr(inner, "id", "") in {"form_of", "PARTS"}
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.lower().endswith("form")
    return False


def to_forms(verb: ast.AST) -> Iterator[int]:
    """Each argument that a form is made of, as it is or with an `or None` or an `if`."""
    for call in ast.walk(verb):
        if isinstance(call, ast.Call) and is_form(call.func):
            for given in [*call.args, *(one.value for one in call.keywords)]:
                match given:
                    case ast.BoolOp(values=[one, *_]) | ast.IfExp(body=one):
                        yield id(one)
                    case _:
                        yield id(given)


def read_by_hand(source: str) -> set[str]:
    """The functions that do anything with `.POST` but give it to a form."""
    verbs = [one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    found = set()
    for verb in verbs:
        given = set(to_forms(verb))
        if any(
            isinstance(one, ast.Attribute) and one.attr == "POST" and id(one) not in given for one in ast.walk(verb)
        ):
            found.add(verb.name)
    return found


def test_whatever_reads_what_was_sent_without_a_form_says_why_nobodys_words_are_lost():
    found = {
        f"{'.'.join(path.relative_to(ROOT).with_suffix('').parts)}.{name}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
        for name in read_by_hand(path.read_text())
    }

    assert found - WHY.keys() == set(), "read it by a MeanwhileForm, or say in WHY what cannot be lost by it"
    assert WHY.keys() - found == set()


def test_what_counts_as_read_by_hand():
    assert read_by_hand("def a(request): return PotForm(request.POST or None, instance=request.pot)") == set()
    assert read_by_hand("def a(request): return PotForm(request.POST if is_sent else None)") == set()
    assert read_by_hand("def a(request): return form_of(kind)(request.POST)") == set()
    assert read_by_hand("def a(request): return rename(pot, request.POST.get('name'))") == {"a"}
    assert read_by_hand("def a(request): return PotForm(request.POST.dict())") == {"a"}
    assert read_by_hand("def a(request):\n  said = request.POST\n  return PotForm(said)") == {"a"}
