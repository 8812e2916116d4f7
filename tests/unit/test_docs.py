"""The documentation says what the code does, all of it, and nothing that is gone."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from app import app
from chalicelib.domain import errors
from chalicelib.domain.audit import Event, Tag
from chalicelib.settings import Settings
from chalicelib.web.edge import STATUS

ROOT = Path(__file__).parents[2]
CODE = ROOT / "chalicelib"
REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "SECURITY.md", *(ROOT / "docs").rglob("*.md")])
TREES = [ast.parse(path.read_text("utf-8")) for path in CODE.rglob("*.py")]
REFUSALS = {name: one for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, errors.Refusal)}
LARGER_THAN_TRUE = re.compile(r"end.to.end|zero.knowledge|bout.en.bout", re.IGNORECASE)
DENIED = re.compile(rf"\b(?:not|never)\b(?:\s+\w+){{0,2}}\s+(?:{LARGER_THAN_TRUE.pattern})", re.IGNORECASE)


class Noted(dict[str, str]):
    """An environment that notes what was asked of it."""

    def __init__(self, **given: str) -> None:
        super().__init__(given)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)


def section(page: str, title: str) -> str:
    """Give what stands under a second-level heading."""
    return (REFERENCE / page).read_text("utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(text: str) -> dict[str, list[str]]:
    """Read the tables whose first cell is one code span: that name, and the other cells."""
    lines = [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line.startswith("| `")]
    return {cells[0].strip().strip("`"): [cell.strip() for cell in cells[1:]] for cells in lines}


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Walk through every call of the code, with the last name of what is called."""
    for tree in TREES:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield getattr(node.func, "attr", getattr(node.func, "id", "")), node


def texts(node: ast.expr) -> set[str]:
    """Give the literal texts an expression may be."""
    if isinstance(node, ast.IfExp):
        return texts(node.body) | texts(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def functions_given_a_code() -> Iterator[tuple[str, int]]:
    """Find the functions that raise `Invalid` with a code they were given, and where in their arguments it stands."""
    for tree in TREES:
        for node in ast.walk(tree):
            names = [a.arg for a in node.args.args if a.arg != "self"] if isinstance(node, ast.FunctionDef) else []
            if "code" in names and isinstance(node, ast.FunctionDef) and node.name != "__init__":
                yield node.name, names.index("code")


def refusals_raised() -> dict[str, set[int]]:
    """Collect every refusal code of the code with its statuses."""
    raised: dict[str, set[int]] = {}
    given = set(functions_given_a_code())
    for name, call in calls():
        places = [1 if name == "TooMany" else 0] if name in REFUSALS else [place for function, place in given if function == name]
        status = STATUS[REFUSALS.get(name, errors.Invalid)]
        for code in {code for place in places for argument in call.args[place : place + 1] for code in texts(argument)}:
            if re.fullmatch(r"[a-z_]+", code):
                raised.setdefault(code, set()).add(status)
    for refusal in (errors.NotFound(), errors.TooLarge()):
        raised.setdefault(refusal.code, set()).add(STATUS[type(refusal)])
    raised["too_many_requests"] = {STATUS[errors.TooMany]}
    return raised


def tags(node: ast.expr) -> set[Tag]:
    """Give the tags an expression may be."""
    if isinstance(node, ast.IfExp):
        return tags(node.body) | tags(node.orelse)
    return {Tag[node.attr]} if isinstance(node, ast.Attribute) and node.attr in Tag.__members__ else set()


def event_fields() -> dict[str, set[str]]:
    """Collect every audit tag of the code with the fields it is given."""
    fields: dict[str, set[str]] = {}
    for name, call in calls():
        for tag in tags(call.args[0]) if name == "event" and call.args else ():
            fields.setdefault(tag, set()).update(keyword.arg for keyword in call.keywords if keyword.arg)
    return fields


def anchors(page: Path) -> set[str]:
    """Give the anchors that headings make, as the forges write them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_setting_is_documented_and_no_documented_one_is_dead() -> None:
    given = dict.fromkeys(rows(section("settings.md", "Environment variables")), "5")
    chosen = {"ORIGIN": "https://clinic.example", "LADDER": "none", "SMS_PREFIXES": "+33", "PSC": "offered", "PSC_DISCOVERY": "production"}
    known = given | chosen | {"LANGUAGES": "fr", "FIREWALL": "on", "ALARMS": "off", "HOSTED_UNTIL": "none"}
    environments = [Noted(**known | {"S3_ADDRESSING": style}) for style in ("virtual", "path")]

    for environment in environments:
        Settings.from_env(environment)

    assert set().union(*(environment.asked for environment in environments)) == set(given)


def test_every_parameter_of_the_stack_is_documented_with_its_default() -> None:
    template = yaml.safe_load((ROOT / "infra" / "resources" / "parameters.yaml").read_text("utf-8"))

    documented = rows(section("settings.md", "Stack parameters"))

    assert set(documented) == set(template["Parameters"])
    for name, parameter in template["Parameters"].items():
        assert documented[name][0].replace("`", "").startswith(str(parameter.get("Default", "")))


def test_every_variable_the_template_gives_is_read_and_said_to_come_from_it() -> None:
    template = yaml.safe_load((ROOT / "infra" / "resources" / "functions.yaml").read_text("utf-8"))
    given = template["Globals"]["Function"]["Environment"]["Variables"]

    documented = rows(section("settings.md", "Environment variables"))

    assert {name for name, cells in documented.items() if cells[0] not in ("Lambda", "the emulator")} == set(given)
    for name, (origin, *_) in documented.items():
        if origin.startswith("`"):
            assert given[name] == {"Ref": origin.strip("`")}


def test_every_route_is_documented_and_no_documented_one_is_dead() -> None:
    page = (REFERENCE / "http-api.md").read_text("utf-8")

    spoken = re.findall(r"`(GET|POST|PUT|DELETE) (/\S*?)`", page)

    served = {(method, path) for path, methods in app.routes.items() for method in methods}
    assert {(m, re.sub(r"\{\w+\}", "{}", p)) for m, p in spoken} == {(m, re.sub(r"\{\w+\}", "{}", p)) for m, p in served}


def test_every_refusal_is_documented_with_its_statuses_and_no_documented_one_is_dead() -> None:
    raised = refusals_raised()

    documented = rows(section("refusals.md", "Said by the service"))

    assert {code: {int(status) for status in cells[0].split(", ")} for code, cells in documented.items()} == raised


def test_every_refusal_of_the_gateway_is_documented() -> None:
    template = yaml.safe_load((ROOT / "infra" / "resources" / "api.yaml").read_text("utf-8"))
    answers = template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"].values()

    documented = rows(section("refusals.md", "Said by the gateway"))

    assert set(documented) == {json.loads(answer["ResponseTemplates"]["application/json"])["error"] for answer in answers}


@pytest.mark.parametrize("policy", sorted((ROOT / "infra" / "policies").iterdir()), ids=lambda policy: policy.stem)
def test_every_right_of_every_function_is_documented_and_no_documented_one_is_dead(policy: Path) -> None:
    said = json.loads(policy.read_text("utf-8"))["Statement"]

    documented = {sid: set(re.findall(r"`(\w+:\w+)`", cells[0])) for sid, cells in rows(section("rights.md", policy.stem)).items()}

    assert documented == {one["Sid"]: set(one["Action"]) for one in said}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_refusal_has_a_sentence(language: str) -> None:
    sentences = json.loads((CODE / "locale" / f"{language}.json").read_text("utf-8"))

    wanted = {f"refusal.{code}" for code in (*refusals_raised(), "failure")}

    assert wanted - set(sentences) == set()


def test_every_audit_event_is_documented_with_its_fields_and_no_documented_one_is_dead() -> None:
    page = rows(section("audit.md", "Events"))

    documented = {tag: set(re.findall(r"`(\w+)`", cells[1])) for tag, cells in page.items()}

    assert set(documented) == {str(tag) for tag in Tag}
    assert documented == {str(tag): fields for tag, fields in event_fields().items()}


def test_an_audit_event_has_the_documented_fields_and_no_other() -> None:
    first_cells = re.findall(r"^\| (`.*?) \|", section("audit.md", "Fields"), re.MULTILINE)

    documented = {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)}

    assert documented == set(Event.__dataclass_fields__)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", prose) if not link.startswith(("http://", "https://"))]

    found = [(page.parent / place if place else page, anchor) for place, _, anchor in (link.partition("#") for link in links)]

    assert [str(place) for place, _ in found if not place.exists()] == []
    assert [f"{place}#{anchor}" for place, anchor in found if anchor and anchor not in anchors(place)] == []


def test_every_page_of_the_documentation_is_reached_from_its_index() -> None:
    index = ROOT / "docs" / "README.md"

    reached = {(index.parent / link.partition("#")[0]).resolve() for link in re.findall(r"\]\(([^)\s]+)\)", index.read_text("utf-8"))}

    assert set((ROOT / "docs").rglob("*.md")) - reached == {index}


def test_every_requirement_the_code_names_is_documented_and_no_documented_one_is_dead() -> None:
    code = "".join(path.read_text("utf-8") for folder in (CODE, ROOT / "infra") for path in folder.rglob("*.py"))

    named = set(re.findall(r"\bR\d\d\b", code))

    documented = re.findall(r"^\| (R\d\d) \|", (REFERENCE / "requirements.md").read_text("utf-8"), re.MULTILINE)
    assert set(documented) == named


def test_nobody_is_told_that_the_cryptography_is_more_than_it_is() -> None:
    shown = [path for folder in ("locale", "templates") for path in (CODE / folder).rglob("*") if path.is_file()]

    claims = [str(path) for path in shown if LARGER_THAN_TRUE.search(path.read_text("utf-8"))]

    assert shown
    assert claims == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_documentation_names_what_is_not_claimed_only_to_deny_it(page: Path) -> None:
    words = page.read_text("utf-8")

    undenied = DENIED.sub("", words)

    assert LARGER_THAN_TRUE.findall(undenied) == []
