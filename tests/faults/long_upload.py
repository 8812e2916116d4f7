"""F-35, by hand: a large file is on its way while another version is deployed: `python -m tests.faults.long_upload --mib 1024`.

Its parts leave by signed addresses, in threads. Afterwards it is fetched as a recipient does, and the stock Encryption SDK opens it.
"""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict
from io import StringIO
from pathlib import Path

import requests

from chalicelib import wiring
from chalicelib.domain.transfer import State
from chalicelib.usecases.ports import UploadedPart
from infra.package import Package
from tests.browser.sdk import opened
from tests.builders import Sending, a_session, put_for_real
from tests.fake_aws import digest
from tests.faults.upgrading import Deployed, Living, ports_of, settings_of
from tests.operating import an_emulator, an_operator
from tests.stack import eventually
from tests.versions import next_version

MIB = 1024 * 1024
AT_ONCE = 3  # parts on their way, as in a browser
PATIENCE = 100  # failures in all


class Upload:
    """The parts of one file, put one by one, and when each arrived."""

    def __init__(self, deployed: Deployed, sending: Sending) -> None:
        self.deployed = deployed
        self.sending = sending
        self.session = deployed.sender(sending)
        self.arrived: list[float] = []
        self.again = 0

    def put(self, number: int) -> UploadedPart:
        """Have one part signed and put it; what fails while functions change is tried again, as a browser does."""
        body = self.sending.files[0].part(number)
        asked = {"parts": [{"file": 0, "part": number, "size": len(body), "sha256": digest(body)}]}
        while True:
            try:
                (signed,) = self.deployed.call("POST", f"/api/transfers/{self.sending.id}/parts", asked, session=self.session)["urls"]
                tag = put_for_real(signed["url"], signed["headers"], body)
            except (AssertionError, OSError):
                self.again += 1
                if self.again > PATIENCE:
                    raise
                time.sleep(0.5)
            else:
                self.arrived.append(time.monotonic())
                return UploadedPart(number, tag, digest(body))

    def run(self) -> None:
        """Put every part, and have them put together."""
        with ThreadPoolExecutor(AT_ONCE) as crew:
            done = [asdict(one) for one in crew.map(self.put, self.sending.files[0].parts())]
        self.deployed.call("POST", f"/api/transfers/{self.sending.id}/files/0/complete", {"parts": done}, session=self.session)


def walk(deployed: Deployed, world: Living, built: Package, size: int) -> str:
    """Send a file of `size` bytes through a deployment; answer what was seen."""
    clear = os.urandom(size)
    sending = world.landing(clear)
    upload = Upload(deployed, sending)
    thread, parts = threading.Thread(target=upload.run), sending.files[0].plan.parts
    thread.start()
    eventually(lambda: len(upload.arrived) >= parts // 4, 600)
    begun = time.monotonic()
    deployed.upgrade(built)
    ended = time.monotonic()
    thread.join()
    eventually(lambda: sending.transfer.state is State.SEALED, 600)
    assert _opened(deployed, world, sending) == clear, "the file is another"
    when = [
        sum(at < begun for at in upload.arrived),
        sum(begun <= at <= ended for at in upload.arrived),
        sum(at > ended for at in upload.arrived),
    ]
    told = f"{when[0]} before, {when[1]} during, {when[2]} after the {ended - begun:.1f} s of the deployment; {upload.again} tried again"
    return f"{size // MIB} MiB in {parts} parts: {told}. Sealed, fetched, opened: the same bytes."


def _opened(deployed: Deployed, world: Living, sending: Sending) -> bytes:
    """Fetch the file as its recipient does, and open it."""
    session, _ = a_session(world.ports, sending.door())
    deployed.call("GET", "/api/collect", collect=session)
    url = deployed.call("POST", "/api/collect/files/0", {}, collect=session)["url"]
    frames = requests.get(url, timeout=600).content
    return opened(deployed, sending.files[0].header + frames, sending.made.context)


@contextmanager
def a_clinic(folder: Path) -> Iterator[tuple[Deployed, Living]]:
    """Deploy a clinic, and stand beside it."""
    with an_emulator(folder / "aws") as emulator, an_operator(emulator, folder) as operator:
        assert operator.deploy() == 0
        world = Living(ports_of(operator), settings_of(operator))
        wiring.use(world.ports, world.settings)
        world.fresh()
        yield Deployed(operator), world


def main() -> None:
    """Walk once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=1024)
    asked = parser.parse_args()
    logging.disable()
    with tempfile.TemporaryDirectory(prefix="sceau-") as name:
        with redirect_stdout(StringIO()):
            built = next_version(Path(name) / "next")
        with redirect_stdout(StringIO()), a_clinic(Path(name)) as (deployed, world):
            seen = walk(deployed, world, built, asked.mib * MIB)
    print(seen)


if __name__ == "__main__":
    main()
