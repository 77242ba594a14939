"""Forms for tests; call inside working_in."""

from itertools import count

from consent.models import FormVersion, SignUpForm
from consent.sign_up_forms.building import create_form, draft_of, publish, save_draft, write_texts
from consent.sign_up_forms.questions import Question
from consent.sign_up_forms.texts import default_texts
from tests.factories.contacts import letter

_numbers = count(1)
QUESTIONS = [
    Question("given_name"), Question("city", is_required=True), Question("Favourite tea", "choice", choices=["Oolong", "Pu-erh"]),
    Question("Cups a day", "number"), Question("Birthday", "date"), Question("Has a kettle", "yes_no"),
]  # fmt: skip


def make_form(name: str = "", *, topics=None, questions=(), languages=(), **said) -> SignUpForm:
    """A published form for the letter, in the workspace's language and in `languages`."""
    form = create_form(name or f"Tea news {next(_numbers)}", by=None)
    for language in languages:
        write_texts(form, language, default_texts(language, brand="Kettle & Co") | {"headline": f"Headline {language}"})
    topic_ids = [topic.pk for topic in topics or [letter()]]
    save_draft(form, topic_ids=topic_ids, questions=[one.as_row() for one in questions], **said)
    publish(form, by=None)
    return form


def published(form: SignUpForm) -> FormVersion:
    """The version that people see."""
    return form.versions.exclude(published_at=None).first()


__all__ = ["QUESTIONS", "draft_of", "make_form", "published"]
