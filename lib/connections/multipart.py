"""A form with a file, as HTTP sends it (RFC 7578)."""

import secrets
from collections.abc import Mapping


def write_multipart(
    fields: Mapping[str, str], name: str, content_type: str, data: bytes, *, field: str = "file"
) -> tuple[str, bytes]:
    """(Content-Type, body) of `fields` and one file of this name and kind under `field`; names are of our own making."""
    boundary = f"ecrm-{secrets.token_hex(16)}"  # so long that it stands in no file
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{one}"\r\n\r\n{text}\r\n'.encode()
        for one, text in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
    parts += [f"{head}Content-Type: {content_type}\r\n\r\n".encode(), data, f"\r\n--{boundary}--\r\n".encode()]
    return f"multipart/form-data; boundary={boundary}", b"".join(parts)
