"""Sending, and following what one sent."""

from chalice.app import Blueprint

from chalicelib.usecases import draft, follow, shred, upload
from chalicelib.usecases.follow import Mine
from chalicelib.usecases.shred import Revoke
from chalicelib.usecases.upload import Complete, SignParts
from chalicelib.web import forms, guard, values
from chalicelib.web.edge import Answer, Call, route
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)


@route(blueprint, "POST", "/api/transfers")
def make(call: Call) -> Answer:
    """Make a draft."""
    command = forms.read_draft(call.body, guard.member_of(call, ports()), call.ip)
    return Answer(201, values.draft(draft.make(command, ports())))


@route(blueprint, "PUT", "/api/transfers/{transfer}/envelope")
def accept_envelope(call: Call) -> Answer:
    """Take the envelope of a draft."""
    sender = guard.member_of(call, ports())
    upload.accept_envelope(forms.read_envelope(call.body, sender, forms.transfer_id(call.path)), ports())
    return Answer(200, {})


@route(blueprint, "POST", "/api/transfers/{transfer}/parts")
def sign_parts(call: Call) -> Answer:
    """Sign the URLs of some parts."""
    sender = guard.member_of(call, ports())
    command = SignParts(sender, forms.transfer_id(call.path), forms.read_parts(call.body))
    puts = upload.sign_parts(command, ports())
    return Answer(200, {"urls": [values.signed(part, put) for part, put in zip(command.parts, puts, strict=True)]})


@route(blueprint, "POST", "/api/transfers/{transfer}/files/{file}/complete")
def complete(call: Call) -> Answer:
    """Have a file's parts put together."""
    sender, parts = guard.member_of(call, ports()), forms.read_uploaded(call.body)
    upload.complete(Complete(sender, forms.transfer_id(call.path), forms.file_number(call.path), parts), ports())
    return Answer(200, {})


@route(blueprint, "GET", "/api/transfers")
def mine(call: Call) -> Answer:
    """List what one sent."""
    sent = follow.mine(Mine(guard.member_of(call, ports()), forms.cursor(call.query)), ports())
    return Answer(200, {"transfers": [values.transfer(one) for one in sent.transfers], "next": sent.next})


@route(blueprint, "GET", "/api/transfers/{transfer}")
def one(call: Call) -> Answer:
    """Look at one transfer."""
    return Answer(200, {"transfer": values.transfer(follow.one(guard.member_of(call, ports()), forms.transfer_id(call.path), ports()))})


@route(blueprint, "DELETE", "/api/transfers/{transfer}")
def revoke(call: Call) -> Answer:
    """End a transfer."""
    forms.Form(call.body)
    shred.revoke(Revoke(guard.member_of(call, ports()), forms.transfer_id(call.path)), ports())
    return Answer(204)


@route(blueprint, "DELETE", "/api/transfers/{transfer}/recipients/{recipient}")
def revoke_recipient(call: Call) -> Answer:
    """Close a transfer to one recipient."""
    forms.Form(call.body)
    sender = guard.member_of(call, ports())
    shred.revoke_recipient(Revoke(sender, forms.transfer_id(call.path), forms.recipient_id(call.path)), ports())
    return Answer(204)
