"""Where facts come from."""

from touchpoints.models import Source


def source_for(key: str, name: str) -> Source:
    """The source with this key in the open workspace, made on first use. Part of every fact's identity."""
    return Source.objects.get_or_create(key=key, defaults={"name": name})[0]
