"""Where pictures of the workspace stand in emails."""

from collections.abc import Mapping, Sequence

from delivery.models import Message
from lib.links import public_path
from lib.picture_uses import PictureUse
from lib.sql import run_sql
from workspaces.current import current_workspace_id

BEGINNING = 32  # of a fingerprint stands in an address


def picture_uses(fingerprints: Sequence[str]) -> Mapping[str, PictureUse]:
    """Fingerprint → how many emails show it, by the addresses in what they were drawn to. One statement.

    What was written to one person by hand or by a machine is not looked at: those texts are their own.
    """
    if not fingerprints:
        return {}
    workspace, purpose = current_workspace_id(), Message.Purpose
    params = {
        "workspace": workspace,
        "path": public_path("email_picture", workspace, "x").removesuffix("x"),
        "beginnings": [one[:BEGINNING] for one in fingerprints],
        "draft": Message.State.DRAFT,
        "personal": [purpose.PERSONAL, purpose.ANSWER],
        "transactional": purpose.TRANSACTIONAL,
    }
    rows = run_sql("delivery/picture_uses", params)
    found = {beginning: PictureUse(drafts, fixed) for beginning, drafts, fixed in rows}
    return {one: found[one[:BEGINNING]] for one in fingerprints if one[:BEGINNING] in found}
