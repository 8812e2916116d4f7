"""What the promises about infrastructure are checked against: the package as it would be deployed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.package import Package, package
from tests.infra.reading import Reading
from tests.stack import ROOT, Stack, stack


@pytest.fixture(scope="session")
def built() -> Package:
    """Package the app, or find the package that is already there."""
    return package(ROOT)


@pytest.fixture(scope="session")
def sam(built: Package) -> dict[str, Any]:
    """Read the template as Chalice and our repairs leave it."""
    read: dict[str, Any] = json.loads(built.sam.read_text(encoding="utf-8"))
    return read


@pytest.fixture(scope="session")
def plain(built: Package) -> Reading:
    """Read the template as AWS would translate it."""
    return Reading(built.template())


@pytest.fixture(scope="package")
def open_clinic() -> Iterator[Stack]:
    """Open one clinic for all that wants to see the package run."""
    with stack() as one:
        yield one
