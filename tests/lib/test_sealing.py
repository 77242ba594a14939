import pytest

from lib.sealing import SealBrokenError, seal, unseal


def test_a_secret_opens_only_for_its_row_and_key(settings):
    sealed = seal("hunter2", workspace_id=1, purpose="mailserver:1")

    assert unseal(sealed, workspace_id=1, purpose="mailserver:1") == "hunter2"
    assert b"hunter2" not in sealed
    for workspace, purpose in ((2, "mailserver:1"), (1, "mailserver:2")):
        with pytest.raises(SealBrokenError):
            unseal(sealed, workspace_id=workspace, purpose=purpose)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert unseal(sealed, workspace_id=1, purpose="mailserver:1") == "hunter2"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(SealBrokenError):
        unseal(sealed, workspace_id=1, purpose="mailserver:1")


def test_every_changed_byte_breaks_the_seal():
    sealed = seal("hunter2", workspace_id=1, purpose="x")

    for at in range(1, len(sealed)):
        with pytest.raises(SealBrokenError):
            unseal(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], workspace_id=1, purpose="x")


def test_nothing_stays_nothing():
    assert (seal("", workspace_id=1, purpose="x"), unseal(b"", workspace_id=1, purpose="x")) == (b"", "")
