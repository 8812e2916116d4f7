"""Logs: one JSON line an event, made of a few named fields. Values of requests never get in."""

import json
import logging
import sys
import traceback

# What `extra` may say: ids, counts and the patterns of routes, nothing else.
FIELDS = ("route", "status", "ms", "reference", "queued", "messages", "failed", "transfer", "notice", "refusal", "notes")


class JsonLines(logging.Formatter):
    """Write a record as one line. An exception is told by its type and places: its message may quote a request."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {"level": record.levelname, "at": self.formatTime(record), "event": record.getMessage()}
        line.update({name: getattr(record, name) for name in FIELDS if hasattr(record, name)})
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            line["error"] = f"{type(error).__module__}.{type(error).__qualname__}"
            line["code"] = getattr(error, "response", {}).get("Error", {}).get("Code")
            line["operation"] = getattr(error, "operation_name", None)
            line["where"] = [f"{f.filename.rpartition('/')[2]}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)]
        return json.dumps({name: value for name, value in line.items() if value is not None})


def configure() -> None:
    """Send our own log to standard output as JSON lines, and no other library's details."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    log = logging.getLogger("sceau")
    log.handlers = [handler]
    log.propagate = False
    log.setLevel(logging.INFO)
