"""Celery: the app. What its beat starts stands in flow.py, which apps.py hands over once models are ready."""

import gc
import os

from celery import Celery
from celery.signals import celeryd_init

from backstage.operating.beating import offer_beat
from backstage.operating.pulse import watch_worker
from lib.logs import configure_celery
from workspaces.too_slow import limit_statements

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecrm.settings")

app = Celery("ecrm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
configure_celery(app)
watch_worker(app)
offer_beat(app)
celeryd_init.connect(lambda **_: limit_statements("worker"), weak=False)  # before the worker forks
celeryd_init.connect(lambda **_: gc.freeze(), weak=False)  # its children then share these pages as long as they live
