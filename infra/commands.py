"""What every command about one clinic has in common: its file, its questions, its exit status."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from infra.clinic_file import BadClinicFile, ClinicFile, read
from infra.stack import StackFailed

DONE, FAILED, BAD_FILE = 0, 1, 2

Agree = Callable[[str], bool]


def done(file: Path, work: Callable[[ClinicFile], object]) -> int:
    """Do some work for the clinic of a file; say plainly why it could not be done, and answer the exit status."""
    try:
        clinic = _chosen(file)
    except BadClinicFile as refused:
        print(f"{file} is refused, and nothing was done:", *refused.faults, sep="\n  ", file=sys.stderr)
        return BAD_FILE
    try:
        work(clinic)
    except (StackFailed, ClientError, BotoCoreError, RuntimeError) as error:
        print(f"Not done: {str(error).rstrip()}", file=sys.stderr)
        return FAILED
    return DONE


def asked(question: str) -> bool:
    """Ask somebody; whoever says nothing has not agreed."""
    try:
        return input(f"{question} Type yes to go on: ").strip() == "yes"
    except EOFError:
        return False


def _chosen(file: Path) -> ClinicFile:
    try:
        return read(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadClinicFile([f"The file cannot be read: {error}."]) from None
