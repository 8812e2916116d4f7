"""Read request bodies into commands: every field named, typed and bounded, and nothing else accepted."""

import base64
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from chalicelib.domain import certificate, ids, person, phrase
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.ids import MemberId, RecipientId, TransferId
from chalicelib.domain.login import CODE_DIGITS
from chalicelib.domain.person import Language, Person
from chalicelib.domain.sharing import Basis, LegalDuty, Sharing
from chalicelib.usecases.collect import AskCode as AskCollectCode
from chalicelib.usecases.correct import Correct
from chalicelib.usecases.draft import MakeDraft
from chalicelib.usecases.join import Join
from chalicelib.usecases.ports import UploadedPart
from chalicelib.usecases.upload import PARTS_PER_CALL, Part, SendEnvelope

E = TypeVar("E", bound=StrEnum)
LIST_MOST = 10_000
TEXT_MOST = 600_000  # characters: a manifest in base64
SHA256_BYTES = 32
ETAG_MOST = 100  # characters
PERSON = ("name", "email", "mobile", "language")
PHRASE_MOST = 100  # characters, however it is written
RECOVERY = re.compile(r"[a-z2-7]{10}")
REGION = "FR"  # how a number without a country is read
CURSOR = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ#[a-z2-7]{26}", re.ASCII)


class Form:
    """One JSON object, and where it stands in the body."""

    def __init__(self, body: Mapping[str, Any], *known: str, at: str = "") -> None:
        self.body = body
        self.at = at
        for name in body:
            if name not in known:
                raise Invalid("unknown_field", self.where(name) if name.isascii() and name.isprintable() else None)

    def where(self, name: str) -> str:
        """Name a field by its dotted path."""
        return f"{self.at}{name}"[:100]

    def get(self, name: str, kind: type) -> Any:
        """Give a field of one type; raise `Invalid` with missing_field or bad_field."""
        if name not in self.body:
            raise Invalid("missing_field", self.where(name))
        value = self.body[name]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise Invalid("bad_field", self.where(name))
        if isinstance(value, str) and len(value) > TEXT_MOST:
            raise Invalid("bad_field", self.where(name))
        return value

    def text(self, name: str) -> str:
        """Give a text."""
        value: str = self.get(name, str)
        return value

    def maybe(self, name: str) -> str | None:
        """Give a text, or None where it is null, empty or absent."""
        return None if self.body.get(name) in (None, "") else self.text(name)

    def flag(self, name: str) -> bool:
        """Give a yes or a no, no where it is absent."""
        return name in self.body and bool(self.get(name, bool))

    def number(self, name: str) -> int:
        """Give a whole number."""
        value: int = self.get(name, int)
        return value

    def choice(self, name: str, kind: type[E], code: str) -> E:
        """Give one of an enumeration's values; raise `Invalid(code)`."""
        try:
            return kind(self.text(name))
        except ValueError as error:
            raise Invalid(code, self.where(name)) from error

    def binary(self, name: str, code: str = "bad_field") -> bytes:
        """Give the bytes of a base64 text; raise `Invalid(code)`."""
        return binary(self.text(name), self.where(name), code)

    def digest(self, name: str) -> str:
        """Give the base64 of a SHA-256, as it stands; raise `Invalid("bad_digest")`."""
        if len(self.binary(name, "bad_digest")) != SHA256_BYTES:
            raise Invalid("bad_digest", self.where(name))
        return self.text(name)

    def each(self, name: str, *known: str) -> Iterator["Form"]:
        """Give the objects of a list."""
        for index, value in enumerate(self.list(name)):
            if not isinstance(value, dict):
                raise Invalid("bad_field", self.where(f"{name}.{index}"))
            yield Form(value, *known, at=f"{self.at}{name}.{index}.")

    def list(self, name: str) -> list[Any]:
        """Give a list; raise `Invalid` when it is longer than any honest one."""
        values: list[Any] = self.get(name, list)
        if len(values) > LIST_MOST:
            raise Invalid("bad_field", self.where(name))
        return values


def binary(text: object, where: str, code: str = "bad_field") -> bytes:
    """Give the bytes of a base64 text; raise `Invalid(code)`."""
    try:
        if not isinstance(text, str):
            raise TypeError
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError) as error:
        raise Invalid(code, where) from error


def identity(text: str) -> str:
    """Give an id from a path or a body; raise `NotFound`, as for any id that is nobody's."""
    if not ids.is_id(text):
        raise NotFound
    return text


def transfer_id(path: Mapping[str, str]) -> TransferId:
    """Give the transfer a path names."""
    return TransferId(identity(path.get("transfer", "")))


def member_id(path: Mapping[str, str]) -> MemberId:
    """Give the member a path names."""
    return MemberId(identity(path.get("member", "")))


def recipient_id(path: Mapping[str, str]) -> RecipientId:
    """Give the recipient a path names."""
    return RecipientId(identity(path.get("recipient", "")))


def file_number(path: Mapping[str, str]) -> int:
    """Give the file a path names; raise `NotFound`."""
    text = path.get("file", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 6):  # noqa: PLR2004
        raise NotFound
    return int(text)


def read_email(form: Form) -> str:
    """Read an address in its canonical form."""
    return _blamed(person.email, form, "email")


def read_person(form: Form) -> Person:
    """Read a person; the mobile number may be written the French way."""
    number = form.maybe("mobile")
    return Person(
        _blamed(person.name, form, "name"),
        read_email(form),
        None if number is None else mobile(number, form.where("mobile")),
        form.choice("language", Language, "bad_language"),
    )


def _blamed(check: Any, form: Form, name: str) -> str:
    try:
        text: str = check(form.text(name))
    except Invalid as refusal:
        raise Invalid(refusal.code, form.where(name)) from refusal
    return text


def mobile(text: str, where: str) -> str:
    """Read a number in E.164 or French notation; raise `Invalid("bad_mobile")` when no message could reach it."""
    import phonenumbers
    from phonenumbers import PhoneNumberFormat, PhoneNumberType

    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException as error:
        raise Invalid("bad_mobile", where) from error
    kind = phonenumbers.number_type(number)
    if not phonenumbers.is_valid_number(number) or kind not in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE):
        raise Invalid("bad_mobile", where)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def read_draft(body: Mapping[str, Any], sender: MemberId, ip: str) -> MakeDraft:
    """Read the draft of a transfer."""
    form = Form(body, "request", "recipients", "sizes", "lifetime_days", "basis", "consent_date", "legal_duty")
    each = list(form.each("recipients", *PERSON, "standby", "shared"))
    people = tuple(map(read_person, each))
    marked = (frozenset(index for index, one in enumerate(each) if one.flag(mark)) for mark in ("standby", "shared"))
    return MakeDraft(sender, people, _sizes(form), form.number("lifetime_days"), _sharing(form), ip, _request(form), *marked)


def _request(form: Form) -> str:
    request = form.text("request")
    if not ids.is_id(request):
        raise Invalid("bad_field", "request")
    return request


def read_correction(body: Mapping[str, Any], sender: MemberId, transfer: TransferId, recipient: RecipientId) -> Correct:
    """Read a recipient's right name and addresses."""
    form = Form(body, *PERSON, "shared")
    return Correct(sender, transfer, recipient, read_person(form), form.flag("shared"))


def read_expiry(body: Mapping[str, Any]) -> datetime:
    """Read an instant, in whole seconds since 1970; raise `Invalid("bad_expiry")` for one no clock could show."""
    try:
        return datetime.fromtimestamp(Form(body, "expires_at").number("expires_at"), UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise Invalid("bad_expiry", "expires_at") from error


def read_certificate(body: Mapping[str, Any]) -> dict[str, Any]:
    """Read a certificate that somebody brings; raise `Invalid("bad_certificate")`."""
    return certificate.checked(Form(body, "certificate").get("certificate", dict))


def language(query: Mapping[str, str]) -> Language:
    """Read the language of a document; French where none is named."""
    wish = query.get("lang", Language.FRENCH)
    if wish not in tuple(Language):
        raise Invalid("bad_language", "lang")
    return Language(wish)


def _sizes(form: Form) -> tuple[int, ...]:
    sizes = form.list("sizes")
    for index, size in enumerate(sizes):
        if not isinstance(size, int) or isinstance(size, bool):
            raise Invalid("bad_size", f"sizes.{index}")
    return tuple(sizes)


def _sharing(form: Form) -> Sharing:
    consent = form.maybe("consent_date")
    day = None if consent is None else _day(consent)
    duty = None if form.maybe("legal_duty") is None else form.choice("legal_duty", LegalDuty, "legal_duty_required")
    return Sharing(form.choice("basis", Basis, "unknown_basis"), day, duty)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
        if day.isoformat() != text:  # it reads "20260301" and weeks as well
            raise ValueError
    except ValueError as error:
        raise Invalid("bad_consent_date", "consent_date") from error
    return day


def read_parts(body: Mapping[str, Any]) -> tuple[Part, ...]:
    """Read the parts a sender wants URLs for."""
    form = Form(body, "parts")
    if not 1 <= len(form.list("parts")) <= PARTS_PER_CALL:
        raise Invalid("bad_field", "parts")
    known = ("file", "part", "size", "sha256")
    return tuple(Part(p.number("file"), p.number("part"), p.number("size"), p.digest("sha256")) for p in form.each("parts", *known))


def read_uploaded(body: Mapping[str, Any]) -> tuple[UploadedPart, ...]:
    """Read the parts a sender has put."""
    form = Form(body, "parts")
    return tuple(UploadedPart(p.number("part"), _etag(p), p.digest("sha256")) for p in form.each("parts", "part", "etag", "sha256"))


def _etag(form: Form) -> str:
    etag = form.text("etag")
    if not (etag.isascii() and etag.isprintable() and 0 < len(etag) <= ETAG_MOST):
        raise Invalid("bad_field", form.where("etag"))
    return etag


def read_code(form: Form) -> str:
    """Read six digits, spaces forgiven; raise `Invalid("wrong_code")`."""
    code = "".join(form.text("code").split())
    if not (code.isascii() and code.isdecimal() and len(code) == CODE_DIGITS):
        raise Invalid("wrong_code", "code")
    return code


def read_proof(form: Form) -> str:
    """Read six digits, or a phrase as it is written; raise `Invalid("wrong_code")` for what could be neither: that is no try."""
    text = form.text("code")
    return text if len(text) <= PHRASE_MOST and phrase.is_one(text) else read_code(form)


def read_recovery(form: Form) -> str:
    """Read a recovery code, spaces and capitals forgiven; raise `Invalid("wrong_code")`."""
    code = "".join(form.text("code").lower().split()).replace("-", "")
    if RECOVERY.fullmatch(code) is None:
        raise Invalid("wrong_code", "code")
    return f"{code[:5]}-{code[5:]}"


def read_name(form: Form) -> str:
    """Read what somebody calls a thing of theirs; raise `Invalid("bad_name")`."""
    return _blamed(person.name, form, "name")


def read_invitation_link(body: Mapping[str, Any]) -> Join:
    """Read the two parts of an invitation's link."""
    form = Form(body, "member", "secret")
    return Join(MemberId(identity(form.text("member"))), form.text("secret"))


def read_envelope(body: Mapping[str, Any], sender: MemberId, transfer: TransferId) -> SendEnvelope:
    """Read the sealed manifest and the headers."""
    form = Form(body, "manifest", "headers")
    headers = tuple(binary(text, f"headers.{index}", "header_malformed") for index, text in enumerate(form.list("headers")))
    return SendEnvelope(sender, transfer, form.binary("manifest", "header_malformed"), headers)


def read_link(body: Mapping[str, Any], ip: str) -> AskCollectCode:
    """Read a share link's three parts, and whether another way is wanted."""
    form = Form(body, "transfer", "recipient", "secret", "other")
    transfer, recipient = identity(form.text("transfer")), identity(form.text("recipient"))
    return AskCollectCode(TransferId(transfer), RecipientId(recipient), form.text("secret"), ip, form.flag("other"))


def month(query: Mapping[str, str]) -> date | None:
    """Read which month is meant, as `2026-11`; raise `Invalid("bad_field")`."""
    asked = query.get("month")
    if asked is None:
        return None
    if not re.fullmatch(r"20\d\d-(?:0[1-9]|1[0-2])", asked, re.ASCII):
        raise Invalid("bad_field", "month")
    return date(int(asked[:4]), int(asked[5:]), 1)


def cursor(query: Mapping[str, str]) -> str | None:
    """Read where a list goes on; raise `Invalid("bad_field")`."""
    after = query.get("after")
    if after is None:
        return None
    if CURSOR.fullmatch(after) is None:
        raise Invalid("bad_field", "after")
    return after
