"""Where facts come from."""

from django.utils.translation import gettext as _

from touchpoints.models import Source
from workspaces.languages import team_language


def source_for(key: str, name: str) -> Source:
    """The source with this key in the open workspace, made on first use. Part of every fact's identity."""
    return Source.objects.get_or_create(key=key, defaults={"name": name})[0]


def by_hand_source() -> Source:
    """The source of what colleagues write down."""
    with team_language():
        return source_for("by-hand", _("By hand"))
