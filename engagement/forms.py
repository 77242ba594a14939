"""Forms of this room."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from engagement.models import Annotation
from lib.times.moments import check_storable


class AnnotationForm(forms.ModelForm):
    """An annotation: a word for a span of days."""

    class Meta:
        model = Annotation
        fields = ("name", "starts_on", "ends_on")
        widgets: ClassVar = {
            name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d") for name in ("starts_on", "ends_on")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("starts_on", "ends_on"):
            self.fields[name].validators.append(check_storable)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("starts_on") and said.get("ends_on") and said["ends_on"] < said["starts_on"]:
            raise ValidationError(_("It ends before it begins."))
        return said
