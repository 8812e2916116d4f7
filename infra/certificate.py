"""The certificate of the clinic's name: found, or asked of AWS; a stack can only be made once it is there."""

from __future__ import annotations

import time
from typing import Any

from infra.clinic_file import ClinicFile
from infra.place import Place
from infra.records import Record
from infra.stack import StackFailed

KINDS = ["RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1"]  # AWS lists the first alone unless it is asked
PATIENCE = 60.0  # seconds until AWS says which record it wants
WORTH = ("ISSUED", "PENDING_VALIDATION")
MARK = "sceau"  # tag of a certificate that a deployment asked for: its destruction takes only that away


def certified(place: Place, clinic: ClinicFile) -> str:
    """Answer the ARN of a certificate for the clinic's name, asked for if need be; raise `StackFailed` with the record it waits for."""
    acm = place.client("acm")
    found = _found(acm, clinic) or _asked(acm, clinic)
    said = acm.describe_certificate(CertificateArn=found)["Certificate"]
    if said["Status"] == "ISSUED":
        return found
    waiting = "\n".join(map(str, _proofs(acm, found)))
    what = f"AWS certifies {clinic.domain} once this record is there; make it, wait some minutes, and say the same again"
    raise StackFailed(f"{what}:\n{waiting}\n")


def forgotten(place: Place, clinic: ClinicFile) -> str:
    """Delete the certificate, if a deployment of this clinic asked for it; answer what was done."""
    acm = place.client("acm")
    found = _found(acm, clinic)
    if found is None:
        return "gone already"
    if {"Key": MARK, "Value": clinic.id} not in acm.list_tags_for_certificate(CertificateArn=found)["Tags"]:
        return "left: it was there before"
    acm.delete_certificate(CertificateArn=found)
    return "deleted"


def _found(acm: Any, clinic: ClinicFile) -> str | None:
    """Find a certificate of that very name, best one that is issued."""
    pages = acm.get_paginator("list_certificates").paginate(CertificateStatuses=list(WORTH), Includes={"keyTypes": KINDS})
    named = [one["CertificateArn"] for page in pages for one in page["CertificateSummaryList"] if one["DomainName"] == clinic.domain]
    status = {arn: acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] for arn in named}
    worth = sorted((arn for arn in named if status[arn] in WORTH), key=lambda arn: WORTH.index(status[arn]))
    return worth[0] if worth else None


def _asked(acm: Any, clinic: ClinicFile) -> str:
    tags = [{"Key": MARK, "Value": clinic.id}]
    token = clinic.id.replace("-", "_")  # asked twice within an hour, it is one
    asked = acm.request_certificate(DomainName=clinic.domain, ValidationMethod="DNS", IdempotencyToken=token, Tags=tags)
    return str(asked["CertificateArn"])


def _proofs(acm: Any, arn: str) -> list[Record]:
    """Answer the records that AWS waits for; it knows them a moment after it was asked."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        options = acm.describe_certificate(CertificateArn=arn)["Certificate"].get("DomainValidationOptions", [])
        wanted = [one["ResourceRecord"] for one in options if "ResourceRecord" in one]
        if wanted:
            return [Record(one["Name"], one["Type"], one["Value"], "lets AWS certify the name, and renew it") for one in wanted]
        time.sleep(1)
    return []
