"""The numbers of this process and of the installation, as Prometheus reads them."""

from collections.abc import Iterator

import redis
from prometheus_client import CollectorRegistry, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from backstage.operating.pulse import pulse_ages, queue_depths

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

REQUEST_SECONDS = Histogram(
    "ecrm_request_seconds",
    "Wall time of a request, by method and status",
    ("method", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def observe(method: str | None, status: int, seconds: float) -> None:
    """Count one request. An invented method counts as "other": a stranger may not make up label values."""
    REQUEST_SECONDS.labels(method if method in METHODS else "other", str(status)).observe(seconds)


class Backstage(Collector):
    """What only Valkey knows: how long the queues are, and when worker and beat were last heard of."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("ecrm_valkey_up", "1 when Valkey answers")
        depths = GaugeMetricFamily("ecrm_queue_depth", "Tasks that wait in a queue", labels=["queue"])
        ages = GaugeMetricFamily("ecrm_pulse_age_seconds", "Seconds since a sign of life", labels=["process"])
        try:
            for queue, depth in queue_depths().items():
                depths.add_metric([queue], depth)
            for process, age in pulse_ages().items():
                if age is not None:
                    ages.add_metric([process], age)
            up.add_metric([], 1)
        except redis.RedisError:
            up.add_metric([], 0)
        yield from (up, depths, ages)

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing in advance: registering this must not ask Valkey."""
        return []


REGISTRY.register(Backstage())
