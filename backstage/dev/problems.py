"""What can go wrong with servers, in one word for all who start them."""


class ServerError(RuntimeError):
    """A server did not start; the text says why and what to do."""
