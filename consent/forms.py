"""Forms of this room."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consent.models import Topic


class MayWriteForm(forms.Form):
    """Which message on which channel: the question to the gate."""

    about = forms.ChoiceField(label=_("Kind of message"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = list(Topic.objects.all())
        choices: list[tuple[str, Any]] = [
            (f"marketing-{topic.pk}", _("Offer: %(topic)s") % {"topic": topic.name}) for topic in topics
        ]
        choices += [(f"subscribed-{one.pk}", _("Subscription: %(topic)s") % {"topic": one.name}) for one in topics]
        choices += [("transactional-", _("Notice: receipt, parcel")), ("answer-", _("Answer to a question"))]
        self.fields["about"].choices = choices  # type: ignore[attr-defined]
