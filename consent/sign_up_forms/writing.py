"""The forms by which a form is written: its draft in one language, its questions, its settings."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.models import FormVersion, SignUpForm, Topic
from consent.models.sign_up_forms import LANGUAGES
from consent.sign_up_forms.embedding import BadOriginError, origins_of
from consent.sign_up_forms.questions import (
    MOST_QUESTIONS,
    BadQuestionError,
    Kind,
    Question,
    custom_names,
    make_question,
    own_fields,
    read_questions,
)
from consent.sign_up_forms.texts import BY_NAME, TEXTS, default_texts
from contacts.models import Audience
from lib.asked import whole_number
from lib.written_meanwhile import MeanwhileForm
from workspaces.current import current_workspace

MOVES = {"up": -1, "down": 1}


class NewFormForm(forms.Form):
    """A form to begin with."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("For yourselves; the headline is another.")
    )


class SettingsForm(MeanwhileForm, forms.ModelForm):
    """What belongs to the form and not to one of its versions."""

    slug = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=60,
        help_text=gettext_lazy(
            "The end of its address. Printed codes lead to the old one: change it before you print."
        ),
    )

    class Meta:
        model = SignUpForm
        fields = ("name", "slug", "language", "days_kept", "allowed_origins")
        widgets = {"allowed_origins": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "days_kept": gettext_lazy("After the 7 days in which the link works."),
            "allowed_origins": gettext_lazy("One a line, such as https://shop.example. Empty: any site."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["days_kept"].validators += [MinValueValidator(0), MaxValueValidator(90)]

    def clean_slug(self) -> str:
        slug = slugify(str(self.cleaned_data["slug"]))
        if not slug or SignUpForm.objects.filter(slug=slug).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another form has this address."))
        return slug

    def clean_allowed_origins(self) -> str:
        try:
            return "\n".join(origins_of(str(self.cleaned_data["allowed_origins"])))
        except BadOriginError as error:
            raise forms.ValidationError(
                _("“%(text)s” is no site. Write it as https://shop.example.") % {"text": str(error)[:80]}
            ) from error


class DraftForm(MeanwhileForm):
    """The draft: its texts in one language, its topics, what is given to whoever confirms."""

    topics = forms.ModelMultipleChoiceField(
        Topic.objects.none(), label=gettext_lazy("Topics"), required=False, widget=forms.CheckboxSelectMultiple
    )
    asks_tracking = forms.BooleanField(
        label=gettext_lazy("Ask how far opens and clicks may be measured"),
        required=False,
        help_text=gettext_lazy("A consent of its own. Nothing is ticked; who does not answer stays at the usual."),
    )
    role = forms.TypedChoiceField(label=gettext_lazy("Role"), coerce=int, empty_value=None, required=False)
    tag = forms.CharField(label=gettext_lazy("Tag"), max_length=60, required=False)

    def __init__(self, draft: FormVersion, language: str, data: Any = None) -> None:
        texts = draft.texts.get(language) or default_texts(language, brand=current_workspace().name)
        super().__init__(
            data,
            initial={
                **{name: getattr(draft, name) for name in ("asks_tracking", "tag")},
                "topics": draft.topic_ids,
                "role": draft.role or "",
                **texts,
            },
        )
        self.fields["topics"].queryset = Topic.objects.filter(is_private=False)  # type: ignore[attr-defined]
        self.fields["role"].choices = [("", _("none")), *Audience.choices]  # type: ignore[attr-defined]
        for one in TEXTS:
            widget = forms.Textarea(attrs={"rows": one.rows}) if one.rows > 1 else forms.TextInput()
            self.fields[one.name] = forms.CharField(
                label=str(one.label), max_length=one.length, required=False, widget=widget, help_text=str(one.help)
            )
            self.fields[one.name].needed = "" if not one.is_needed else _("needed")  # type: ignore[attr-defined]

    def texts_at(self, place: str) -> list[forms.BoundField]:
        """The texts of one part of the page."""
        return [self[name] for name, one in BY_NAME.items() if one.place == place]

    def said(self, draft: FormVersion, language: str) -> dict[str, Any]:
        """What a valid one changes of the draft."""
        clean = self.cleaned_data
        return {
            "texts": {**draft.texts, language: {one.name: clean[one.name] for one in TEXTS}},
            "topic_ids": [topic.pk for topic in clean["topics"]],
            "asks_tracking": clean["asks_tracking"],
            "role": clean["role"] or None,
            "tag": clean["tag"],
        }


class QuestionForm(forms.Form):
    """A question more: a field of the contact, or a custom one under a name of one's own."""

    field = forms.ChoiceField(label=gettext_lazy("Field"), required=False)
    new_name = forms.CharField(label=gettext_lazy("or a new one, called"), max_length=80, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Answered by"), choices=Kind.choices, required=False)
    choices = forms.CharField(
        label=gettext_lazy("Choices"), required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("One a line, for a choice."),
    )  # fmt: skip
    is_required = forms.BooleanField(label=gettext_lazy("must be answered"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="new", auto_id="new_%s")
        own = [(one.name, str(one.label)) for one in own_fields()]
        custom = [(name, name) for name in custom_names()]
        choices = [("", "–"), (_("Of the contact"), own), (_("Custom fields"), custom)]
        self.fields["field"].choices = choices  # type: ignore[attr-defined]

    def question(self) -> Question:
        """What was written down. BadQuestionError."""
        if not self.is_valid():
            raise BadQuestionError("; ".join(str(errors[0]) for errors in self.errors.values()))
        said = self.cleaned_data
        return make_question(
            said["new_name"] or said["field"],
            kind=said["kind"] or Kind.TEXT.value,
            is_required=said["is_required"],
            choices=said["choices"].splitlines(),
        )


def change_questions(draft: FormVersion, data: Mapping[str, Any], do: str) -> list[Question]:
    """The draft's questions after what a button says: "add", "drop:1", "up:1", "down:1", or none. BadQuestionError.

    Which must be answered is read with every save.
    """
    verb, _colon, place = do.partition(":")
    number = whole_number(place)
    kept = read_questions(draft.questions)
    kept = [
        Question(
            one.name,
            one.kind,
            data.get(f"must-{at}") == "on" if f"there-{at}" in data else one.is_required,
            one.choices,
        )
        for at, one in enumerate(kept)
    ]
    if verb == "add":
        added = QuestionForm(data).question()
        if len(kept) >= MOST_QUESTIONS:
            raise BadQuestionError(_("A form asks %(most)s questions at most.") % {"most": MOST_QUESTIONS})
        return [one for one in kept if one.name != added.name] + [added]
    if number is None or not 0 <= number < len(kept):
        return kept
    if verb == "drop":
        return kept[:number] + kept[number + 1 :]
    other = number + MOVES.get(verb, 0)
    if 0 <= other < len(kept):
        kept[number], kept[other] = kept[other], kept[number]
    return kept


def language_asked(form: SignUpForm, asked: str) -> str:
    """The language whose texts are being written."""
    return asked if asked in dict(LANGUAGES) else form.language
