"""/styleguide/: every component in every state, for those who build pages. Debug only."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from backstage.styleguide_samples import EVENTS, FUNNEL, NAV, RETENTION, SETUP, STEPS_OF_ASKING, WEEKS

LEVEL_NAMES = ("unknown", "dormant", "aware", "warm", "engaged", "loyal", "champion", "advocate")


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(help_text="As your customers know it.")
    email = forms.EmailField(label="Email", required=False)
    channel = forms.ChoiceField(choices=[("mail", "Email"), ("sms", "Text"), ("call", "Call")])
    roles = forms.MultipleChoiceField(
        choices=[("customer", "Customer"), ("prospect", "Prospect"), ("influencer", "Influencer")],
        widget=forms.CheckboxSelectMultiple,
        help_text="A person can play several at once.",
    )
    talk = forms.ChoiceField(choices=[("listen", "Only listen"), ("both", "Back and forth")], widget=forms.RadioSelect)
    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), required=False)
    words = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    agreed = forms.BooleanField(
        label="The brand has a lawful reason to write", help_text="You can say which one later."
    )


def styleguide(request: HttpRequest) -> HttpResponse:
    """The page; 404 unless DEBUG is on."""
    if not settings.DEBUG:
        raise Http404
    context: dict[str, Any] = {
        "levels": LEVEL_NAMES,
        "directions": (1, 0, -1),
        "scores": {"involvement": 58, "interaction": 75, "intimacy": -41, "influence": None},
        "fours": [("involvement", 7), ("interaction", 10), ("intimacy", -4), ("influence", 7)],
        "weeks": WEEKS,
        "flights": [("TV flight", 6, 7)],
        "shares": [("level-1", 19, "Dormant 19 %"), ("level-2", 22, "Aware"), ("level-3", 21, "Warm"), ("level-4", 20, "Engaged"),
                   ("level-5", 13, "Loyal"), ("level-6", 5, "Champion")],
        "due": [("fill-negative", 3, "Late: 3"), ("fill-warn", 5, "Within the hour: 5"), ("fill-soft", 15, "In time: 15")],
        "retention": RETENTION,
        "months": ("1 mo", "2 mo", "3 mo", "4 mo"),
        "funnel_steps": FUNNEL,
        "reasons": [("Held back for comparison", 2093), ("Had 3 emails this week", 1402), ("No consent", 688)],
        "hours": [f"{hour}:00" for hour in range(24)],
        "heat_rows": [(day, [(hour * step) % 17 for hour in range(24)])
                      for day, step in (("Mon", 3), ("Tue", 5), ("Wed", 7), ("Thu", 2))],
        "speed": [(f"09:{50 + i // 6}", v) for i, v in enumerate([0, 4, 22, 41, 60, 62, 61, 31, 33, 48, 62, 61])],
        "events": EVENTS,
        "setup": SETUP,
        "asking": STEPS_OF_ASKING,
        "form": SampleForm(),
        "wrong_form": SampleForm({"email": "greta at home"}),
        "nav": NAV,
        "palette_url": "/styleguide/palette/",
        "help_url": "#help-",
        "sparkline": [70, 71, 70, 72, 69, 69, 68, 66, 64, 62, 60, 58],
        "tabs": [{"name": "General", "url": "#a", "current": True}, {"name": "Team", "url": "#b", "current": False}],
        "why": [("3 replies in 7 days", "+46"), ("Question on Mastodon, yesterday", "+17")],
    }  # fmt: skip
    return render(request, "backstage/styleguide.html", context)


urlpatterns = [path("styleguide/", styleguide, name="styleguide")]
