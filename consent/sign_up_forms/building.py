"""Building a form: a draft that changes, versions that stand for ever, an archive from which it can come back."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from consent.models import FormVersion, SignUpForm, Topic
from consent.sign_up_forms.questions import MOST_QUESTIONS, Question, read_questions
from consent.sign_up_forms.texts import default_texts, languages_of, missing_texts
from lib.clock import now
from workspaces.auditing import audit
from workspaces.current import current_workspace
from workspaces.models import User

SAID = ("texts", "questions", "topic_ids", "asks_tracking", "role", "tag")


class NotReadyError(ValueError):
    """A draft that cannot be published yet; `reasons` say what is missing."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = list(reasons)


@transaction.atomic
def create_form(name: str, *, by: User | None, language: str = "", slug: str = "") -> SignUpForm:
    """A form with a draft that says what a form usually says. Its address is made of its name, and free."""
    workspace = current_workspace()
    language = language or workspace.locale
    form = SignUpForm.objects.create(name=name, slug=free_slug(slug or name), language=language)
    topics = list(Topic.objects.filter(is_private=False).values_list("pk", flat=True)[:1])
    texts = {language: default_texts(language, brand=workspace.name)}
    questions = [Question("given_name").as_row()]
    FormVersion.objects.create(form=form, texts=texts, questions=questions, topic_ids=topics)
    audit("form.created", by=by, target=form)
    return form


@transaction.atomic
def save_settings(form: SignUpForm, *, by: User | None, **facts: Any) -> SignUpForm:
    """Name, address, language, sites and days of a form; what is not named stays."""
    changed = [name for name, value in facts.items() if getattr(form, name) != value]
    for name in changed:
        setattr(form, name, facts[name])
    if changed:
        form.save(update_fields=changed)
        audit("form.edited", by=by, target=form, fields=changed)
    return form


@transaction.atomic
def save_draft(form: SignUpForm, **said: Any) -> FormVersion:
    """Change the draft: any of SAID. Locks it. What people see stays as it is."""
    draft = FormVersion.objects.select_for_update().get(form=form, number=0)
    for name, value in said.items():
        setattr(draft, name, value)
    draft.save(update_fields=list(said))
    return draft


def write_texts(form: SignUpForm, language: str, texts: Mapping[str, str]) -> FormVersion:
    """The draft's texts in one language."""
    return save_draft(form, texts={**draft_of(form).texts, language: dict(texts)})


@transaction.atomic
def publish(form: SignUpForm, *, by: User | None) -> FormVersion:
    """The draft is what people see from now on, as a version that never changes. NotReadyError.

    May be repeated: a draft that says what the newest version says makes no other one. Locks the draft.
    """
    draft = FormVersion.objects.select_for_update().get(form=form, number=0)
    if reasons := reasons_against(form, draft):
        raise NotReadyError(reasons)
    newest = newest_version(form)
    if newest is not None and not differs(draft, newest):
        return newest
    number = 1 + (FormVersion.objects.filter(form=form).aggregate(last=Max("number"))["last"] or 0)
    said = {name: getattr(draft, name) for name in SAID}
    version = FormVersion.objects.create(
        form=form, number=number, published_at=now(), published_by_id=by.pk if by else None, **said
    )
    audit("form.published", by=by, target=form, version=number)
    return version


@transaction.atomic
def archive(form: SignUpForm, *, by: User | None) -> None:
    """Nobody can sign up by it any more; links in emails that are under way still work. May be repeated."""
    if SignUpForm.objects.filter(pk=form.pk, archived_at=None).update(archived_at=now()):
        audit("form.archived", by=by, target=form)


@transaction.atomic
def bring_back(form: SignUpForm, *, by: User | None) -> None:
    """An archived form stands again where it stood. May be repeated."""
    if SignUpForm.objects.filter(pk=form.pk).exclude(archived_at=None).update(archived_at=None):
        audit("form.brought_back", by=by, target=form)


def draft_of(form: SignUpForm) -> FormVersion:
    """What is being written."""
    return FormVersion.objects.get_or_create(form=form, number=0)[0]


def hold_draft(form: SignUpForm) -> FormVersion:
    """What is being written, which nobody else changes until the transaction ends."""
    return FormVersion.objects.select_for_update(no_key=True).get(pk=draft_of(form).pk)


def newest_version(form: SignUpForm) -> FormVersion | None:
    """What people see, None while nothing was published."""
    return FormVersion.objects.filter(form=form).exclude(published_at=None).order_by("-number").first()


def differs(one: FormVersion, other: FormVersion) -> bool:
    """Whether they say, ask or do something else."""
    return any(getattr(one, name) != getattr(other, name) for name in SAID)


def reasons_against(form: SignUpForm, draft: FormVersion) -> list[str]:
    """Why this draft cannot be published, in words; none when it can."""
    reasons = []
    if form.language not in languages_of(draft, form.language):
        reasons.append(_("It says nothing in its own language yet."))
    for language in languages_of(draft, form.language):
        reasons += [
            _("“%(text)s” is empty (%(language)s).") % {"text": one.label, "language": language.upper()}
            for one in missing_texts(draft.texts[language])
        ]
    if not topics_offered(draft):
        reasons.append(_("Choose at least one topic."))
    if len(read_questions(draft.questions)) > MOST_QUESTIONS:
        reasons.append(_("A form asks %(most)s questions at most.") % {"most": MOST_QUESTIONS})
    return reasons


def topics_offered(version: FormVersion) -> list[Topic]:
    """The topics one may tick; private ones are never listed."""
    return list(Topic.objects.filter(pk__in=version.topic_ids, is_private=False))


def free_slug(wanted: str, form: SignUpForm | None = None) -> str:
    """An address that no other form of the workspace has, as near to these words as can be."""
    base = slugify(wanted)[:50] or "form"
    taken = set(SignUpForm.objects.exclude(pk=form.pk if form else 0).values_list("slug", flat=True))
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug
