"""The page of feeds from which the library takes in what is new."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from emails.library.feeds import BadFeedError, add_feed, change_feed, refresh_feed, remove_feed
from emails.models import LibraryFeed, LibraryItem
from engagement.interests.reading import names_of
from lib.written_meanwhile import MeanwhileForm, held
from workspaces.permissions import needs
from workspaces.requests import Request


class FeedForm(MeanwhileForm):
    """A feed to take in."""

    url = forms.CharField(
        label=gettext_lazy("Address of the feed"),
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://"}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What it brings"), choices=LibraryItem.Kind.choices, initial=LibraryItem.Kind.ARTICLE
    )
    interests = forms.CharField(
        label=gettext_lazy("Interests"), max_length=700, required=False,
        help_text=gettext_lazy("What all of it is about, between commas. Categories that you have as interests are added."),
    )  # fmt: skip

    def tags(self) -> list[str]:
        """The interests, by name."""
        return [one.strip() for one in self.cleaned_data["interests"].split(",") if one.strip()]


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def feeds(request: Request) -> HttpResponse:
    """Every feed, with when it was looked at and what came; POST adds one."""
    form = FeedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            add_feed(said["url"], kind=said["kind"], tags=form.tags(), by=request.user)
        except BadFeedError as error:
            form.add_error({"tags": "interests"}.get(error.field, error.field), str(error))
        else:
            messages.success(request, _("It is looked at now, and once a day from then on."))
            return redirect("emails:library_feeds")
    rows = list(LibraryFeed.objects.all())
    names = names_of({tag for one in rows for tag in one.tags})
    shown = [
        {"feed": one, "number": str(one.pk), "tags": [names[tag] for tag in one.tags if tag in names]} for one in rows
    ]
    status = 422 if request.method == "POST" else 200
    return render(request, "emails/library/feeds.html", {"rows": shown, "form": form}, status=status)


@needs("campaigns.edit")
@require_POST
def remove(request: Request, pk: int) -> HttpResponse:
    """Nothing comes from it any more."""
    remove_feed(get_object_or_404(LibraryFeed, pk=pk), by=request.user)
    messages.success(request, _("Nothing comes from it any more. What came stays in the library."))
    return redirect("emails:library_feeds")


@needs("campaigns.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, pk: int) -> HttpResponse:
    """What it brings, and what that is about, from now on; its address stays."""
    feed = get_object_or_404(held(LibraryFeed.objects.all(), request), pk=pk)
    said = {"url": feed.url, "kind": feed.kind, "interests": ", ".join(names_of(feed.tags).values())}
    form = FeedForm(request.POST or None, initial=said)
    form.fields["url"].disabled = True
    if request.method == "POST" and form.is_valid():
        try:
            change_feed(feed, kind=form.cleaned_data["kind"], tags=form.tags(), by=request.user)
        except BadFeedError as error:
            form.add_error({"tags": "interests"}.get(error.field, error.field), str(error))
        else:
            messages.success(request, _("Saved. It holds for what comes from now on."))
            return redirect("emails:library_feeds")
    status = 422 if request.method == "POST" else 200
    return render(request, "emails/library/feed.html", {"feed": feed, "form": form}, status=status)


@needs("campaigns.edit")
@require_POST
def refresh(request: Request, pk: int) -> HttpResponse:
    """It is looked at within a minute."""
    refresh_feed(get_object_or_404(LibraryFeed, pk=pk), by=request.user)
    messages.success(request, _("It is looked at within a minute."))
    return redirect("emails:library_feeds")
