"""Be the embedded AWS: `python -m infra.local.child` serves until its standard input closes."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading


def _leave_with_parent() -> None:
    """Stop this process when its standard input closes: the parent said so, or is no more."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Serve."""
    from ministack.app import main as serve

    from infra.local import postman, warden

    postman.hire()
    warden.hire()
    # Functions run on the bare interpreter: they see the zip and the standard library, as on Lambda, not this virtual environment.
    sys.executable = str(getattr(sys, "_base_executable", sys.executable))
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    sys.argv = sys.argv[:1]
    try:
        serve()
    finally:
        shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)


if __name__ == "__main__":
    main()
