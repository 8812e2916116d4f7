"""Turn the packaged template into plain CloudFormation, as AWS will when it deploys, without asking AWS."""

from __future__ import annotations

import copy
import logging
import os
from typing import Any

from infra.merge import Template

REGION = "eu-west-3"  # Paris, the only region a clinic may live in (ADR on hosting)


def translate(template: Template, code_uri: str = "s3://placeholder/code.zip") -> Template:
    """Answer the CloudFormation that AWS::Serverless makes of `template`."""
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    from samtranslator.translator.transform import transform  # slow, and wants a region at import

    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it complains of measures it did not send to AWS
    plain = copy.deepcopy(template)
    for resource in plain["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code_uri
    translated: Any = transform(plain, {}, _NoManagedPolicies())
    return dict(translated)


class _NoManagedPolicies:
    """Stand in for the list of AWS's managed policies: our roles use none."""

    def load(self) -> dict[str, str]:
        return {}
