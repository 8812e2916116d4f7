"""Found a clinic once its stack is up: ask its own function, which alone may use the clinic's key."""

import json
from collections.abc import Mapping
from typing import Any


def found(client: Any, outputs: Mapping[str, str], name: str, email: str) -> bool:
    """Make the clinic's secret and its first administrator; False when it has members already.

    `client` is a Lambda client with the operator's credentials, `outputs` are the stack's. Raise `RuntimeError` when the function fails.
    """
    payload = json.dumps({"name": name, "email": email})
    answer = client.invoke(FunctionName=outputs["FoundFunction"], Payload=payload)
    told = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise RuntimeError(f"the clinic could not be founded: {told.get('errorType')}")
    founded: bool = told["founded"]
    return founded
