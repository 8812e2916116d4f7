"""The road between a browser and the bucket, made slow, shut, or unreliable."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Page, Route

from tests.stack import Stack

# A clinic whose receipts take no time, and whose URLs are asked for ahead: files follow each other as fast as they can.
QUICK = """const slow = window.fetch, urls = new Map();
window.fetch = (path, options) => {
  if (String(path).endsWith('/receipt')) return Promise.resolve(new Response(null, {status: 204}));
  const file = /^\\/api\\/collect\\/files\\/(\\d+)$/.exec(path);
  if (!file) return slow(path, options);
  for (let n = Number(file[1]); n < Math.min(25, Number(file[1]) + 6); n += 1) {
    if (!urls.has(n)) urls.set(n, slow(`/api/collect/files/${n}`, options));
  }
  return urls.get(Number(file[1]));
};"""


def bucket_of(clinic: Stack, objects: str = "**") -> str:
    """Answer the pattern of the addresses of some objects, or of every one."""
    return f"{clinic.aws_url}/{clinic.bucket}/{objects}"


def slow(page: Page, bytes_per_second: int) -> None:
    """Let a page send no faster than this; -1 frees it."""
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", conditions)


@dataclass
class Gate:
    """Hold what goes to the bucket, or to some objects of it, until it is opened."""

    page: Page
    clinic: Stack
    objects: str = "**"
    held: list[Route] = field(default_factory=list)

    def shut(self) -> None:
        """Hold from now on."""
        self.page.route(bucket_of(self.clinic, self.objects), self._hold)

    def open(self) -> None:
        """Let everything through."""
        for route in self.held:
            route.continue_()
        self.held.clear()
        self.page.unroute(bucket_of(self.clinic, self.objects))

    def forget(self) -> None:
        """Hold no more; what was held went with the page that asked for it."""
        self.held.clear()
        self.page.unroute(bucket_of(self.clinic, self.objects))

    def _hold(self, route: Route) -> None:
        self.held.append(route)


@dataclass
class Unreliable:
    """Answer 503 to the first tries of each part, then let it through."""

    page: Page
    clinic: Stack
    failures: int
    tries: dict[str, int] = field(default_factory=dict)

    def begins(self) -> None:
        """Fail from now on."""
        self.page.route(bucket_of(self.clinic), self._answer)

    def _answer(self, route: Route) -> None:
        if route.request.method != "PUT":
            route.continue_()
            return
        place = route.request.url
        self.tries[place] = self.tries.get(place, 0) + 1
        if self.tries[place] > self.failures:
            route.continue_()
        else:
            route.fulfill(status=503, headers={"Access-Control-Allow-Origin": self.clinic.origin}, body="SlowDown")
