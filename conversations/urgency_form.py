"""The form for a workspace's words of danger."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext as _

from conversations.models import UrgentWords
from conversations.urgency import LONGEST_WORD, MOST_WORDS
from lib.foreign.cleaning import to_line
from lib.written_meanwhile import MeanwhileForm


class UrgentWordsForm(MeanwhileForm, forms.ModelForm):
    """One word or phrase a line; `words()` is what it says, each once."""

    class Meta:
        model = UrgentWords
        fields = ("words",)
        widgets: ClassVar = {"words": forms.Textarea({"rows": 12, "spellcheck": "false"})}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["words"].required = False

    def clean_words(self) -> str:
        """Each line once, in order, without what nobody sees."""
        lines = [to_line(one, 6_000) for one in self.cleaned_data["words"].splitlines()]
        found = list(dict.fromkeys(one for one in lines if one))
        if too_long := [one for one in found if len(one) > LONGEST_WORD]:
            raise forms.ValidationError(
                _("“%(word)s…” is too long: %(n)s letters at most.") % {"word": too_long[0][:20], "n": LONGEST_WORD}
            )
        if mute := [one for one in found if not any(letter.isalnum() for letter in one)]:
            raise forms.ValidationError(_("“%(word)s” has no letter and no digit.") % {"word": mute[0]})
        if len(found) > MOST_WORDS:
            raise forms.ValidationError(_("At most %(n)s words. Nothing was changed yet.") % {"n": MOST_WORDS})
        return "\n".join(found)

    def lines(self) -> list[str]:
        """The words, in order. Call once it is valid."""
        return [one for one in self.cleaned_data["words"].split("\n") if one]
