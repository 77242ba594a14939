"""Files of people, as the tests of imports bring them."""

from tests.imports.conftest import bring

__all__ = ["bring"]
