"""What ways to phones have in common: members have no numbers, so that tests go to one that the sender names."""

from django.utils.translation import gettext as _

from delivery.messengers.protocol import ServerDownError
from messengers.http.provider import HttpProvider


class PhoneProvider(HttpProvider):
    """A provider whose Settings have a `test_number`."""

    @property
    def test_address(self) -> str:
        """Where a test goes. ServerDownError while none is entered."""
        if not self.settings.test_number:
            raise ServerDownError(_("Enter a number for tests in the sender."))
        return str(self.settings.test_number)
