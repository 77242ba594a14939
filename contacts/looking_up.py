"""Finding one person by something only they have, exactly; no browsing."""

from contextlib import suppress

from contacts.addresses import BadAddressError, normalise_email, normalise_handle, normalise_phone, region_of_zone
from contacts.merging import survivor_of
from contacts.models import Contact, Identity
from workspaces.current import current_workspace

Kind = Identity.Kind


def look_up_exactly(text: str) -> Contact | None:
    """The one person whose address, phone, customer number or handle this is; None if nobody's or several people's."""
    keys: list[tuple[int, str]] = [(Kind.EXTERNAL_ID, text.strip())]
    with suppress(BadAddressError):
        keys.append((Kind.EMAIL, normalise_email(text)))
    with suppress(BadAddressError):
        keys.append((Kind.PHONE, normalise_phone(text, region_of_zone(current_workspace().zone))))
    with suppress(BadAddressError):
        keys.append((Kind.HANDLE, normalise_handle(text)))
    owners = {
        survivor_of(owner)
        for kind, value in keys
        for owner in Identity.objects.filter(kind=kind, value=value).values_list("contact_id", flat=True)
    }
    if len(owners) != 1:
        return None
    return Contact.objects.filter(pk=owners.pop(), erased_at=None).first()
