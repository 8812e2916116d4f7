"""Every message the service writes, with invented people, and where its golden copy lives.

`python -m tests.messages.cases` writes the golden copies again; read the difference before keeping it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from chalicelib.domain.notice import Letter
from chalicelib.rendering import LANGUAGES, message

GOLDEN = Path(__file__).parent / "golden"
ORIGIN = "https://envois.tilleuls.example"
CLINIC = {"name": "Clinique des Tilleuls", "support": "01 23 45 67 89"}
SECRET = "q9dK2n3vT0m7XwYb4ZcRfg"
WHEN = 1_796_050_000  # 30 November 2026, 14:46:40 UTC

SHARE_LINK = f"{ORIGIN}/c?lang=fr#{'a' * 26}.{'b' * 26}.{SECRET}"
ACCOUNT = f"{ORIGIN}/account"
TRANSFER = f"{ORIGIN}/transfers/{'a' * 26}"

CASES: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "share_link": ("share_link", {"link": SHARE_LINK, "expires_at": WHEN}),
    "login_code": ("login_code", {"code": "048291", "minutes": 5}),
    "invitation": ("invitation", {"link": f"{ORIGIN}/join?lang=fr#{'a' * 26}.{SECRET}", "expires_at": WHEN}),
    "means_changed": ("means_changed", {"link": ACCOUNT}),
    "contact_changed": ("contact_changed", {"link": ACCOUNT, "left": False}),
    "contact_left": ("contact_changed", {"left": True}),
    "signin_locked": ("signin_locked", {"link": ACCOUNT}),
    "passkey_copied": ("passkey_copied", {"link": ACCOUNT}),
    "review_due": ("review_due", {"link": f"{ORIGIN}/members"}),
    "reminder": ("reminder", {"link": SHARE_LINK, "expires_at": WHEN}),
    "unopened": ("unopened", {"link": TRANSFER, "opened": 1, "total": 3, "expires_at": WHEN}),
    "expired": ("expired", {"link": TRANSFER, "opened": 2, "total": 3, "created_at": WHEN}),
    "abandoned": ("abandoned", {"link": TRANSFER, "created_at": WHEN}),
    "undelivered": ("undelivered", {"link": TRANSFER, "created_at": WHEN}),
    "refused": ("refused", {"link": TRANSFER, "reason": "not_whole", "created_at": WHEN}),
}


def letters() -> Iterator[tuple[str, str, Letter]]:
    """Give each case in each language: its name, its language, its letter."""
    for case, (name, values) in CASES.items():
        for language in LANGUAGES:
            yield case, language, message(name, {"clinic": CLINIC, **values}, language)


def parts(letter: Letter) -> dict[str, str]:
    """Give the files a letter is kept in, by ending."""
    kept = {"txt": f"Subject: {letter.subject}\n\n{letter.text}", "html": letter.html}
    return kept if letter.sms is None else {**kept, "sms": f"{letter.sms}\n"}


if __name__ == "__main__":
    for case, language, letter in letters():
        for ending, text in parts(letter).items():
            (GOLDEN / f"{case}.{language}.{ending}").write_text(text, "utf-8")
