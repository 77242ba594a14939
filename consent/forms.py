"""Forms of this room."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consent.asking import MEANS, MessageClass
from consent.models import Topic


class MayWriteForm(forms.Form):
    """Which message on which channel: the question to the gate."""

    about = forms.ChoiceField(label=_("Kind of message"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = list(Topic.objects.all())
        choices: list[tuple[str, Any]] = [
            (f"{kind}-{topic.pk}", _("%(kind)s: %(topic)s") % {"kind": kind.label, "topic": topic.name})
            for kind in (MessageClass.MARKETING, MessageClass.SUBSCRIBED)
            for topic in topics
        ]
        choices += [(f"{kind}-", MEANS[kind]) for kind in (MessageClass.TRANSACTIONAL, MessageClass.ANSWER)]
        self.fields["about"].choices = choices  # type: ignore[attr-defined]
