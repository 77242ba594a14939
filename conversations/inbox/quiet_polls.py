"""The inbox's poll where nothing changed, answered before any session, workspace or database is opened.

Every open inbox asks each five seconds, and nearly always the answer is "nothing new". Who asks is told by a token that the
page holds; it opens nothing else, and it says no more than that. Whatever is not certain here is asked of the page itself.
"""

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from conversations.inbox.live import known_version, place_of
from lib.asked import whole_number
from lib.clock import now
from lib.signing import BadTokenError, make_token, read_token
from workspaces.current import current_workspace_id
from workspaces.presence import note_presence, others_at, stamp_of

PURPOSE, PATH = "inbox.poll", "/inbox/live/"
HOUR = 3600
KEPT_SECONDS = 60  # for how long a colleague who was just taken in, or let go, may stay unseen, or seen


def poll_token(user_id: int, *, may_answer: bool) -> str:
    """What a page of the open workspace asks with, good for the hour it was made in and the next."""
    return make_token(PURPOSE, current_workspace_id(), user_id, int(may_answer), _hour())


def keep_answerers(members: dict[int, str]) -> None:
    """Whose presence is told to the others of the open workspace, by name."""
    cache.set(_key(current_workspace_id()), members, KEPT_SECONDS)


def answer_quietly(request: HttpRequest) -> HttpResponse | None:
    """204 for a poll of the inbox by which nothing is new; None for everything else, which is to be answered as ever."""
    if request.method != "GET" or not request.path_info.endswith(PATH):
        return None
    try:
        workspace_id, user_id, may_answer, hour = read_token(PURPOSE, request.GET.get("poll", ""), count=4)
    except BadTokenError:
        return None
    version = request.GET.get("version", "")
    if _hour() - hour not in {0, 1} or not version or version != known_version(workspace_id):
        return None
    stamp = ""
    if may_answer and "here" in request.GET:
        members, pk = cache.get(_key(workspace_id)), whole_number(request.GET.get("open", ""))
        if members is None or not pk:
            return None
        place = place_of(pk)
        note_presence(place, user_id, writes="writes" in request.GET, workspace_id=workspace_id)
        stamp = stamp_of(others_at(place, user_id, members, workspace_id=workspace_id))
    return HttpResponse(status=204) if request.GET.get("others", "") == stamp else None


def _hour() -> int:
    return int(now().timestamp()) // HOUR


def _key(workspace_id: int) -> str:
    return f"inbox:answerers:{workspace_id}"
