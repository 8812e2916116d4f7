"""Wire the real adapters to the ports: the only place that makes clients, once per container, when first needed."""

from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib import logs
from chalicelib.settings import Settings
from chalicelib.usecases.ports import Ports

if TYPE_CHECKING:
    from chalicelib.domain.cost import PriceList

_given: list[tuple[Ports, Settings]] = []


def use(world: Ports, chosen: Settings) -> None:
    """Serve with this world instead of AWS's: how tests come in by the real doors, with nothing patched."""
    _given[:] = [(world, chosen)]


def settings() -> Settings:
    """Give the settings."""
    return _given[0][1] if _given else _settings()


def ports() -> Ports:
    """Give the ports."""
    return _given[0][0] if _given else _ports()


@cache
def _settings() -> Settings:
    """Read the settings once; from here on this process logs as it should."""
    logs.configure()
    return Settings.from_env()


@cache
def _ports() -> Ports:
    """Build every adapter on one session. Nothing is called; the Encryption SDK is loaded only where files land."""
    import boto3

    from chalicelib import rendering
    from chalicelib.adapters.clock import SystemClock, SystemRandom

    session = boto3.Session()
    chosen = _settings()
    return build(session, chosen, clock=SystemClock(), random=SystemRandom(), letters=rendering.message)


def build(session: Any, chosen: Settings, **world: Any) -> Ports:
    """Build the ports on a session, these settings, and a world: `clock`, `random`, `letters`."""
    from botocore.config import Config

    from chalicelib.adapters.authenticators import Authenticators
    from chalicelib.adapters.clinic_secret import ClinicSecret
    from chalicelib.adapters.dynamodb import clinic, keys, logins, members, meter, outbox, policy, recipients, signins, table, transfers
    from chalicelib.adapters.encryption_sdk import SdkInspector
    from chalicelib.adapters.kms import KmsVault
    from chalicelib.adapters.passkeys import WebauthnPasskeys
    from chalicelib.adapters.passwords import Passwords as Argon2Passwords
    from chalicelib.adapters.post import AwsPost
    from chalicelib.adapters.psc import ProSanteConnect
    from chalicelib.adapters.s3 import S3Bucket
    from chalicelib.adapters.sqs import SqsQueue
    from chalicelib.adapters.watch import AwsWatch

    patience: Any = Config(connect_timeout=2, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 3})
    s3: Any = Config(signature_version="s3v4", s3={"addressing_style": chosen.s3_addressing})  # type: ignore[arg-type]
    database = session.client("dynamodb", config=patience)
    records, wraps = table.Table(database, chosen.records_table), table.Table(database, chosen.keys_table)
    vault = KmsVault(session.client("kms", config=patience), chosen.key_arn)
    secret = ClinicSecret(
        lambda: clinic.load_secret(records, vault, chosen.clinic.id), lambda: clinic.make_secret(records, vault, chosen.clinic.id)
    )
    return Ports(
        clinic=chosen.clinic,
        transfers=transfers.DynamoTransfers(records, wraps, secret),
        recipients=recipients.DynamoRecipients(records, wraps, secret),
        keys=keys.DynamoKeys(wraps),
        vault=vault,
        secrets=secret,
        bucket=S3Bucket(session.client("s3", config=patience.merge(s3)), chosen.bucket),
        inspector=SdkInspector(),
        members=members.DynamoMembers(records, secret, secret),
        signins=signins.DynamoSignins(records, secret, secret),
        policy=policy.DynamoPolicy(records, secret),
        sessions=logins.DynamoSessions(records),
        challenges=logins.DynamoChallenges(records),
        limits=logins.DynamoLimits(records),
        outbox=outbox.DynamoOutbox(records, secret),
        dues=outbox.DynamoDues(records),
        audit=outbox.DynamoAudit(records),
        watch=AwsWatch(session, chosen.function, _queues(chosen), chosen.certificate, patience),
        meter=meter.DynamoMeter(records),
        queue=SqsQueue(session.client("sqs", config=patience), chosen.notices_queue_url, chosen.codes_queue_url, [chosen.landed_queue_url]),
        post=AwsPost(
            session,
            chosen.sender,
            chosen.clinic.name,
            chosen.clinic.support,
            configuration_set=chosen.configuration_set,
            per_second=chosen.messages_per_second,
        ),
        passkeys=WebauthnPasskeys(chosen.clinic.origin, chosen.clinic.name),
        passwords=Argon2Passwords(),
        authenticators=Authenticators(chosen.clinic.name),
        federation=ProSanteConnect(
            chosen.psc_discovery,
            chosen.psc_client,
            lambda: clinic.load_psc_secret(records, secret),
            f"{chosen.clinic.origin}/signin/psc",
            f"{chosen.clinic.origin}/signin",
        ),
        prices=_prices,
        **world,
    )


def _prices() -> "PriceList":
    """Read the prices when somebody asks for a bill."""
    from chalicelib.adapters.price_list import price_list

    return price_list()


def _queues(chosen: Settings) -> dict[str, tuple[str, str | None]]:
    """Name the queues that workers take from, and where what they could not do lies."""
    return {
        "landed": (chosen.landed_queue_url, chosen.landed_dead_queue_url),
        "notices": (chosen.notices_queue_url, chosen.notices_dead_queue_url),
        "codes": (chosen.codes_queue_url, None),
    }
