"""Logs: one line a fact, each with the request's id and the workspace's id where there is one.

The ids come from structlog's context variables: django-structlog binds `request_id` and `user_id` for a request and
`task_id` for a task (and hands the request's id on to the tasks it causes); `name_workspace` adds the workspace.
"""

import logging.config
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from celery import Celery
from celery.signals import setup_logging

# Where a token in the path opens something to whoever has it
OPENED_BY_TOKEN = re.compile(r"/(?:o|c|u|join|hooks|p|accounts|v1/projects)/[^\s\"'<>]*")
SECRET_PART = re.compile(r"(?<!/w)(?<!/p)/([^/?\s]{4})[^/?\s]{11,}")
QUERY = re.compile(r"([?&][^=&\s]{1,40})=[^&\s]*")
QUIET = (
    "httpx",
    "httpcore",
    "asyncio",
    "faker",
    "celery.app.trace",
    "celery.worker.strategy",
    "celery.beat",
    "kombu",
    "PIL",
)


def configure(options: dict[str, Any]) -> None:
    """Send every log of this process through structlog: settings.LOGGING = {"level": "INFO", "json": False}."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(_standard_library(options, shared))


def _standard_library(options: dict[str, Any], shared: list[structlog.typing.Processor]) -> dict[str, Any]:
    if options.get("json"):
        ends: list[structlog.typing.Processor] = [
            structlog.processors.format_exc_info,  # text, without local variables: those hold people's data
            hide_secrets,
            structlog.processors.JSONRenderer(sort_keys=True),
        ]
    else:
        ends = [
            structlog.processors.format_exc_info,
            hide_secrets,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ends],
    }
    level = str(options.get("level", "INFO")).upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # django-structlog says the same better, with the ids
            "django.request": {"level": "CRITICAL"},
            **{name: {"level": "WARNING"} for name in QUIET},
        },
    }


def hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Leave of each token in an address its first four letters, and of each query its names: logs are read by many."""
    for name, value in event.items():
        if not isinstance(value, str):
            continue
        event[name] = hide_in_address(value) if name == "request" else OPENED_BY_TOKEN.sub(_hidden, value)
    return event


def hide_in_address(address: str) -> str:
    """An address without what it opens and what it asks for."""
    return QUERY.sub(r"\1=…", SECRET_PART.sub(r"/\1…", address))


def _hidden(match: re.Match[str]) -> str:
    return hide_in_address(match[0])


def name_workspace(workspace_id: int) -> None:
    """Put the workspace's id on every line until the request or the task ends."""
    structlog.contextvars.bind_contextvars(workspace_id=workspace_id)


def configure_celery(app: Celery) -> None:
    """The same logs in workers and beat, with the task's id and the id of the request that caused it."""
    from django_structlog.celery.steps import DjangoStructLogInitStep  # noqa: PLC0415 (needs ready settings)

    app.steps["worker"].add(DjangoStructLogInitStep)
    setup_logging.connect(_keep_ours, weak=False)


def _keep_ours(**_: Any) -> None:
    """Celery leaves logging alone when somebody listens to its signal; Django has configured it by now."""
