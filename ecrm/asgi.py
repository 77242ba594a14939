"""The door for ASGI servers; the main site is served by WSGI."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecrm.settings")

application = get_asgi_application()
