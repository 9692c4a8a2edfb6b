"""What an operator watches, in Prometheus' text format.

One registry an application, so that two in one process never mix. Counts of the process since its start; nothing here
names a project, a guide or a user.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from api.version import VERSION
from engine.replies import Receipt
from engine.service import Service

MEDIA_TYPE: Final = CONTENT_TYPE_LATEST
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds. Half of all requests for guidance should be in the first three."""


class Metrics:
    """The figures of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Histogram(
            "waypost_http_request_seconds",
            "Time to answer a request, by route.",
            ("route", "method", "status"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._events = Counter(
            "waypost_events", "Events received, by what became of them.", ("outcome",), registry=self.registry
        )
        self._decisions = Counter(
            "waypost_decisions", "Guidance sent to browsers, by kind.", ("kind",), registry=self.registry
        )
        self._degraded = Counter(
            "waypost_degraded_answers", "Requests for guidance answered without the database.", registry=self.registry
        )

    def watch(self, service: Service) -> None:
        """Ask this service for what is read at each look."""
        self.registry.register(_Pulse(service))

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests.labels(route, method, str(status)).observe(seconds)

    def receive(self, receipt: Receipt) -> None:
        """Events were taken in."""
        for outcome, number in (
            ("accepted", receipt.accepted),
            ("duplicate", receipt.duplicates),
            ("rejected", len(receipt.rejected)),
        ):
            if number:
                self._events.labels(outcome).inc(number)
        self.serve([each.kind for each in receipt.decisions])

    def serve(self, kinds: list[str], *, degraded: bool = False) -> None:
        """Guidance went out."""
        for kind in kinds:
            self._decisions.labels(kind).inc()
        if degraded:
            self._degraded.inc()

    def page(self) -> bytes:
        """All figures as text."""
        return generate_latest(self.registry)


class _Pulse(Collector):
    """What the service is asked for when somebody looks."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """The figures of now."""
        pulse = self._service.pulse()
        info = GaugeMetricFamily("waypost_info", "Which release this is.", labels=["version"])
        info.add_metric([VERSION], 1)
        yield info
        for name, text, value in (
            ("waypost_ready", "1 when the database answers and events can be written.", int(pulse.is_ready)),
            ("waypost_writer_waiting_events", "Events that wait to be written.", pulse.waiting_events),
            ("waypost_writer_waiting_requests", "Requests that wait to be written.", pulse.waiting_requests),
            ("waypost_writer_groups", "Groups written since the start.", pulse.groups),
            ("waypost_writer_requests", "Requests written since the start.", pulse.requests),
        ):
            yield GaugeMetricFamily(name, text, value=value)
