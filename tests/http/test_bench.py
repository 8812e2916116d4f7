"""What `make bench` measures of the API."""

from tests.bench import serving
from tests.http.visitor import ROUTES


def test_every_route_is_measured() -> None:
    assert set(serving.milliseconds(days=2)) == set(ROUTES)
