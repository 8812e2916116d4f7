"""Turn templates and locale files into pages and messages. Jinja2 is imported on first use: most calls never need it."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.domain.notice import Letter

if TYPE_CHECKING:
    from jinja2 import Environment

LANGUAGES = ("fr", "en")
VERSION_LENGTH = 12  # hexadecimal digits of the digest of all static files
COMPILED = "compiled"
_HERE = Path(__file__).parent
_COMMENT = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/[ \t]*|//[^\n]*)\n", re.MULTILINE | re.DOTALL)  # those with lines of their own
_IMPORT = re.compile(r"from '\./([\w-]+\.js)'")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def page(name: str, values: Mapping[str, object], language: str) -> str:
    """Render `templates/pages/<name>.html`.

    `values` holds `clinic` (`name`, `support`, `hosting`) and, where the page needs them, `member`, `limits`,
    `email_codes`, the `languages` to choose from, the first of them first, and the page's own `values`.
    """
    shown = {"member": None, "limits": None, "email_codes": False, "languages": LANGUAGES, "values": {}, **values}

    def page_data(*prefixes: str) -> dict[str, object]:
        texts = {key: text for key, text in catalogue(language).items() if key.startswith(prefixes)}
        return {"language": language, "texts": texts} | {k: shown[k] for k in ("limits", "member", "email_codes")}

    template = _environment().get_template(f"pages/{name}.html")
    context = {"page": name, "static": static_path(), "modules": modules(name), "page_data": page_data}
    return template.render({**shown, **context, **_words(language)})


def message(name: str, values: Mapping[str, object], language: str) -> Letter:
    """Render the parts of one message: `templates/messages/<name>/` with subject, text, HTML and perhaps an SMS."""
    context = {**values, **_words(language)}

    def part(file: str) -> str:
        return _environment().get_template(f"messages/{name}/{file}").render(context)

    has_sms = (_HERE / "templates" / "messages" / name / "sms.txt").is_file()
    return Letter(
        subject=_one_line(part("subject.txt")),
        text=part("body.txt").strip() + "\n",
        html=part("body.html"),
        sms=_one_line(part("sms.txt")) if has_sms else None,
    )


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Read every sentence of one language, by key."""
    if language not in LANGUAGES:
        raise ValueError(f"no such language: {language!r}")
    sentences: dict[str, str] = json.loads((_HERE / "locale" / f"{language}.json").read_text("utf-8"))
    return sentences


def sentence(language: str, key: str, **values: object) -> str:
    """Say one sentence; with `count`, in the singular or the plural. Raise `KeyError` for an unknown key or a missing value."""
    texts = catalogue(language)
    if key not in texts and "count" in values:
        key = f"{key}.{_plural(language, values['count'])}"
    return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), texts[key])


def day_in_words(language: str, instant: int) -> str:
    """Write the day of an instant (seconds since 1970) as a clinic in France reads it."""
    when = _paris(instant)
    month = sentence(language, f"month.{when.month}")
    return sentence(language, "date.day", day=when.day, month=month, year=when.year)


def moment_in_words(language: str, instant: int) -> str:
    """Write an instant (seconds since 1970) in French time, to the minute."""
    when = _paris(instant)
    day = day_in_words(language, instant)
    return sentence(language, "date.moment", day=day, hour=f"{when.hour:02}", minute=f"{when.minute:02}")


@cache
def static_version() -> str:
    """Give the digest of all static files: a new content has a new address."""
    digest = sha256()
    root = _HERE / "static"
    for path in sorted(file for file in root.rglob("*") if file.is_file()):
        digest.update(f"{path.relative_to(root).as_posix()}\n{path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:VERSION_LENGTH]


def static_path(name: str = "") -> str:
    """Give the address of a static file, or the prefix of all of them (without a final slash)."""
    return f"/static/{static_version()}/{name}".rstrip("/")


def static_text(kind: str, name: str) -> str | None:
    """Give the text of a static file, or None when there is none of that name. Scripts travel without their comments."""
    return _static_texts(kind).get(name)


@cache
def _static_texts(kind: str) -> Mapping[str, str]:
    files = {file.name: file.read_text("utf-8") for file in (_HERE / "static" / kind).iterdir() if file.suffix == f".{kind}"}
    return {name: _COMMENT.sub("", text) for name, text in files.items()} if kind == "js" else files


@cache
def modules(page: str) -> tuple[str, ...]:
    """Name every script a page comes to load, workers left out, so that they are all asked for at once."""
    found: list[str] = []
    wanted = ["start.js", "header.js", f"{page}.js"]
    while wanted:
        name = wanted.pop(0)
        text = static_text("js", name)
        if text is not None and name not in found:
            found.append(name)
            wanted += _IMPORT.findall(text)
    return tuple(found)


@cache
def _environment() -> "Environment":
    return environment(_HERE)


def environment(folder: Path) -> "Environment":
    """Make what renders the templates under `folder`, or what the package has made of them: Python, in `COMPILED`."""
    from jinja2 import Environment, FileSystemLoader, ModuleLoader, StrictUndefined

    beforehand = folder / COMPILED
    return Environment(
        loader=ModuleLoader(beforehand) if beforehand.is_dir() else FileSystemLoader(folder / "templates"),
        autoescape=_is_html,  # noqa: S701 - every .html template is escaped; text parts must stay literal
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def _is_html(name: str | None) -> bool:
    return name is None or name.endswith(".html")


def _words(language: str) -> dict[str, object]:
    def t(key: str, **values: object) -> str:
        return sentence(language, key, **values)

    def moment(instant: int) -> str:
        return moment_in_words(language, instant)

    words: dict[str, Callable[..., str]] = {"t": t, "moment": moment}
    return {"language": language, **words}


def _plural(language: str, count: object) -> str:
    one = count in (0, 1) if language == "fr" else count == 1
    return "one" if one else "other"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _paris(instant: int) -> datetime:
    """Give the wall clock in France, without a time-zone database: functions may run where there is none.

    Summer time runs from the last Sunday of March to the last Sunday of October, both at 01:00 UTC (directive 2000/84/EC).
    """
    when = datetime.fromtimestamp(instant, UTC)
    summer = _last_sunday(when.year, 3) <= when < _last_sunday(when.year, 10)
    return when + timedelta(hours=2 if summer else 1)


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=last.isoweekday() % 7)
