"""Whose opens and clicks may be written down: asked when one is fetched, not when the email was sent."""

from collections.abc import Iterable

from django.db.models import Q

from contacts.models import Contact, Merged
from workspaces.models import Workspace


def people_measured(workspace: Workspace, contact_ids: Iterable[int]) -> set[int]:
    """Those of them whose opens and clicks may be written down now; call inside working_in.

    The brand measures, and the person has not said that nothing of theirs may be evaluated; who was merged into
    somebody goes by their word too. A "no" thus holds for every email that was ever sent. Two queries.
    """
    wanted = set(contact_ids)
    if not workspace.tracks_mail or not wanted:
        return set()
    links = dict(Merged.objects.filter(loser__in=wanted).values_list("loser_id", "survivor_id"))
    people = Contact.objects.filter(pk__in=wanted | set(links.values()))
    unwilling = set(people.filter(Q(is_profiled=False) | Q(erased_at__isnull=False)).values_list("pk", flat=True))
    return {one for one in wanted if not unwilling & {one, links.get(one, one)}}
