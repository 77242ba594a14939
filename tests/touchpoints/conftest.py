import base64
import json
from datetime import UTC, datetime

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


@pytest.fixture
def noon(time_machine):
    """It is noon of a Wednesday in March, and stays so."""
    moment = datetime(2026, 3, 18, 12, tzinfo=UTC)
    time_machine.move_to(moment, tick=False)
    return moment


@pytest.fixture
def here(noon, inside):
    """Kettle & Co is open, at noon."""
    return inside
