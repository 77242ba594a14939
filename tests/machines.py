"""A machine with a key, as tests let it call the API."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client

from workspaces.current import working_in
from workspaces.keys import make_key
from workspaces.models import Workspace

ROOT = "/api/v1"


@dataclass
class Machine:
    """Calls the API with a key of its own; without one with nothing."""

    key: str = ""
    client: Client = field(default_factory=Client)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        own = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        extra = {"data": body, "content_type": "application/json"} if body is not None else {}
        return self.client.generic(method, f"{ROOT}{path}", headers=own | named, **self._raw(extra))

    def _raw(self, extra: dict[str, Any]) -> dict[str, Any]:
        if "data" not in extra:
            return extra
        data = extra["data"]
        return extra | {
            "data": data if isinstance(data, bytes | str) else self.client._encode_json(data, "application/json")
        }

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any) -> Any:
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.call("DELETE", path)

    def upload(self, path: str, name: str, content: bytes, **form: str) -> Any:
        from django.core.files.uploadedfile import SimpleUploadedFile

        data = {"file": SimpleUploadedFile(name, content), **form}
        return self.client.post(f"{ROOT}{path}", data, headers={"Authorization": f"Bearer {self.key}"})


def machine_of(workspace: Workspace, scopes: Sequence[str] = ()) -> Machine:
    """One with a key of this workspace, narrowed to these scopes if there are any."""
    with working_in(workspace):
        return Machine(make_key("api", "Script", scopes=scopes)[1])
