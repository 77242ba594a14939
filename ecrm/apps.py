from django.apps import AppConfig

from ecrm.celery import app as celery_app

__all__ = ["celery_app"]


class EcrmConfig(AppConfig):
    """The wiring: once every room stands, news and panels are connected."""

    name = "ecrm"

    def ready(self) -> None:
        from ecrm import flow  # noqa: F401, PLC0415 - importing it connects the rooms
