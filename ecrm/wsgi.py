"""The door for WSGI servers (granian)."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecrm.settings")

application = get_wsgi_application()

from lib.parents import end_with_parent  # noqa: E402
from workspaces.too_slow import limit_statements  # noqa: E402 - the settings must stand first

limit_statements("web")
end_with_parent()
gc.collect()
gc.freeze()  # what was read stays: no collection looks at it again
