"""Help inside the product: one short page for each page, an index with a search, and the same words in the palette."""

from functools import cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.urls import path, reverse
from django.utils.html import strip_tags
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backstage.help_topics import BY_SLUG, TOPICS, Topic
from workspaces.permissions import needs

app_name = "help"


@cache
def words_of(slug: str, language: str) -> str:
    """The plain text of a topic in `language`, small letters, hyphens as spaces, for searching."""
    topic = BY_SLUG[slug]
    text = strip_tags(get_template(f"backstage/help/{slug}.html").render())
    return f"{topic.title} {topic.says} {topic.also} {text}".lower().replace("-", " ")


def find_help(query: str) -> list[Topic]:
    """Topics that hold every word of `query`, those with it in the title first; all of them for an empty query."""
    words = query.lower().replace("-", " ").split()
    language = get_language() or ""
    found = [topic for topic in TOPICS if all(word in words_of(topic.slug, language) for word in words)]
    return sorted(found, key=lambda topic: not any(word in str(topic.title).lower() for word in words))


def palette_items(query: str) -> list[dict[str, str]]:
    """`find_help` as the palette shows it, at most five; nothing for an empty query."""
    if not query.strip():
        return []
    return [
        {"name": str(topic.title), "url": reverse("help:topic", args=[topic.slug]), "icon": "help",
         "hint": str(_("Help"))}
        for topic in find_help(query)[:5]
    ]  # fmt: skip


@needs("help.see")
def index(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    page = "backstage/help_index.html#topics" if request.headers.get("HX-Request") else "backstage/help_index.html"
    return render(request, page, {"topics": find_help(query), "query": query})


@needs("help.see")
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    if slug not in BY_SLUG:
        raise Http404
    context = {"topic": BY_SLUG[slug], "topics": TOPICS, "page": f"backstage/help/{slug}.html"}
    return render(request, "backstage/help_topic.html", context)


urlpatterns = [path("", index, name="index"), path("<slug:slug>/", topic, name="topic")]
