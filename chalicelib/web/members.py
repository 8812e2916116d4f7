"""The people of the clinic, and its rules for signing in: for its administrator, and for its DPO to see."""

from chalice.app import Blueprint

from chalicelib.domain.member import Action, Role
from chalicelib.usecases import members, policy
from chalicelib.usecases.members import Invite
from chalicelib.web import forms, values
from chalicelib.web.edge import Answer, Call, route
from chalicelib.web.forms import Form
from chalicelib.web.guard import may
from chalicelib.wiring import ports, settings

blueprint = Blueprint(__name__)
SEE, CHANGE = may(Action.SEE_MEMBERS), may(Action.CHANGE_MEMBERS)


@route(blueprint, "GET", "/api/members", SEE)
def everybody(call: Call) -> Answer:
    """List the members."""
    return Answer(200, values.everybody(members.everybody(ports())))


@route(blueprint, "POST", "/api/members", CHANGE)
def invite(call: Call) -> Answer:
    """Invite somebody."""
    form = Form(call.body, *forms.PERSON, "role")
    command = Invite(call.who, forms.read_person(form), form.choice("role", Role, "bad_field"))
    return Answer(201, {"member": values.member(members.invite(command, ports()))})


@route(blueprint, "POST", "/api/members/{member}/invitation", CHANGE)
def invite_again(call: Call) -> Answer:
    """Send another invitation."""
    Form(call.body)
    members.invite_again(call.who, forms.member_id(call.path), ports())
    return Answer(204)


@route(blueprint, "PUT", "/api/members/{member}", CHANGE)
def change(call: Call) -> Answer:
    """Keep another name, address, number or language."""
    person = forms.read_person(Form(call.body, *forms.PERSON))
    return Answer(200, {"member": values.member(members.change(call.who, forms.member_id(call.path), person, ports()))})


@route(blueprint, "PUT", "/api/members/{member}/role", CHANGE)
def give_role(call: Call) -> Answer:
    """Give another role."""
    role = Form(call.body, "role").choice("role", Role, "bad_field")
    return Answer(200, {"member": values.member(members.give_role(call.who, forms.member_id(call.path), role, ports()))})


@route(blueprint, "POST", "/api/members/{member}/disable", CHANGE)
def disable(call: Call) -> Answer:
    """Shut somebody out."""
    Form(call.body)
    return Answer(200, {"member": values.member(members.disable(call.who, forms.member_id(call.path), ports()))})


@route(blueprint, "POST", "/api/members/{member}/enable", CHANGE)
def enable(call: Call) -> Answer:
    """Let somebody in again."""
    Form(call.body)
    return Answer(200, {"member": values.member(members.enable(call.who, forms.member_id(call.path), ports()))})


@route(blueprint, "POST", "/api/members/{member}/reset", CHANGE)
def reset(call: Call) -> Answer:
    """Forget what somebody signs in with, and invite them anew."""
    Form(call.body)
    return Answer(200, {"member": values.member(members.reset(call.who, forms.member_id(call.path), ports()))})


@route(blueprint, "POST", "/api/members/review", CHANGE)
def reviewed(call: Call) -> Answer:
    """Keep that the rights were reviewed."""
    Form(call.body)
    members.reviewed(call.who, ports())
    return Answer(204)


@route(blueprint, "GET", "/api/members/review", SEE)
def list_rights(call: Call) -> Answer:
    """Give the list of rights, with when each was last used."""
    rows = [values.rights(one) for one in members.list_rights(call.who, ports())]
    return Answer(200, {"name": "droits.csv", "csv": values.csv_of(rows)})


@route(blueprint, "GET", "/api/policy", may(Action.SEE_POLICY))
def see_policy(call: Call) -> Answer:
    """Look at the rules for signing in."""
    accepted = values.acceptance(call.who.acceptance)
    return Answer(200, {"acceptance": accepted, "unsecured": policy.unsecured(ports()), "psc": settings().clinic.psc})


@route(blueprint, "PUT", "/api/policy/acceptance", may(Action.CHANGE_POLICY))
def accept(call: Call) -> Answer:
    """Accept the risk of codes by e-mail."""
    accepted = policy.accept(call.who, Form(call.body, "reason").text("reason"), ports())
    return Answer(200, {"acceptance": values.acceptance(accepted)})


@route(blueprint, "DELETE", "/api/policy/acceptance", may(Action.CHANGE_POLICY))
def withdraw(call: Call) -> Answer:
    """Take that back."""
    Form(call.body)
    policy.withdraw(call.who, ports())
    return Answer(204)


@route(blueprint, "GET", "/api/reports/sign-in", may(Action.SEE_REPORTS))
def report(call: Call) -> Answer:
    """Say how members sign in, for the homologation file."""
    return Answer(200, {"report": values.report(policy.report(call.who, ports()), ports().clinic)})
