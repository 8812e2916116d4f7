"""Have others read the packaged template: checkov, and parliament for what roles may do. `make check` runs `python -m infra.lint`.

Both live in .venv-lint, which wants an old boto3 of its own, and ask no network. What they find is mended, or stands in
infra/lint.yaml with the reason why it is right as it is; a reason for what nobody finds any more is a fault, too.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.merge import Template
from infra.package import package

LINTERS = Path(".venv-lint/bin/python")
REASONS = Path("infra/lint.yaml")
HERE = {"AWS::Partition": "aws", "AWS::Region": "eu-west-3", "AWS::AccountId": "111122223333"}
# How the ARN of a thing reads: parliament compares them with what an action is for.
ARNS = {
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:eu-west-3:111122223333:table/{}",
    "AWS::KMS::Key": "arn:aws:kms:eu-west-3:111122223333:key/{}",
    "AWS::Logs::LogGroup": "arn:aws:logs:eu-west-3:111122223333:log-group:{}:*",
    "AWS::S3::Bucket": "arn:aws:s3:::{}",
    "AWS::SQS::Queue": "arn:aws:sqs:eu-west-3:111122223333:{}",
}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A check, and the resource of the template that it does not pass."""

    check: str
    resource: str


def main() -> int:
    """Read, and say what is neither mended nor explained; answer the exit status."""
    built = package(Path.cwd())
    found = {**checkov(built.cloudformation), **parliament(built.template())}
    explained = reasons(yaml.safe_load(REASONS.read_text("utf-8")))
    wrong = faults(found, explained)
    print(*wrong or [f"{len(explained)} findings, each with its reason in {REASONS}"], sep="\n")
    return 1 if wrong else 0


def faults(found: dict[Finding, str], explained: dict[Finding, str]) -> list[str]:
    """Answer one sentence for each finding without a reason, and for each reason without a finding."""
    new = [f"{one.resource}: {found[one]} ({one.check})" for one in sorted(found.keys() - explained.keys())]
    return new + [f"{REASONS}: {one.check} finds nothing in {one.resource} any more" for one in sorted(explained.keys() - found.keys())]


def reasons(said: list[dict[str, Any]]) -> dict[Finding, str]:
    """Answer the reason of each finding that may stay."""
    return {Finding(one["check"], resource): one["why"] for one in said for resource in one["in"]}


def checkov(template: Path) -> dict[Finding, str]:
    """Ask checkov about a template in plain CloudFormation; answer what it says of each finding."""
    options = ["--framework", "cloudformation", "--skip-download", "--compact", "--quiet", "--soft-fail", "--output", "json"]
    said = json.loads(_asked("checkov.main", "--file", str(template), *options))
    failed = said["results"]["failed_checks"]
    return {Finding(one["check_id"], one["resource"].rpartition(".")[2]): one["check_name"] for one in failed}


def parliament(template: Template) -> dict[Finding, str]:
    """Ask parliament about what every role of a template may do; answer what it says of each finding."""
    with tempfile.TemporaryDirectory() as folder:
        for name, policy in policies(template):
            Path(folder, f"{name}.json").write_text(json.dumps(policy), encoding="utf-8")
        said = [json.loads(line) for line in _asked("parliament.cli", "--directory", folder, "--json").splitlines()]
    return {Finding(one["issue"], Path(one["location"]["filepath"]).stem): f"{one['title']} {one['detail']}" for one in said}


def policies(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Find the policies of each role by its name, with ARNs in the places of what makes them."""
    kinds = {name: one["Type"] for name, one in template["Resources"].items()}
    for name, one in template["Resources"].items():
        for policy in one["Properties"].get("Policies", ()) if one["Type"] == "AWS::IAM::Role" else ():
            yield name, resolved(policy["PolicyDocument"], kinds)


def resolved(value: Any, kinds: dict[str, str]) -> Any:  # noqa: PLR0911 - one answer for each kind
    """Answer a value with something likely in the place of each intrinsic; `kinds` are the types of resources by name."""
    match value:
        case {"Ref": str(name)}:
            return HERE.get(name, name)
        case {"Fn::GetAtt": [str(name), _]}:
            return ARNS[kinds[name]].format(name)
        case {"Fn::Sub": [str(text), dict()]}:
            return resolved({"Fn::Sub": text}, kinds)
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([\w:]+)(\.Arn)?\}", lambda found: _named(found[1], found[2], kinds), text)
        case dict():
            return {key: resolved(one, kinds) for key, one in value.items()}
        case list():
            return [resolved(one, kinds) for one in value]
    return value


def _named(name: str, arn: str | None, kinds: dict[str, str]) -> str:
    return HERE.get(name, name) if arn is None else ARNS[kinds[name]].format(name)


def _asked(module: str, *arguments: str) -> str:
    """Run a linter; its status says only whether it found something. Raise SystemExit when it said nothing at all."""
    ended = subprocess.run([LINTERS, "-W", "ignore", "-m", module, *arguments], capture_output=True, text=True, check=False)
    if ended.stderr:
        raise SystemExit(f"{module} did not work:\n{ended.stderr}")
    return ended.stdout


if __name__ == "__main__":
    sys.exit(main())
