"""Sending, and following what one sent."""

from chalice.app import Blueprint

from chalicelib.domain.ids import MemberId, TransferId
from chalicelib.domain.member import Action
from chalicelib.usecases import certify, correct, draft, follow, remind, reschedule, resume, shred, upload
from chalicelib.usecases.follow import Mine
from chalicelib.usecases.remind import Remind
from chalicelib.usecases.reschedule import Reschedule
from chalicelib.usecases.resume import Resume
from chalicelib.usecases.shred import Revoke
from chalicelib.usecases.upload import Complete, SignParts
from chalicelib.web import forms, values
from chalicelib.web.edge import Answer, Call, route
from chalicelib.web.guard import ANYBODY, may
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)
SEND, FOLLOW = may(Action.SEND), may(Action.FOLLOW)


@route(blueprint, "POST", "/api/transfers", SEND)
def make(call: Call) -> Answer:
    """Make a draft."""
    command = forms.read_draft(call.body, call.who.member.id, call.ip)
    return Answer(201, values.kit(draft.make(command, ports())))


@route(blueprint, "PUT", "/api/transfers/{transfer}/envelope", SEND)
def accept_envelope(call: Call) -> Answer:
    """Take the envelope of a draft."""
    sender = call.who.member.id
    upload.accept_envelope(forms.read_envelope(call.body, sender, forms.transfer_id(call.path)), ports())
    return Answer(200, {})


@route(blueprint, "POST", "/api/transfers/{transfer}/resume", SEND)
def go_on(call: Call) -> Answer:
    """Give back what an upload goes on with."""
    forms.Form(call.body)
    found = resume.resume(Resume(call.who.member.id, forms.transfer_id(call.path), call.ip), ports())
    return Answer(200, values.resumed(found))


@route(blueprint, "POST", "/api/transfers/{transfer}/parts", SEND)
def sign_parts(call: Call) -> Answer:
    """Sign the URLs of some parts."""
    sender = call.who.member.id
    command = SignParts(sender, forms.transfer_id(call.path), forms.read_parts(call.body))
    puts = upload.sign_parts(command, ports())
    return Answer(200, {"urls": [values.signed(part, put) for part, put in zip(command.parts, puts, strict=True)]})


@route(blueprint, "POST", "/api/transfers/{transfer}/files/{file}/complete", SEND)
def complete(call: Call) -> Answer:
    """Have a file's parts put together."""
    sender, parts = call.who.member.id, forms.read_uploaded(call.body)
    upload.complete(Complete(sender, forms.transfer_id(call.path), forms.file_number(call.path), parts), ports())
    return Answer(200, {})


@route(blueprint, "GET", "/api/transfers", FOLLOW)
def mine(call: Call) -> Answer:
    """List what one sent."""
    sent = follow.mine(Mine(call.who.member.id, forms.cursor(call.query)), ports())
    return Answer(200, {"transfers": [values.transfer(one, ports().clinic) for one in sent.transfers], "next": sent.next})


@route(blueprint, "GET", "/api/transfers/{transfer}", FOLLOW)
def one(call: Call) -> Answer:
    """Look at one transfer."""
    return _shown(call.who.member.id, forms.transfer_id(call.path))


def _shown(member: MemberId, identity: TransferId) -> Answer:
    return Answer(200, values.followed(follow.one(member, identity, ports()), ports().clinic))


@route(blueprint, "POST", "/api/transfers/{transfer}/reminders", FOLLOW)
def remind_all(call: Call) -> Answer:
    """Remind everybody who has not opened."""
    forms.Form(call.body)
    command = Remind(call.who.member.id, forms.transfer_id(call.path))
    return Answer(202, {"reminded": remind.remind(command, ports())})


@route(blueprint, "PUT", "/api/transfers/{transfer}/expiry", FOLLOW)
def move_expiry(call: Call) -> Answer:
    """Move the end of a transfer."""
    command = Reschedule(call.who.member.id, forms.transfer_id(call.path), forms.read_expiry(call.body))
    reschedule.reschedule(command, ports())
    return _shown(command.sender, command.transfer)


@route(blueprint, "PUT", "/api/transfers/{transfer}/recipients/{recipient}", FOLLOW)
def correct_recipient(call: Call) -> Answer:
    """Correct whom a link goes to."""
    sender = call.who.member.id
    command = forms.read_correction(call.body, sender, forms.transfer_id(call.path), forms.recipient_id(call.path))
    correct.correct(command, ports())
    return _shown(sender, command.transfer)


@route(blueprint, "GET", "/api/transfers/{transfer}/certificate", FOLLOW)
def certificate(call: Call) -> Answer:
    """Give the certificate of a destroyed transfer."""
    return Answer(200, certify.certify(call.who.member.id, forms.transfer_id(call.path), ports()))


@route(blueprint, "GET", "/api/transfers/{transfer}/certificate/pdf", FOLLOW)
def certificate_pdf(call: Call) -> Answer:
    """Give the same as a PDF, in base64: the gateway decodes bodies only for callers that announce it."""
    from chalicelib import printing

    identity = forms.transfer_id(call.path)
    stated = certify.certify(call.who.member.id, identity, ports())
    pdf = printing.certificate(stated, forms.language(call.query), ports().clinic.origin)
    return Answer(200, {"name": f"certificat-{identity[:8]}.pdf", "pdf": values.b64(pdf)})


@route(blueprint, "POST", "/api/certificates/check", ANYBODY)
def check_certificate(call: Call) -> Answer:
    """Check a certificate that somebody brings: anybody may."""
    verdict = certify.check(forms.read_certificate(call.body), ports())
    return Answer(200, {"genuine": verdict.genuine, "records": verdict.records})


@route(blueprint, "DELETE", "/api/transfers/{transfer}", FOLLOW)
def revoke(call: Call) -> Answer:
    """End a transfer."""
    forms.Form(call.body)
    shred.revoke(Revoke(call.who.member.id, forms.transfer_id(call.path)), ports())
    return Answer(204)


@route(blueprint, "DELETE", "/api/transfers/{transfer}/recipients/{recipient}", FOLLOW)
def revoke_recipient(call: Call) -> Answer:
    """Close a transfer to one recipient."""
    forms.Form(call.body)
    sender = call.who.member.id
    shred.revoke_recipient(Revoke(sender, forms.transfer_id(call.path), forms.recipient_id(call.path)), ports())
    return Answer(204)
