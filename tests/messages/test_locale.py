"""Every sentence exists in both languages, is used, and reaches the page that needs it."""

import re
from pathlib import Path

import pytest

from chalicelib import rendering

HERE = Path(rendering.__file__).parent
TEMPLATES = {path: path.read_text("utf-8") for path in sorted((HERE / "templates").rglob("*.*"))}
SCRIPTS = {path.name: path.read_text("utf-8") for path in sorted((HERE / "static" / "js").glob("*.js"))}
FRENCH, ENGLISH = rendering.catalogue("fr"), rendering.catalogue("en")
BUILT_IN_PYTHON = {"month.", "date.", "certificate.", "leaving."}
SENT_BY_PYTHON = re.compile(
    r"\b(?:Invalid|Malformed|Conflict|Forbidden|Unauthenticated|Refusal)\(\s*\"([a-z_]+)\"|__init__\(\"([a-z_]+)\"\)"
)


def keys(text: str) -> tuple[set[str], set[str]]:
    """Find the keys a source names in full, and the beginnings it completes at run time."""
    whole = set(re.findall(r"""\bt\(\s*["']([\w.]+)["']\s*[,)]""", text))
    begun = set(re.findall(r"""\bt\(\s*["']([\w.]+)["']\s*~""", text)) | set(re.findall(r"\bt\(\s*`([\w.]*)\$\{", text))
    either = re.findall(r"""\bt\(\w[^()`]*?\? ["']([\w.]+)["'] : ["']([\w.]+)["']""", text)
    return whole | {key for pair in either for key in pair}, begun - {""}


def known(key: str) -> bool:
    return key in FRENCH or f"{key}.other" in FRENCH


def modules(name: str) -> set[str]:
    """Give a script and all it imports."""
    found, left = set(), {name}
    while left:
        found.add(one := left.pop())
        left |= set(re.findall(r"from '\./([\w-]+\.js)'", SCRIPTS[one])) - found
    return found


def pages() -> dict[str, tuple[set[str], tuple[str, ...]]]:
    """Give, for each page that starts modules, its scripts and the beginnings of the keys it hands to them."""
    found = {}
    for path, text in TEMPLATES.items():
        started = re.findall(r'data-module="([a-z]+)"', text)
        if started and path.name != "base.html":
            handed = re.search(r"page_data\(([^)]*)\)", text)
            beginnings = tuple(re.findall(r"[\"']([^\"']+)[\"']", handed[1])) if handed else ()
            found[path.stem] = (set().union(*(modules(f"{name}.js") for name in started)), beginnings)
    return found


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(FRENCH) == list(ENGLISH)


@pytest.mark.parametrize("key", FRENCH)
def test_a_sentence_has_the_same_placeholders_in_both_languages(key: str) -> None:
    found = [set(re.findall(r"\{(\w+)\}", texts[key])) for texts in (FRENCH, ENGLISH)]

    assert found[0] == found[1]


@pytest.mark.parametrize("key", [key for key in FRENCH if key.endswith((".one", ".other"))])
def test_a_plural_has_its_singular(key: str) -> None:
    stem = key.rpartition(".")[0]

    assert f"{stem}.one" in FRENCH
    assert f"{stem}.other" in FRENCH


def test_no_sentence_is_missing() -> None:
    for source in [*TEMPLATES.values(), *SCRIPTS.values()]:
        whole, begun = keys(source)
        assert {key for key in whole if not known(key)} == set()
        assert {start for start in begun if not any(key.startswith(start) for key in FRENCH)} == set()


def test_no_sentence_is_unused() -> None:
    found = [keys(source) for source in [*TEMPLATES.values(), *SCRIPTS.values()]]
    whole = set().union(*(each for each, _ in found))
    begun = tuple(set().union(*(each for _, each in found)) | BUILT_IN_PYTHON)
    unused = {key for key in FRENCH if key not in whole and key.removesuffix(".one").removesuffix(".other") not in whole}

    assert {key for key in unused if not key.startswith(begun)} == set()


@pytest.mark.parametrize("name", pages())
def test_a_page_hands_its_scripts_every_sentence_they_name(name: str) -> None:
    scripts, beginnings = pages()[name]
    named = set().union(*(keys(SCRIPTS[script])[0] for script in scripts))
    codes = {code for script in scripts for code in re.findall(r"(?:code: |codes\.push\(|=== )'([a-z_]+)'[,)} ]", SCRIPTS[script])}
    named |= {f"refusal.{code}" for code in codes if f"refusal.{code}" in FRENCH and {"refusal.failure"} & handed(beginnings)}

    assert {key for key in named if key not in handed(beginnings) and f"{key}.other" not in handed(beginnings)} <= optional(name)


def optional(name: str) -> set[str]:
    """Give what shared scripts name but this page never says: `problems.js` falls back on the general sentence."""
    never = {"signin": {"refusal.signin_link"}, "collect": {"refusal.signin_link"}, "verify": {"refusal.signin_link"}}
    return never.get(name, set()) | {"refusal.signin_required", "refusal.file_changed", "refusal.out_of_space", "refusal.no_crypto"}


def handed(beginnings: tuple[str, ...]) -> set[str]:
    return {key for key in FRENCH if key.startswith(beginnings)}


@pytest.mark.parametrize("name", pages())
def test_a_page_hands_no_sentence_in_vain(name: str) -> None:
    for beginning in pages()[name][1]:
        assert any(key.startswith(beginning) for key in FRENCH)


def test_every_refusal_has_a_sentence() -> None:
    sources = [path.read_text("utf-8") for path in HERE.rglob("*.py")]
    codes = {code for source in sources for pair in SENT_BY_PYTHON.findall(source) for code in pair if code}

    assert {code for code in codes if f"refusal.{code}" not in FRENCH} == set()


def test_french_puts_a_no_break_space_before_its_high_marks() -> None:
    for key, text in FRENCH.items():
        if ".sms" not in key:
            assert not re.search(r"(?<=\w) [:;?!»]|« ", text), key


@pytest.mark.parametrize("texts", [FRENCH, ENGLISH], ids=["fr", "en"])
def test_the_service_is_never_called_what_it_is_not(texts: dict[str, str]) -> None:
    everything = "\n".join(texts.values()).lower()

    assert not re.search(r"bout en bout|end[- ]to[- ]end|zero[- ]knowledge|!", everything)
