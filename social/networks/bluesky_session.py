"""Speaking with an account's own server (its PDS): signed in once, renewed when the session runs out, kept sealed.

What is sealed in the connection is [app password, session]. Whoever renews asks outside any lock and saves under the row's:
of two that renew at once the first one saved stands, and the second takes that.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from conversations.channels import ChannelError
from conversations.models import Connection
from lib.clock import now
from lib.sealing import SealBrokenError
from social.networks.asking import Said, ask, quota_of, why
from social.networks.bluesky_identity import DIRECTORY, pds_of, resolve_handle
from social.networks.shapes import at, list_at, text_at
from social.secrets import keep_secrets, secrets_of
from workspaces.current import working_in
from workspaces.models import Workspace

SERVICE = "https://bsky.social"
RUN_OUT = {"ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired"}


class SignInError(ChannelError):
    """The account does not let us in, and trying again changes nothing."""

    def __init__(self, text: str) -> None:
        super().__init__(text, again=False)


@dataclass(frozen=True, slots=True)
class Session:
    """Signed in as `did` at `pds`; `access` lasts minutes, `refresh` weeks and once."""

    did: str
    handle: str
    pds: str
    access: str
    refresh: str

    def to_text(self) -> str:
        """As it is sealed."""
        return json.dumps(asdict(self))


def sign_in(handle: str, password: str, *, service: str = SERVICE, directory: str = DIRECTORY) -> Session:
    """A new session by app password. SignInError in words where it is refused, ChannelError.

    The usual service knows only its own accounts: one that lives elsewhere is looked up and signed in there.
    """
    at_home, who = service, handle
    if service == SERVICE:
        who = resolve_handle(service, handle)
        if not who:
            raise SignInError(_("Nobody has the handle @%(handle)s.") % {"handle": handle})
        at_home = pds_of(who, directory=directory)
    said = ask(
        f"{at_home}/xrpc/com.atproto.server.createSession",
        method="POST",
        body={"identifier": who, "password": password},
    )
    if not said.is_good:
        raise _refused(said)
    return _session(said.tree, at_home)


class Pds:
    """The account's server. `quota` is what the last answer said is left."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.quota = connection, dict[str, int]()
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """Kept from before, or new. ChannelError."""
        if self._session is None:
            _password, kept = _opened(self.connection)
            self._session = kept or self._keep(None, self._sign_in())
        return self._session

    def get(self, method: str, **params: Any) -> Said:
        """Ask. ChannelError."""
        return self._call("GET", method, params=params)

    def post(self, method: str, body: Mapping[str, Any]) -> Said:
        """Have something done. ChannelError."""
        return self._call("POST", method, body=body)

    def upload(self, method: str, data: bytes, content_type: str) -> Said:
        """Have these bytes kept. ChannelError."""
        return self._call("POST", method, raw=(data, content_type))

    def _call(self, verb: str, method: str, **what: Any) -> Said:
        said = self._once(verb, method, what)
        if _has_run_out(said):
            self._session = self._renewed(self.session)
            said = self._once(verb, method, what)
        if _has_run_out(said):
            raise ChannelError(_("Bluesky does not accept the session it just gave us."))
        return said

    def _once(self, verb: str, method: str, what: Mapping[str, Any]) -> Said:
        session = self.session
        bearer = {"Authorization": f"Bearer {session.access}"}
        said = ask(f"{session.pds}/xrpc/{method}", method=verb, headers=bearer, **what)
        self.quota = quota_of(said.headers) or self.quota
        return said

    def _renewed(self, old: Session) -> Session:
        """A session that is newer than `old`: somebody else's, or ours."""
        if newer := self._newer_than(old):
            return newer
        bearer = {"Authorization": f"Bearer {old.refresh}"}
        said = ask(f"{old.pds}/xrpc/com.atproto.server.refreshSession", method="POST", headers=bearer)
        if said.is_good:
            return self._keep(old, _session(said.tree, old.pds))
        return self._newer_than(old) or self._keep(old, self._sign_in())

    def _newer_than(self, old: Session) -> Session | None:
        with self._workspace():
            _password, kept = _opened(Connection.objects.get(pk=self.connection.pk))
        return kept if kept and kept.access != old.access else None

    def _sign_in(self) -> Session:
        given = self.connection.settings
        password, _kept = _opened(self.connection)
        where = {name: str(given[name]) for name in ("service", "directory") if given.get(name)}
        return sign_in(str(given.get("handle", "")), password, **where)

    def _keep(self, old: Session | None, fresh: Session) -> Session:
        """Save `fresh`, unless somebody saved another since `old`: then that is returned."""
        with self._workspace():
            row = Connection.objects.select_for_update().get(pk=self.connection.pk)
            password, kept = _opened(row)
            if kept is not None and (old is None or kept.access != old.access):
                return kept
            keep_secrets(row, [password, fresh.to_text()])
        return fresh

    def _workspace(self) -> Any:
        return working_in(Workspace.objects.get(pk=int(self.connection.workspace_id or 0)))

    def keep_health(self) -> None:
        """Write down what is left of our quota, for the page of connections."""
        health = {
            "quota": self.quota,
            "software": "Bluesky",
            "handle": self.session.handle,
            "said_at": now().isoformat(),
        }
        with self._workspace():
            Connection.objects.filter(pk=self.connection.pk).update(health=health)


def known_did(connection: Connection) -> str:
    """Whose session is kept with this connection; "" where none can be read."""
    try:
        _password, kept = _opened(connection)
    except SignInError:
        return ""
    return kept.did if kept else ""


def _opened(connection: Connection) -> tuple[str, Session | None]:
    try:
        password, kept, *_rest = [*secrets_of(connection), "", ""]
    except SealBrokenError as error:
        raise SignInError(_("The app password cannot be opened any more. Enter it again.")) from error
    try:
        return password, Session(**json.loads(kept)) if kept else None
    except (TypeError, ValueError):
        return password, None  # of another version of ours: signed in anew


def _session(tree: Any, asked: str) -> Session:
    """What a log-in or a renewal says; its DID document knows best where the account lives. ChannelError."""
    homes = [text_at(one, "serviceEndpoint") for one in list_at(tree, "didDoc", "service") if _is_pds(one)]
    found = {name: text_at(tree, name) for name in ("did", "handle", "accessJwt", "refreshJwt")}
    if not (found["did"] and found["accessJwt"] and found["refreshJwt"]):
        raise ChannelError(_("It answered with something else than we asked for."))
    pds = next((one.rstrip("/") for one in homes if one), asked)
    return Session(found["did"], found["handle"], pds, found["accessJwt"], found["refreshJwt"])


def _is_pds(service: Any) -> bool:
    return text_at(service, "id").endswith("#atproto_pds")


def _has_run_out(said: Said) -> bool:
    return said.status in {400, 401} and (said.status == 401 or at(said.tree, "error") in RUN_OUT)


def _refused(said: Said) -> ChannelError:
    error = text_at(said.tree, "error")
    if error == "AuthFactorTokenRequired":
        return SignInError(
            _("This is the account’s own password. Make an app password in Bluesky’s settings and enter that.")
        )
    if error in {"AccountTakedown", "AccountDeactivated"}:
        return SignInError(_("Bluesky has closed this account, or its owner has."))
    if said.status in {400, 401, 403}:
        return SignInError(
            _("Bluesky does not accept the app password. Make a new one in Bluesky’s settings and enter it here.")
        )
    return ChannelError(why(said, "message"))
