"""Fakes of every port. `fake_ports()` gives a whole world in memory; `recorded()` lists the calls made to one."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from chalicelib.adapters.authenticators import Authenticators
from chalicelib.adapters.passkeys import WebauthnPasskeys
from chalicelib.adapters.price_list import price_list
from chalicelib.domain.acceptance import Acceptance
from chalicelib.domain.clinic import Clinic, Guards
from chalicelib.domain.ids import MemberId
from chalicelib.domain.ladder import Rung
from chalicelib.domain.limits import Quota, Sizes
from chalicelib.domain.person import Language
from chalicelib.domain.texts import Texts
from chalicelib.domain.transfer import Lifetime
from chalicelib.settings import Settings
from chalicelib.usecases.ports import Ports
from tests.fake_aws import (
    KEY_ARN,
    MORNING,
    FakeBucket,
    FakeClock,
    FakeInspector,
    FakeLetters,
    FakePost,
    FakeQueue,
    FakeRandom,
    FakeSecrets,
    FakeVault,
    FakeWatch,
)
from tests.fake_database import FakeKeys, FakeMeter, FakeRecipients, FakeTransfers, Memory
from tests.fake_logins import FakeAudit, FakeChallenges, FakeDues, FakeLimits, FakeOutbox
from tests.fake_people import FakeMembers, FakePasswords, FakePolicy, FakeSessions, FakeSignins

GIB = 1 << 30
CLINIC = Clinic(
    id="clinic-of-tests",
    name="Clinique des Essais",
    support="aide@clinique.example",
    origin="https://clinique.example",
    hosting="nowhere",
    codes_per_ip=1000,
    languages=(Language.FRENCH, Language.ENGLISH),
    lifetime=Lifetime(usual=7, most=30),
    guards=Guards(),
    sizes=Sizes(file_most=20 * GIB, transfer_most=50 * GIB, files_most=1000, recipients_most=50),
    ladder=frozenset(Rung),
    texts=Texts(("+33", "+262"), per_day=10_000),
    openings_most=50,
    member_quota=Quota(recipients=2000, bytes=1 << 40),
    clinic_quota=Quota(recipients=20_000, bytes=1 << 44),
)

SETTINGS = Settings(
    clinic=CLINIC,
    records_table="records",
    keys_table="keys",
    bucket="bucket-of-tests",
    key_arn=KEY_ARN,
    notices_queue_url="https://sqs.test/notices",
    codes_queue_url="https://sqs.test/codes",
    landed_queue_url="https://sqs.test/landed",
    sender="sceau@clinique.example",
    configuration_set="sceau",
    messages_per_second=10,
    s3_addressing="virtual",
    bucket_origin="https://bucket.test",
    psc_discovery="https://auth.psc.test/auth/realms/esante-wallet/.well-known/wallet-openid-configuration",
    psc_client="clinic-of-tests",
    landed_dead_queue_url="https://sqs.test/landed-dead",
    notices_dead_queue_url="https://sqs.test/notices-dead",
    certificate="none",
    function="sceau-APIHandler",
)


ACCEPTED = Acceptance(MemberId("a" * 26), "Dr Ada", MORNING, "Our correspondents do not all have a mobile.")


def fake_ports(*, clock: FakeClock | None = None, accepted: bool = True, **overrides: Any) -> Ports:
    """Build a whole world in memory; `overrides` replaces some of it. `accepted`: codes by e-mail are enough."""
    memory, clock, random = Memory(acceptance=ACCEPTED if accepted else None), clock or FakeClock(), FakeRandom()
    vault = FakeVault(random)
    world = {
        "clinic": CLINIC,
        "clock": clock,
        "random": random,
        "transfers": FakeTransfers(memory),
        "recipients": FakeRecipients(memory),
        "keys": FakeKeys(memory),
        "vault": vault,
        "secrets": FakeSecrets(),
        "bucket": FakeBucket(clock),
        "inspector": FakeInspector(),
        "members": FakeMembers(memory),
        "signins": FakeSignins(memory),
        "policy": FakePolicy(memory),
        "sessions": FakeSessions(memory),
        "challenges": FakeChallenges(memory),
        "limits": FakeLimits(memory),
        "outbox": FakeOutbox(memory),
        "dues": FakeDues(memory),
        "audit": FakeAudit(memory),
        "meter": FakeMeter(memory),
        "prices": price_list,
        "watch": FakeWatch(),
        "queue": FakeQueue(),
        "letters": FakeLetters(),
        "post": FakePost(),
        "passkeys": WebauthnPasskeys(CLINIC.origin, CLINIC.name),
        "passwords": FakePasswords(),
        "authenticators": Authenticators(CLINIC.name),
        "federation": None,
    }
    return Ports(**{**world, **overrides})


def memory_of(ports: Ports) -> Memory:
    """Give what a world of fakes keeps."""
    memory: Memory = ports.audit.memory
    return memory


NOT_RECORDED = ("clinic", "prices", "clock", "random", "secrets", "letters", "inspector", "passkeys", "passwords", "authenticators")


class Recorder:
    """A port that notes every call made to it."""

    def __init__(self, name: str, port: Any, note: Callable[[str], None]) -> None:
        self._parts = (name, port, note)

    def __getattr__(self, method: str) -> Any:
        name, port, note = self._parts
        found = getattr(port, method)
        if not callable(found):
            return found

        def called(*args: object, **kwargs: object) -> object:
            note(f"{name}.{method}")
            return found(*args, **kwargs)

        return called


def watched(ports: Ports, note: Callable[[str], None]) -> Ports:
    """Give the same world, where `note` is told of each call before it is made, and may break it."""
    world = {f.name: getattr(ports, f.name) for f in fields(ports)}
    return Ports(**{n: p if n in NOT_RECORDED else Recorder(n, p, note) for n, p in world.items()})


def recorded(ports: Ports) -> tuple[Ports, list[str]]:
    """Give the same world, and the list of the calls made to it."""
    calls: list[str] = []
    return watched(ports, calls.append), calls
