import base64
import json

import pytest

from workspaces.current import working_in
from workspaces.keys import make_key


@pytest.fixture
def keys(kettle):
    with working_in(kettle):
        return {kind: make_key(kind, kind)[1] for kind in ("server", "browser", "api")}


@pytest.fixture
def post(client, keys):
    def send(body, path="batch", key="server", content_type="application/json", **headers):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        if key is not None:
            basic = base64.b64encode(f"{keys.get(key, key)}:".encode()).decode()
            headers = {"Authorization": f"Basic {basic}", **headers}
        return client.post(f"/v1/{path}", raw, content_type=content_type, headers=headers)

    return send
