"""From a handle to who that is (the DID, which never changes) and where their data lives (the PDS)."""

from urllib.parse import unquote

from django.utils.translation import gettext as _

from conversations.channels import ChannelError
from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import FetchFailedError, safe_fetch
from social.networks.asking import ask
from social.networks.shapes import list_at, text_at

DIRECTORY = "https://plc.directory"
LONGEST_DID = 2_048


def resolve_handle(service: str, handle: str) -> str:
    """The DID of a handle, "" where nobody bears it: the service is asked, then the handle's own website. ChannelError."""
    said = ask(f"{service}/xrpc/com.atproto.identity.resolveHandle", params={"handle": handle})
    return _did(text_at(said.tree, "did")) or _did(_well_known(handle))


def pds_of(did: str, *, directory: str = DIRECTORY) -> str:
    """The address of the server that holds this account, of its DID document. ChannelError."""
    document = ask(_document_url(did, directory)).tree
    for one in list_at(document, "service"):
        if text_at(one, "id").endswith("#atproto_pds") and (found := text_at(one, "serviceEndpoint").rstrip("/")):
            return found
    raise ChannelError(_("Nothing says on which server this account lives."))


def _document_url(did: str, directory: str) -> str:
    if did.startswith("did:web:"):
        return f"https://{unquote(did.removeprefix('did:web:'))}/.well-known/did.json"
    return f"{directory}/{did}"


def _well_known(handle: str) -> str:
    try:
        found = safe_fetch(f"https://{handle}/.well-known/atproto-did", largest=10_000)
    except (UnsafeAddressError, FetchFailedError):
        return ""
    return found.body.decode("utf-8", "replace").strip() if found.status == 200 else ""


def _did(text: str) -> str:
    is_did = text.startswith(("did:plc:", "did:web:")) and len(text) <= LONGEST_DID and text.isascii()
    return text if is_did and not any(one.isspace() or one in "/?#" for one in text) else ""
