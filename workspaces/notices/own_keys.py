"""The pair of keys by which push services know this workspace when it pushes to its members: made at first use, sealed."""

from email.utils import parseaddr

from django.conf import settings
from django.db import transaction

from lib.push.keys import Proofs, make_keys
from lib.sealing import SealBrokenError, seal, unseal
from workspaces.current import current_workspace_id
from workspaces.models import MemberBrowser, PushKeys

PURPOSE = "push to members"


@transaction.atomic
def public_key() -> str:
    """What browsers of members are asked to allow. Makes the pair where there is none. May be repeated.

    A pair whose seal is broken is no use: another one takes its place, and the browsers that belonged to it go.
    """
    held = PushKeys.objects.select_for_update().first()
    if held is not None:
        try:
            _private(held)
        except SealBrokenError:
            MemberBrowser.objects.all().delete()
            held.delete()
        else:
            return held.public
    private, public = make_keys()
    sealed = seal(private, workspace_id=current_workspace_id(), purpose=PURPOSE)
    row, _is_new = PushKeys.objects.get_or_create(
        workspace_id=current_workspace_id(), defaults={"public": public, "private": sealed}
    )
    return row.public


def own_proofs() -> Proofs | None:
    """What proves to push services that it is us; None where there are no keys yet. SealBrokenError."""
    held = PushKeys.objects.first()
    return Proofs(_private(held), held.public, _subject()) if held is not None else None


def _private(held: PushKeys) -> str:
    return unseal(held.private, workspace_id=held.workspace_id, purpose=PURPOSE)


def _subject() -> str:
    """Whom push services may write to about us: whoever runs this."""
    if settings.ECRM_URL.startswith("https://"):
        return str(settings.ECRM_URL)
    return f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"
