"""Close a clinic before its destruction, and keep, beside its code, the note of how far that came: a deployment reads it, too."""

from __future__ import annotations

import json
from typing import Any

from infra.clinic_file import ClinicFile
from infra.place import Place
from infra.shelf import Shelf
from infra.stack import StackFailed

SIGNS = "Found"


def destruction(shelved: Shelf, clinic: ClinicFile) -> dict[str, Any] | None:
    """Answer the note of a destruction that was agreed to and not finished."""
    found = shelved.note(_note(clinic))
    note: dict[str, Any] = json.loads(found) if found else {}
    return note if "agreed" in note else None


def close(place: Place, shelved: Shelf, clinic: ClinicFile) -> None:
    """Let no function of the clinic run any more, but the one that signs its end: nothing wakes it, only its operator."""
    shelved.write(_note(clinic), "{}")
    for name in _functions(place, clinic.stack):
        place.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)


def open_again(place: Place, shelved: Shelf, clinic: ClinicFile) -> None:
    """Let them run: nobody agreed. Raise `StackFailed` when somebody had, for then it can only be finished."""
    if shelved.note(_note(clinic)) is None:
        return
    if destruction(shelved, clinic) is not None:
        raise StackFailed(f"the destruction of {clinic.id} was agreed to and is not finished: finish it first")
    for name in _functions(place, clinic.stack):
        place.client("lambda").delete_function_concurrency(FunctionName=name)
    forget(shelved, clinic)


def agreed(shelved: Shelf, clinic: ClinicFile, note: dict[str, Any]) -> None:
    """Keep what is to be destroyed: the stack that knows it goes first."""
    shelved.write(_note(clinic), json.dumps(note))


def forget(shelved: Shelf, clinic: ClinicFile) -> None:
    """Forget the destruction, when it is done or given up."""
    shelved.drop(_note(clinic))


def _functions(place: Place, stack: str) -> list[str]:
    pages = place.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    made = [one for page in pages for one in page["StackResourceSummaries"]]
    functions = [one for one in made if one["ResourceType"] == "AWS::Lambda::Function"]
    return [one["PhysicalResourceId"] for one in functions if one["LogicalResourceId"] != SIGNS]


def _note(clinic: ClinicFile) -> str:
    return f"destroying/{clinic.id}"
