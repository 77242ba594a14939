"""The ids of RCS messages: UUIDs, the same on each try, so that a message asked for twice is one.

    4 bytes of the message's number ‖ 12 bytes of a keyed seal over workspace, message, contact and occasion

with version and variant of RFC 9562 (8: one's own) over six of the seal's bits.
"""

from uuid import UUID

from lib.signing import seals_of

PURPOSE = "messengers.rcs"
LOW = 0xFFFF_FFFF


def message_uuid(workspace_id: int, message_id: int, contact_id: int, occasion: int) -> str:
    """The id of one message to one person."""
    return _ids(workspace_id, message_id, contact_id, occasion)[0]


def is_id_of(given: str, workspace_id: int, message_id: int, contact_id: int, occasion: int) -> bool:
    """Whether it is that one's. Keys in SECRET_KEY_FALLBACKS still count."""
    return given.lower() in _ids(workspace_id, message_id, contact_id, occasion)


def low_of(given: str) -> int | None:
    """The last 32 bits of the message's number; None for what is no UUID."""
    try:
        return int(UUID(given).hex[:8], 16)
    except ValueError:
        return None


def _ids(workspace_id: int, message_id: int, contact_id: int, occasion: int) -> list[str]:
    head = (message_id & LOW).to_bytes(4)
    seals = seals_of(PURPOSE, workspace_id, message_id, contact_id, occasion)
    return [str(_uuid(head + seal)) for seal in seals]


def _uuid(raw: bytes) -> UUID:
    number = int.from_bytes(raw)
    number = number & ~(0xF << 76) | (8 << 76)
    return UUID(int=number & ~(0x3 << 62) | (2 << 62))
