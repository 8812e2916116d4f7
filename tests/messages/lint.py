"""What a message may not contain (requirement R65): the linter the templates and the rendered messages go through."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

GSM_7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)  # 3GPP TS 23.038, without the extension table: one septet each
SMS_MOST = 160  # septets in one segment
ALLOWED_VARIABLES = {
    "clinic",
    "link",
    "expires_at",
    "code",
    "minutes",
    "reason",
    "created_at",
    "opened",
    "total",
    "left",
    "language",
    "font",
}
HEALTH_WORDS = (
    "irm|scanner|biopsie|résultats?|resultats?|vih|hiv|oncologie|oncology|cancer|patiente?s?|diagnosti[cq]|urgente?s?|urgent|"
    "compte rendu|ordonnance|prescription|examen|maladie|disease|né le|née le|born on"
)
FORBIDDEN = {
    "an image": re.compile(r"<img|<picture|background=|url\(|<svg", re.IGNORECASE),
    "a script or a form": re.compile(r"<script|<form|<iframe|javascript:", re.IGNORECASE),
    "a remote style or font": re.compile(r"<link|@import|@font-face", re.IGNORECASE),
    "a health word": re.compile(rf"\b({HEALTH_WORDS})\b", re.IGNORECASE),
    "a file name": re.compile(r"\b[\w-]+\.(pdf|docx?|odt|zip|jpe?g|png|dcm)\b", re.IGNORECASE),
    "a date of birth": re.compile(r"\b\d{2}/\d{2}/\d{4}\b"),
    "a social security number": re.compile(r"\b[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3}( ?\d{2})?\b"),
    "a person addressed by name": re.compile(r"\b(Mme|M\.|Monsieur|Madame|Mrs?\.?) [A-ZÉ]"),
    "a promise we do not keep": re.compile(r"bout en bout|end[- ]to[- ]end|zero[- ]knowledge", re.IGNORECASE),
}


def faults(text: str, host: str) -> Iterator[str]:
    """Say what in a rendered subject, text, HTML or SMS should not be there."""
    for what, pattern in FORBIDDEN.items():
        found = pattern.search(text)
        if found:
            yield f"{what}: {found[0]!r}"
    for address in re.findall(r"(?:https?:)?//[^\s\"'<>)]+", text):
        if urlsplit(address).hostname != host:
            yield f"a foreign host: {address}"


def sms_faults(text: str) -> Iterator[str]:
    """Say why an SMS would not fit in one segment."""
    strange = sorted(set(text) - GSM_7)
    if strange:
        yield f"outside GSM-7: {strange}"
    if len(text) > SMS_MOST:
        yield f"{len(text)} characters"
    if "http" in text or "//" in text:
        yield "a link"
