"""Importing this brings the whole product into memory: the nest does, once, before any part is forked from it.

What fails here fails again in the part that needs it, and is said there, among its own lines.
"""

import contextlib
import gc
import os

from lib.parents import end_with_parent

end_with_parent()  # the fork server itself would wait for all that was forked from it
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecrm.settings")
with contextlib.suppress(Exception):
    import celery.apps.worker
    import celery.concurrency.prefork
    import celery.concurrency.thread  # noqa: F401
    import django
    import granian.cli  # noqa: F401
    import kombu.transport.redis  # noqa: F401
    from celery import current_app
    from django.urls import get_resolver

    django.setup()

    current_app.loader.import_default_modules()
    assert get_resolver().reverse_dict  # noqa: S101 (reads every room's routes)
gc.collect()
gc.freeze()  # the parts' own collections then leave these pages alone, and go on sharing them
