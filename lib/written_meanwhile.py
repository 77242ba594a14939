"""A form of something that stands: what somebody else wrote since it was shown is never written over unawares."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

SHORT = 200  # characters of theirs that a mistake says; longer ones stand below it


class MeanwhileForm(forms.Form):
    """Beside each field goes a digest of what it showed, `seen-NAME`: where the page says `{{ form.seen_fields }}`.

    Of a field that its writer left alone `cleaned_data` has what stands now. One that both changed is a mistake, with
    theirs beside mine; sent once more, mine goes over it. Fields without a digest are taken as they come, and so are
    secrets, files and what cannot be changed: of these nothing is told.
    """

    stands: dict[str, Any] | None = None  # what stands, by field, where what the form begins with is something else

    meets = True  # False where nothing is kept, such as for a preview, and where nothing stands yet

    secrets: tuple[str, ...] = ()  # fields of secrets, where their widget does not say so

    told: Mapping[str, Any] = {}  # what the page was told before, where a form that is not bound shows it again

    of_form = ""  # the id of the page's form, where the hidden inputs stand outside of it

    def standing(self, name: str) -> str:
        """What stands now in a field, as its control shows it."""
        one = self.fields[name]
        value = self.get_initial_for_field(one, name) if self.stands is None else self.stands.get(name)
        return _shown(one, value)

    @property
    def seen_fields(self) -> SafeString:
        """Hidden, what each field showed; and what others wrote meanwhile where it is long."""
        shown = {name: self.standing(name) for name in self.fields if self._tells(name)}
        digests = [
            (self.add_prefix(f"seen-{name}"), self._seen_of(name, stands))
            for name, stands in (shown | self.standing_beside()).items()
        ]
        where = format_html(' form="{}"', self.of_form) if self.of_form else ""
        rows = [(name, digest, where) for name, digest in digests]
        inputs = format_html_join("", '<input type="hidden" name="{}" value="{}"{}>', rows)
        return inputs + format_html_join("", "{}", [[self._theirs(name)] for name in self._met if name in self.fields])

    def standing_beside(self) -> dict[str, str]:
        """What else stands, that the form writes and no field shows: name → text. `whose` says of each who changed it."""
        return {}

    def whose(self, name: str, stands: str, mine: str) -> str:
        """Who changed it since it was shown: "theirs", "both" or "mine", also where nobody did."""
        seen = self.data.get(self.add_prefix(f"seen-{name}"))
        if not self.meets or not seen or seen == _digest(stands) or mine == stands:
            return "mine"
        (self._left_alone if _digest(mine) == seen else self._met).append(name)
        return "theirs" if _digest(mine) == seen else "both"

    @cached_property
    def _met(self) -> list[str]:
        """Fields that both changed."""
        return []

    @cached_property
    def _left_alone(self) -> list[str]:
        """Fields that somebody else changed, and this writer did not touch."""
        return []

    @cached_property
    def changed_data(self) -> list[str]:
        """Fields that this writer changed."""
        return [name for name in super().changed_data if name not in self._left_alone]

    def _tells(self, name: str) -> bool:
        """Whether what stands in a field may be told to whoever sees the form."""
        one = self.fields[name]
        is_secret = name in self.secrets or isinstance(one.widget, forms.PasswordInput)
        return not (is_secret or one.disabled or isinstance(one, forms.FileField))

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        for name in list(self.cleaned_data):
            if self._tells(name):
                self._meet(name)

    def _meet(self, name: str) -> None:
        stands = self.standing(name)
        whose = self.whose(name, stands, _posted(self.fields[name], self[name].data))
        if whose == "theirs":
            self._take_standing(name)
        elif whose == "both":
            self.add_error(name, self.said_of_both(self._words(name, stands)))

    def _take_standing(self, name: str) -> None:
        one = self.fields[name]
        value = self.get_initial_for_field(one, name) if self.stands is None else self.stands.get(name)
        try:
            self.cleaned_data[name] = one.clean(one.prepare_value(value))
            if hasattr(self, f"clean_{name}"):
                self.cleaned_data[name] = getattr(self, f"clean_{name}")()
        except ValidationError as error:
            self.add_error(name, error)

    def said_of_both(self, words: str) -> str:
        """The mistake at a field that both changed, whose `words` are theirs now."""
        if not words:
            said = _("Somebody else emptied this meanwhile. Yours stands here and is not kept yet.")
        elif len(words) > SHORT:
            said = _(
                "Somebody else wrote this anew meanwhile: theirs stands below. Yours stands here and is not kept yet."
            )
        else:
            said = _("Somebody else wrote meanwhile: “%(words)s”. Yours stands here and is not kept yet.") % {
                "words": words
            }
        return f"{said} {_('Save again to put it over theirs.')}"

    def _words(self, name: str, stands: str) -> str:
        """What stands, in words."""
        one = self.fields[name]
        if isinstance(one, forms.BooleanField):
            return _("Yes") if stands else _("No")
        choices = {str(value): str(label) for value, label in getattr(one, "choices", ())}
        return ", ".join(choices.get(line, line) for line in stands.split("\n")) if choices else stands

    def _theirs(self, name: str) -> SafeString:
        words = self._words(name, self.standing(name))
        if len(words) <= SHORT:
            return SafeString("")
        label = _("%(field)s, as somebody else wrote it meanwhile") % {"field": self.fields[name].label}
        return format_html(
            '<div class="field-row"><label for="theirs-{0}">{1}</label>'
            '<textarea class="field theirs" id="theirs-{0}" rows="8" readonly>{2}</textarea></div>',
            self[name].auto_id, label, words,
        )  # fmt: skip

    def _seen_of(self, name: str, stands: str) -> str:
        """What is told beside the field: what this page showed, or shows now of theirs."""
        given = (self.data if self.is_bound else self.told).get(self.add_prefix(f"seen-{name}"))
        return given if given and name not in self._met else _digest(stands)


def held[M: Model](rows: QuerySet[M], request: HttpRequest) -> QuerySet[M]:
    """Rows that a form is to change, where it is sent: nobody else changes them until the transaction ends.

    Read by this, a row is as others left it, also where they were quicker by a moment.
    """
    return rows.select_for_update(of=("self",), no_key=True) if request.method == "POST" else rows


def _shown(one: forms.Field, value: Any) -> str:
    if isinstance(one.widget, forms.CheckboxInput):
        return "1" if value else ""
    return _plain(one.widget.format_value(one.prepare_value(value)))


def _posted(one: forms.Field, value: Any) -> str:
    if isinstance(one.widget, forms.CheckboxInput):
        return "1" if value else ""
    return _plain(value)


def _plain(value: Any) -> str:
    lines = ["" if one is None else str(one) for one in (value if isinstance(value, list | tuple) else [value])]
    return "\n".join(sorted(lines)).replace("\r\n", "\n").strip()


def _digest(text: str) -> str:
    """16 digits."""
    return blake2b(text.encode(errors="surrogatepass"), digest_size=8).hexdigest()
