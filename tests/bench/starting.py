"""How long the packaged API function takes from its import to its first answer, in a process that has just begun.

Beside it, in turns, runs the least that such a function could be: Chalice, one route, and the same clients of boto3, unpruned.
Time of the processor is counted: nothing here waits for anything, and what else the machine does then counts for little.
"""

import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from infra.package import package
from tests.unit.test_settings import GOOD

RUNS = 7
BARE = str(getattr(sys, "_base_executable", sys.executable))
KEYS = {"AWS_DEFAULT_REGION": "eu-west-3", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
LIBRARIES = ("boto3", "botocore", "chalice", "dateutil", "jmespath", "s3transfer", "six", "urllib3")  # what the least needs
HELLO = """
import boto3
from botocore.config import Config
from chalice.app import Chalice

app = Chalice(app_name="hello")
session, patience = boto3.Session(), Config(connect_timeout=2, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 3})
clients = [session.client(name, config=patience) for name in ("dynamodb", "kms", "s3", "sqs")]


@app.route("/hello")
def hello():
    return {"hello": "world"}
"""
TIMED = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
event = json.loads(sys.argv[2])
begun = time.process_time()
import app
answer = app.app(event, None)
took = time.process_time() - begun
print(json.dumps({"status": answer["statusCode"], "ms": took * 1000, "sdk": "boto3" in sys.modules}))
"""
# What is asked first: the page of a share link, which needs nothing of AWS; and who is signed in, for which every client is made.
PAGE, SESSION, LEAST = ("/c", 200, False), ("/api/session", 401, True), ("/hello", 200, True)


def first_answers(root: Path) -> dict[str, float]:
    """Give the medians of `page`, `session` and `least`, in milliseconds, and of the `ratio` of the last two in each turn."""
    with tempfile.TemporaryDirectory(prefix="sceau-bench-") as name:
        ours, least = Path(name) / "ours", Path(name) / "least"
        with zipfile.ZipFile(package(root).code) as code:
            code.extractall(ours)
        _say_hello(least)
        asked = {"page": (ours, PAGE), "session": (ours, SESSION), "least": (least, LEAST)}
        runs = [{what: _once(*how) for what, how in asked.items()} for _ in range(RUNS + 1)]
    runs = [run | {"ratio": run["session"] / run["least"]} for run in runs[1:]]  # the first turn reads the disk
    return {what: statistics.median(run[what] for run in runs) for what in runs[0]}


def _say_hello(folder: Path) -> None:
    """Lay the least function beside the libraries it needs, as they were installed."""
    folder.mkdir()
    (folder / "app.py").write_text(HELLO, "utf-8")
    for name in LIBRARIES:
        found = importlib.util.find_spec(name)
        assert found is not None
        assert found.origin is not None
        origin = Path(found.origin)
        place = origin.parent if origin.name == "__init__.py" else origin
        (folder / place.name).symlink_to(place)


def _once(folder: Path, asked: tuple[str, int, bool]) -> float:
    """Start a process with nothing on its path but the function's own code; give the milliseconds."""
    path, status, sdk = asked
    process = [BARE, "-I", "-c", TIMED, str(folder), json.dumps(_event(path))]
    told = subprocess.run(process, env=GOOD | KEYS, capture_output=True, text=True, check=True)
    said: Mapping[str, float] = json.loads(told.stdout.splitlines()[-1])
    assert (said["status"], said["sdk"]) == (status, sdk), told.stdout
    return said["ms"]


def _event(path: str) -> dict[str, object]:
    """Say a request as API Gateway does."""
    context = {"httpMethod": "GET", "resourcePath": path, "path": path, "identity": {"sourceIp": "203.0.113.7"}}
    nothing = {"pathParameters": None, "multiValueQueryStringParameters": None, "stageVariables": None, "body": None}
    return {"requestContext": context, "headers": {}, **nothing}
