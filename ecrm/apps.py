from django.apps import AppConfig

from ecrm.celery import app as celery_app

__all__ = ["celery_app"]


class EcrmConfig(AppConfig):
    """The wiring: once every model stands, flow.py opens the house."""

    name = "ecrm"

    def ready(self) -> None:
        from ecrm import flow  # noqa: PLC0415 - models must be ready; importing it opens the house

        celery_app.conf.beat_schedule = flow.SCHEDULE
