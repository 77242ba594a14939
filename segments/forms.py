"""The form of a segment itself; the forms of its conditions stand with their leaf types."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from segments.models import Segment


class SegmentDetailsForm(forms.ModelForm):
    """Name and sentence."""

    class Meta:
        model = Segment
        fields = ("name", "description", "is_private")
        labels: ClassVar = {"is_private": _("Only I see it")}
