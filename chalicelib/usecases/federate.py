"""Sign in with Pro Santé Connect, and link an account of it: the answer is believed only by the browser that asked for it."""

import hmac
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chalicelib.domain.clinic import Federated
from chalicelib.domain.errors import Conflict, Forbidden, Unauthenticated
from chalicelib.domain.factor import Link, Means, Workplace
from chalicelib.domain.ids import ChallengeKey
from chalicelib.domain.login import Challenge, Door, Purpose, SignedIn
from chalicelib.usecases import challenge, changing, earning
from chalicelib.usecases.earning import Browser, Earned
from chalicelib.usecases.people import Found, Used, Wanted
from chalicelib.usecases.ports import Ports

if TYPE_CHECKING:
    from chalicelib.domain.professional import Professional


@dataclass(frozen=True, slots=True)
class Asked:
    """Where the browser goes, and the token for its challenge cookie."""

    url: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Returned:
    """What a browser brings back."""

    code: str = field(repr=False)
    state: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A session, whether an account was linked, and the account as it is now."""

    earned: Earned
    linked: bool
    link: Link


def begin(ip: str, ports: Ports) -> Asked:
    """Begin to sign in; raise `Forbidden("psc_off")`, `Unavailable("psc_down")` or `TooMany`."""
    return _begin(Purpose.PSC, None, ip, ports)


def begin_link(who: SignedIn, ip: str, ports: Ports) -> Asked:
    """Begin to link an account to this member; raise `Forbidden` (psc_off, proof_too_old), `Unavailable` or `TooMany`."""
    who.require_able(Means.PSC, ports.clock.now())
    return _begin(Purpose.LINK_PSC, who.session.door, ip, ports)


def finish(returned: Returned, browser: Browser, ports: Ports) -> Recognised:
    """Believe what Pro Santé Connect answers, and open a session or link the account.

    Raise `Unauthenticated("psc_refused")`, `Forbidden` (psc_not_professional, psc_unknown: nobody here has this account),
    `Conflict` (code_spent, psc_taken: the account is somebody else's), `Unavailable("psc_down")` or `TooMany`.
    """
    found = ports.signins.find(Wanted(session=earning.session_name(browser.session), challenge=browser.going_key))
    tried = _tried(found, ports)
    earning.count(tried, [], ports)
    if not hmac.compare_digest(_derived("state", tried.key, ports).encode(), returned.state.encode("utf-8", "surrogatepass")):
        raise Unauthenticated("psc_refused")
    from chalicelib.domain import professional  # what it compiles is needed nowhere else

    answer = ports.federation.finish(returned.code, _derived("verifier", tried.key, ports))
    given = {"issuer": ports.federation.issuer, "client": ports.federation.client}
    sub = professional.judge_id_token(answer.claims, **given, nonce=_derived("nonce", tried.key, ports), now=ports.clock.now())
    them = professional.professional(answer.userinfo, sub)
    if tried.purpose is Purpose.LINK_PSC:
        return _link(them, tried, browser, ports)
    return _sign_in(them, answer.id_token, found, tried, browser, ports)


def leave(who: SignedIn, ports: Ports) -> str | None:
    """Give where to end the session of Pro Santé Connect too, if this one came from there; None when it cannot be told now."""
    if who.session.id_token is None:
        return None
    return ports.federation.logout(who.session.id_token, _derived("logout", who.session.key, ports))


def choose_workplace(who: SignedIn, place: str, ports: Ports) -> None:
    """Keep where somebody with several places of practice works for this clinic; raise `Conflict` (place_unknown, changed_meanwhile)."""
    link = ports.members.keyring(who.member.id).psc
    if link is None or place not in [one.id for one in link.places]:
        raise Conflict("place_unknown", "place")
    if not ports.members.work_at(who.member.id, replace(link, place=place)):
        raise Conflict("changed_meanwhile")


def _begin(purpose: Purpose, door: Door | None, ip: str, ports: Ports) -> Asked:
    if ports.clinic.psc is Federated.OFF:
        raise Forbidden("psc_off")
    token, key = challenge.begin_with(purpose, door, ip, ports)
    return Asked(ports.federation.begin(*(_derived(what, key, ports) for what in ("state", "nonce", "verifier"))), token)


def _derived(what: str, key: str, ports: Ports) -> str:
    """Derive what must come back, from the challenge: nothing is stored but its digest. 64 hexadecimal characters."""
    return ports.secrets.challenge(f"psc {what}", key).hex()


def _tried(found: Found, ports: Ports) -> Challenge:
    if found.challenge is None:
        raise Conflict("code_spent", "code")
    link = found.challenge.purpose is Purpose.LINK_PSC
    return found.challenge.tried(Purpose.LINK_PSC if link else Purpose.PSC, ports.clock.now())


def _sign_in(them: "Professional", id_token: str, found: Found, tried: Challenge, browser: Browser, ports: Ports) -> Recognised:
    known = ports.members.linked(_subject(them, ports))
    if known is None:
        raise Forbidden("psc_unknown")
    member, kept = known
    link = replace(kept, places=_places(them), place=_place(them, kept.place))
    door, used = Door(member=member.id, turn=member.turn), Used(challenge=ChallengeKey(tried.key), link=link)
    return Recognised(earning.earn(door, Means.PSC, used, browser, found.session, ports, id_token), linked=False, link=link)


def _link(them: "Professional", tried: Challenge, browser: Browser, ports: Ports) -> Recognised:
    found = ports.signins.signed_in(earning.require_name(browser.session))
    if found is None or found.session.door != tried.door:
        raise Unauthenticated("signin_required")
    found.session.require_alive(ports.clock.now())
    who = replace(found, psc_wanted=ports.clinic.psc_wanted, known=browser.known)
    link = Link(_subject(them, ports), ports.clock.now(), _places(them), _place(them, None))
    before = ports.members.keyring(who.member.id).psc
    gone = None if before is None or before.subject == link.subject else before.subject
    return Recognised(changing.set_up(who, Means.PSC, link, ports, unlink=gone), linked=True, link=link)


def _subject(them: "Professional", ports: Ports) -> str:
    return ports.secrets.scope("psc", them.subject)


def _places(them: "Professional") -> tuple[Workplace, ...]:
    return tuple(Workplace(one.id, one.name) for one in them.places)


def _place(them: "Professional", chosen: str | None) -> str | None:
    """Keep the place that was chosen while it is one of theirs; one alone needs no choice."""
    ids = [one.id for one in them.places]
    return chosen if chosen in ids else ids[0] if len(ids) == 1 else None
