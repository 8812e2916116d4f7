"""Found a clinic once its stack is up: ask its own function, which alone may use the clinic's key."""

import json
from collections.abc import Mapping
from typing import Any


def found(client: Any, outputs: Mapping[str, str], name: str, email: str, reason: str | None = None) -> bool:
    """Make the clinic's secret, invite its first administrator; False when it was founded already.

    With a `reason`, the first administrator accepts for the clinic that codes by e-mail may be enough.
    `client` is a Lambda client with the operator's credentials, `outputs` are the stack's. Raise `RuntimeError` when the function fails.
    """
    return _asked(client, outputs, {"name": name, "email": email} | ({} if reason is None else {"reason": reason}))


def keep_psc_secret(client: Any, outputs: Mapping[str, str], secret: str) -> None:
    """Have the clinic keep, sealed, what it signs in to Pro Santé Connect with."""
    _asked(client, outputs, {"psc_secret": secret})


def _asked(client: Any, outputs: Mapping[str, str], event: Mapping[str, str]) -> bool:
    answer = client.invoke(FunctionName=outputs["FoundFunction"], Payload=json.dumps(event))
    told = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise RuntimeError(f"the clinic did not do as it was asked: {told.get('errorType')}")
    founded: bool = told["founded"]
    return founded
