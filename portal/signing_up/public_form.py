"""The form as people fill it in, made of a version: their address, its questions, its topics. Errors say what to do."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from consent.models import FormVersion, Topic
from consent.sign_up_forms.building import topics_offered
from consent.sign_up_forms.questions import answer_field, answer_of, read_questions
from contacts.addresses import BadAddressError, normalise_email
from lib.foreign.cleaning import has_surrogates
from portal.preferences import MEASURED
from portal.signing_up.submitting import Asked
from workspaces.current import current_workspace
from workspaces.tracking_mode import TrackingMode

TRAP = "website"  # nobody sees it; whoever fills it in is no person
LONGEST_TYPED = 320


class PublicForm(forms.Form):
    """One version of a form, in the language that is active."""

    email = forms.CharField(
        label=_lazy("Email"),
        max_length=LONGEST_TYPED,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email", "class": "field big"}),
    )

    def __init__(self, version: FormVersion, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id="%s", use_required_attribute=True, **kwargs)
        self.topics = topics_offered(version)
        self.questions = read_questions(version.questions)
        for number, question in enumerate(self.questions):
            self.fields[f"q{number}"] = _dressed(answer_field(question), question.name)
        if self.asks_topics:
            self.fields["topic"] = forms.MultipleChoiceField(
                label=_("I want"),
                choices=[(topic.key, topic.name) for topic in self.topics],
                error_messages={"required": _("Tick at least one.")},
            )
        if version.asks_tracking and current_workspace().tracks_mail:
            self.fields["tracking"] = forms.TypedChoiceField(
                label=_("May we see whether you open our emails?"),
                choices=[(int(mode), words) for mode, words in reversed(MEASURED.items())],
                widget=forms.RadioSelect,
                required=False,
                coerce=int,
                empty_value=None,
                help_text=_("If you skip this, it stays as usual: %(usual)s")
                % {"usual": MEASURED[TrackingMode(current_workspace().mail_tracking)]},
            )

    @property
    def asks_tracking(self) -> bool:
        """Whether it asks how far opens and clicks may be measured; skipped, the usual holds."""
        return "tracking" in self.fields

    @property
    def asks_topics(self) -> bool:
        """Whether there is anything to tick: to sign up by a form of one topic is to ask for it."""
        return len(self.topics) != 1

    @property
    def is_filled_by_a_robot(self) -> bool:
        """Whether what people do not see was filled in."""
        return bool(self.data.get(TRAP))

    @property
    def answers(self) -> list[forms.BoundField]:
        """The questions' fields, in their order."""
        return [self[f"q{number}"] for number in range(len(self.questions))]

    @property
    def ticked(self) -> list[tuple[Topic, bool]]:
        """Each topic, and whether it was ticked. Nothing is beforehand."""
        said = self.data.getlist("topic") if isinstance(self.data, QueryDict) else []
        return [(topic, topic.key in said) for topic in self.topics]

    @property
    def wrong(self) -> list[tuple[str, str, str]]:
        """(id of the control, its label, what is wrong), in the order of the page: the list on top of it."""
        first = {"topic": f"topic-{self.topics[0].key}" if self.topics else "topic"}
        return [
            (first.get(name, name), str(self.fields[name].label), str(self.errors[name][0]))
            for name in self.fields
            if name in self.errors
        ]

    def clean_email(self) -> str:
        text = str(self.cleaned_data["email"])
        try:
            return normalise_email("" if has_surrogates(text) else text)
        except BadAddressError as error:
            raise forms.ValidationError(str(error)) from error

    def asked(self) -> Asked:
        """What a valid form asks for."""
        chosen = set(self.cleaned_data.get("topic", [])) if self.asks_topics else {topic.key for topic in self.topics}
        said = {
            question.name: answer_of(self.cleaned_data[f"q{number}"])
            for number, question in enumerate(self.questions)
            if self.cleaned_data.get(f"q{number}") not in (None, "")
        }
        topics = [topic for topic in self.topics if topic.key in chosen]
        tracking = self.cleaned_data.get("tracking") if self.asks_tracking else None
        answers = {name: value for name, value in said.items() if value != ""}
        return Asked(self.cleaned_data["email"], topics, answers, tracking)


def _dressed(field: forms.Field, name: str) -> forms.Field:
    """The field in the public pages' look, with what browsers know of it."""
    completes = {"given_name": "given-name", "family_name": "family-name", "name": "name", "city": "address-level2"}
    if not isinstance(field, forms.BooleanField):
        field.widget.attrs["class"] = "field big"
    if name in completes:
        field.widget.attrs["autocomplete"] = completes[name]
    return field
