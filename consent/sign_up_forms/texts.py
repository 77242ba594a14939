"""What a form says, in each of its languages: the texts one may write, and what stands there until somebody does.

A text is plain: what looks like markup or a template's tag is shown as it is written. `{topics}` and `{day}` in the
email become what was ticked, and when.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from consent.models import FormVersion

ON_THE_PAGE, WHEN_ASKED, IN_THE_EMAIL = "page", "asked", "email"


@dataclass(frozen=True)
class FormText:
    """One text of a form. `rows` of 1 is a line; `is_needed`: no version is published without it."""

    name: str
    label: str | Promise
    place: str
    length: int
    rows: int = 1
    is_needed: bool = False
    help: str | Promise = ""


TEXTS = (
    FormText("headline", gettext_lazy("Headline"), ON_THE_PAGE, 120, is_needed=True),
    FormText("intro", gettext_lazy("Introduction"), ON_THE_PAGE, 1_000, 3),
    FormText("gives", gettext_lazy("They get"), ON_THE_PAGE, 600, 3, help=gettext_lazy("One promise a line.")),
    FormText("asks", gettext_lazy("We ask"), ON_THE_PAGE, 300, 2),
    FormText("button", gettext_lazy("Button"), ON_THE_PAGE, 40, is_needed=True),
    FormText(
        "wording",
        gettext_lazy("Consent wording"),
        WHEN_ASKED,
        1_000,
        3,
        is_needed=True,
        help=gettext_lazy("The sentence they agree to. It is kept with each consent as it was shown."),
    ),
    FormText("thanks", gettext_lazy("After they confirmed"), WHEN_ASKED, 600, 2),
    FormText("mail_subject", gettext_lazy("Subject"), IN_THE_EMAIL, 150, is_needed=True),
    FormText(
        "mail_text",
        gettext_lazy("Text"),
        IN_THE_EMAIL,
        2_000,
        4,
        is_needed=True,
        help=gettext_lazy("{topics} and {day} become what they ticked, and when. The link to confirm stands below it."),
    ),
    FormText("mail_button", gettext_lazy("Link to confirm"), IN_THE_EMAIL, 60, is_needed=True),
)
BY_NAME = {one.name: one for one in TEXTS}


def default_texts(language: str, *, brand: str) -> dict[str, str]:
    """The texts of a new form, in this language."""
    with override(language):
        return {
            "headline": _("News from %(brand)s") % {"brand": brand},
            "button": _("Sign up"),
            "wording": _(
                "I agree that %(brand)s emails me about the topics I ticked. I can take this back at any time, by the"
                " link in every email."
            )
            % {"brand": brand},
            "thanks": _("You are in. The next email comes by itself."),
            "mail_subject": _("Was this you? One click and you are in"),
            "mail_text": _(
                "You asked for {topics} on {day}.\n\nConfirm it with one click. If it was not you, do nothing: we forget"
                " this address."
            ),
            "mail_button": _("Yes, this was me"),
        }


def languages_of(version: FormVersion, first: str) -> list[str]:
    """The languages a version speaks, the form's own first."""
    said = [language for language, texts in version.texts.items() if any(texts.values())]
    return sorted(said, key=lambda one: (one != first, one))


def texts_in(version: FormVersion, language: str, first: str) -> Mapping[str, str]:
    """Every text in this language, "" where nothing is said; the form's own language for one that it does not speak."""
    said = version.texts.get(language) or version.texts.get(first) or {}
    return {one.name: str(said.get(one.name) or "") for one in TEXTS}


def missing_texts(texts: Mapping[str, str]) -> list[FormText]:
    """Those without which nothing is published."""
    return [one for one in TEXTS if one.is_needed and not str(texts.get(one.name) or "").strip()]
