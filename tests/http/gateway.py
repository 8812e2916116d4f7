"""The gateway in front of the functions, as a WSGI app: it finds the route a path belongs to, and lets one browser through."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.http.visitor import API, Visitor

ROUTES = sorted(API, key=lambda one: "{" in one[1])  # /api/members/review first: it is nobody's id
SHAPES = [(method, path, re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path))) for method, path in ROUTES]
NOWHERE = ("404 ", [("Content-Type", "application/json")], b'{"error": "not_found"}')


@dataclass(frozen=True, slots=True)
class Gateway:
    """One browser's way to the API; the cookies of its requests are those it holds."""

    visitor: Visitor

    def __call__(self, environ: Mapping[str, Any], start: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
        status, headers, body = self._answer(environ)
        start(status, headers)
        return [body]

    def _answer(self, environ: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        found = ((route, shape.fullmatch(path)) for known, route, shape in SHAPES if known == method)
        route, params = next(((route, match.groupdict()) for route, match in found if match), ("", {}))
        if not route:
            return NOWHERE
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) or None
        seen = self.visitor.call(method, f"{route}?{environ['QUERY_STRING']}", body, dict(_headers(environ)), **params)
        return f"{seen.status} ", list(seen.headers.items()), seen.text.encode()


def _headers(environ: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in environ.items():
        if name.startswith("HTTP_") and name != "HTTP_COOKIE":
            yield name.removeprefix("HTTP_").replace("_", "-").lower(), value
    if "CONTENT_TYPE" in environ:
        yield "content-type", environ["CONTENT_TYPE"]
