"""The metrics of the run as Prometheus scrapes them, on the port of the API too."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from evsim_locust.control.errors import Refused
from evsim_locust.control.rest.endpoint import Endpoint, Subject

Exposition = Callable[[], tuple[bytes, str]]  # the text of now and its content type


def subject(exposition: Exposition | None) -> Subject:
    """The endpoint of the metrics; without an exposition it says that there are none."""

    def metrics() -> Response:
        if exposition is None:
            raise Refused(404, "metrics are off")
        text, content_type = exposition()
        return Response(text, content_type=content_type)

    return Subject(
        "metrics",
        (
            Endpoint(
                path="/metrics",
                handle=metrics,
                summary="Metrics as Prometheus text",
                answer=str,
                media_type="text/plain",
                refusals=(404,),
            ),
        ),
    )
