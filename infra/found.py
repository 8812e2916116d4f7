"""Found a clinic once its stack is up, and commission its end: ask its own function, which alone may use the clinic's key."""

import json
from collections.abc import Mapping, Sequence
from typing import Any


def found(client: Any, outputs: Mapping[str, str], name: str, email: str, reason: str | None = None) -> bool:
    """Make the clinic's secret, invite its first administrator; False when it was founded already.

    With a `reason`, the first administrator accepts for the clinic that codes by e-mail may be enough.
    `client` is a Lambda client with the operator's credentials, `outputs` are the stack's. Raise `RuntimeError` when the function fails.
    """
    founded: bool = _asked(client, outputs, {"name": name, "email": email} | ({} if reason is None else {"reason": reason}))["founded"]
    return founded


def keep_psc_secret(client: Any, outputs: Mapping[str, str], secret: str) -> None:
    """Have the clinic keep, sealed, what it signs in to Pro Santé Connect with."""
    _asked(client, outputs, {"psc_secret": secret})


def commissioned(client: Any, outputs: Mapping[str, str], order: str, key: str) -> dict[str, Any]:
    """Have the clinic sign that its destruction was ordered, and with which key its end will be told; raise `RuntimeError`."""
    signed: dict[str, Any] = _asked(client, outputs, {"order": order, "key": key})["commission"]
    return signed


def given_back(client: Any, outputs: Mapping[str, str], transfers: Sequence[str] = ()) -> dict[str, list[dict[str, Any]]]:
    """Have the clinic give back its people, or these transfers, names in clear; raise `RuntimeError`."""
    told: dict[str, list[dict[str, Any]]] = _asked(client, outputs, {"give_back": list(transfers)})["given_back"]
    return told


def _asked(client: Any, outputs: Mapping[str, str], event: Mapping[str, Any]) -> dict[str, Any]:
    answer = client.invoke(FunctionName=outputs["FoundFunction"], Payload=json.dumps(event))
    told = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise RuntimeError(f"the clinic did not do as it was asked: {told.get('errorType')}")
    answered: dict[str, Any] = told
    return answered
