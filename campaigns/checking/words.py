"""What of a campaign can be read without its people: subject, email, blocks, links and fields."""

from django.utils.translation import gettext as _

from campaigns.checking.findings import Check
from campaigns.models import Campaign
from delivery.content.compiling import CompiledMessage, compile_message
from delivery.content.liquid import BadTemplateError
from delivery.content.people import strangers_among
from delivery.content.sandbox import try_out
from delivery.models import Content
from emails.finding_flaws import flaws_of, lost_pictures
from emails.library.picking import pick_blocks
from emails.reading import BadBlocksError, read_blocks
from workspaces.models import Workspace


def check_words(check: Check, campaign: Campaign, workspace: Workspace) -> CompiledMessage | None:
    """Its findings go to `check`; the email ready to be written, None where it cannot be read."""
    if not campaign.message.content.subject.strip() and not campaign.message.is_plain:
        check.ask("words", _("The subject is empty."))
    if not campaign.message.content.body.strip():
        check.ask("email", _("The email is empty."))
        if campaign.message.content.body_format == Content.Format.BLOCKS:
            return None  # nothing was drawn that could be read
    _check_blocks(check, campaign.message.content)
    try:
        try_out(campaign.message, workspace)
        compiled = compile_message(campaign.message, workspace)
    except BadTemplateError as error:
        check.blocks.append(_("The email cannot be read: %(why)s") % {"why": error})
        return None
    for target in compiled.links.refused:
        text = _("The link “%(link)s” is no address that an email can lead to: begin it with https:// or mailto:.")
        check.blocks.append(text % {"link": target})
    for name, near in strangers_among(compiled.paths):
        guess = _("Nobody has the field {{ %(field)s }}: everybody gets its stand-in. Did you mean {{ %(near)s }}?")
        text = guess if near else _("Nobody has the field {{ %(field)s }}: everybody gets its stand-in.")
        check.warns.append(text % {"field": name, "near": near})
    has_links = compiled.links.rows or pick_blocks(campaign.message.content.blocks)
    if not has_links and campaign.message.content.body.strip() and workspace.tracks_mail:
        check.warns.append(_("The email has no link: nobody can answer it with a click."))
    return compiled


def _check_blocks(check: Check, content: Content) -> None:
    """What its blocks lack, each at its place."""
    if content.body_format != Content.Format.BLOCKS:
        return
    try:
        blocks = read_blocks(content.blocks)
    except BadBlocksError as error:
        check.blocks.append(str(error))
        return
    lost = lost_pictures(blocks)
    for place, block in enumerate(blocks, 1):
        for flaw in flaws_of(block, lost):
            said = _("Block %(n)s, %(kind)s: %(what)s") % {"n": place, "kind": block.label, "what": flaw.text}
            (check.blocks if flaw.stops else check.warns).append(said)
