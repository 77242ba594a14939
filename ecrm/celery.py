"""Celery: the app and the one beat schedule. Due work is on the agenda; the beat only ticks."""

import os

from celery import Celery
from celery.schedules import crontab

from ecrm.lib.logs import configure_celery
from ecrm.operating.pulse import watch_worker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecrm.settings")

app = Celery("ecrm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
configure_celery(app)
watch_worker(app)
app.conf.beat_schedule = {
    "agenda": {"task": "agenda.tick", "schedule": 2.0, "options": {"expires": 2}},
    "stream": {"task": "touchpoints.drain_stream", "schedule": 2.0, "options": {"expires": 2}},
    "partitions": {"task": "touchpoints.ensure_partitions", "schedule": crontab(hour=3, minute=10)},
    "arrivals": {"task": "touchpoints.forget_arrivals", "schedule": crontab(hour=3, minute=30)},
}
