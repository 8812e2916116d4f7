"""Break the line to AWS: refuse, throttle, lose an answer after its effect, cut a body short."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError

from chalicelib.usecases.ports import Ports
from tests.faults.killing import clients_of

Answer = Callable[[Any, Any], AWSResponse | None]


class Raw(BytesIO):
    """A body as urllib3 would give it."""

    def stream(self, **_: object) -> Iterator[bytes]:
        while chunk := self.read():
            yield chunk


def error(status: int, code: str) -> Answer:
    """Answer with an error in AWS's tongues: JSON, and XML for S3 and SNS."""

    def answer(client: Any, request: Any) -> AWSResponse:
        spoken = json.dumps({"__type": code, "message": "made up"})
        if client.meta.service_model.service_name in ("s3", "sns"):
            spoken = f"<Error><Code>{code}</Code><Message>made up</Message></Error>"
        if client.meta.service_model.service_name == "sns":
            spoken = f"<ErrorResponse>{spoken}</ErrorResponse>"
        headers = {"x-amzn-ErrorType": code, "Content-Length": str(len(spoken))}
        return AWSResponse(request.url, status, headers, Raw(spoken.encode()))

    return answer


def body(status: int, text: bytes, **headers: str) -> Answer:
    """Answer with these very bytes."""
    return lambda _, request: AWSResponse(request.url, status, headers, Raw(text))


def lost(client: Any, request: Any) -> None:
    """Let it be done, and lose the answer."""
    client._endpoint.http_session.send(request)
    raise ConnectionClosedError(endpoint_url=request.url)


@contextmanager
def broken(ports: Ports, where: str, answer: Answer, times: int = 1_000_000) -> Iterator[list[str]]:
    """Answer for AWS the first `times` it is asked `where` (`service.Operation`, `service` or `*`), retries included."""
    asked: list[str] = []
    service, _, operation = where.partition(".")
    registered = []
    for client in clients_of(ports):
        mine = client.meta.service_model.service_id.hyphenize()
        if service not in ("*", client.meta.service_model.service_name):
            continue

        def instead(request: Any, client: Any = client, **_: object) -> AWSResponse | None:
            if len(asked) >= times:
                return None
            asked.append(request.url)
            return answer(client, request)

        event = f"before-send.{mine}.{operation or '*'}"
        client.meta.events.register_first(event, instead)
        registered.append((client, event, instead))
    try:
        yield asked
    finally:
        for client, event, instead in registered:
            client.meta.events.unregister(event, instead)
