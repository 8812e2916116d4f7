"""What AWS says of the clinic's own function, queues and certificate. Its clients are made when somebody first asks: few do."""

from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.domain.health import Code, Queue

WAITING = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed")
WORKING = "ApproximateNumberOfMessagesNotVisible"
NONE = "none"


class AwsWatch:
    """Ask Lambda, SQS and Certificate Manager. `queues` are names to addresses: of a queue, and of its dead letters if they are kept."""

    def __init__(self, session: Any, function: str, queues: Mapping[str, tuple[str, str | None]], certificate: str, config: Any) -> None:
        self.session = session
        self.function = function
        self.addresses = queues
        self.certificate = certificate
        self.config = config

    @cached_property
    def functions(self) -> Any:
        return self.session.client("lambda", config=self.config)

    @cached_property
    def sqs(self) -> Any:
        return self.session.client("sqs", config=self.config)

    @cached_property
    def certificates(self) -> Any:
        return self.session.client("acm", config=self.config)

    def code(self) -> "Code":
        from chalicelib.domain.health import Code

        said = self.functions.get_function_configuration(FunctionName=self.function)
        return Code(b64decode(said["CodeSha256"]).hex(), datetime.fromisoformat(said["LastModified"]))

    def queues(self) -> "tuple[Queue, ...]":
        return tuple(self._queue(name, *addresses) for name, addresses in self.addresses.items())

    def certified_until(self) -> datetime | None:
        if self.certificate == NONE:
            return None
        found: datetime | None = self.certificates.describe_certificate(CertificateArn=self.certificate)["Certificate"].get("NotAfter")
        return found

    def _queue(self, name: str, address: str, dead: str | None) -> "Queue":
        from chalicelib.domain.health import Queue

        counts = self._counted(address)
        letters = None if dead is None else sum(self._counted(dead).values())
        return Queue(name, sum(counts[one] for one in WAITING), counts[WORKING], letters)

    def _counted(self, address: str) -> dict[str, int]:
        names = [*WAITING, WORKING]
        told = self.sqs.get_queue_attributes(QueueUrl=address, AttributeNames=names)["Attributes"]
        return {name: int(told[name]) for name in names}
