"""The people of the clinic, for its administrator."""

from chalice.app import Blueprint

from chalicelib.usecases import members
from chalicelib.web import forms, guard, values
from chalicelib.web.edge import Answer, Call, route
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)


@route(blueprint, "GET", "/api/members")
def everybody(call: Call) -> Answer:
    """List the members."""
    guard.administrator_of(call, ports())
    return Answer(200, {"members": [values.member(one) for one in members.everybody(ports())]})


@route(blueprint, "POST", "/api/members")
def invite(call: Call) -> Answer:
    """Invite somebody."""
    member = members.invite(forms.read_invitation(call.body, guard.administrator_of(call, ports())), ports())
    return Answer(201, {"member": values.member(member)})
