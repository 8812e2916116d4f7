"""Found a clinic: its secret, its first administrator, and where the sweeper begins. Doing it again changes nothing."""

import os
from collections.abc import Mapping

import boto3

from chalicelib import rendering
from chalicelib.adapters.clock import SystemClock, SystemRandom
from chalicelib.adapters.dynamodb import clinic
from chalicelib.adapters.dynamodb.table import Table
from chalicelib.adapters.kms import KmsVault
from chalicelib.domain import person
from chalicelib.domain.person import Language, Person
from chalicelib.settings import Settings
from chalicelib.usecases import members
from chalicelib.wiring import build


def found(outputs: Mapping[str, str], name: str, email: str) -> bool:
    """Found the clinic of a stack with these outputs, as its operator; False when it was founded before.

    Credentials and region come from the environment, the clinic's settings from its own API function.
    """
    session = boto3.Session()
    deployed = session.client("lambda").get_function_configuration(FunctionName=outputs["APIHandlerName"])
    settings = Settings.from_env({**os.environ, "AWS_REGION": session.region_name, **deployed["Environment"]["Variables"]})
    records = Table(session.client("dynamodb"), settings.records_table)
    clinic.found_secret(records, KmsVault(session.client("kms"), settings.key_arn), settings.clinic.id)
    ports = build(session, settings, clock=SystemClock(), random=SystemRandom(), letters=rendering.message)
    if ports.members.all():
        return False
    ports.dues.swept(ports.clock.now())
    return members.found(Person(person.name(name), person.email(email), None, Language.FRENCH), ports)
