"""Look after the service: what its operator asks before calling anybody."""

from chalicelib.domain.health import Health
from chalicelib.usecases.ports import Ports


def look(ports: Ports) -> Health:
    """Tell the state of the service: one read, and a few questions to AWS about the clinic's own things."""
    watch = ports.watch
    return Health(ports.clock.now(), watch.code(), watch.queues(), ports.dues.last(), watch.certified_until(), ports.clinic.hosted_until)
