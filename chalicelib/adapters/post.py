"""E-mails through SES and text messages through SNS. Raw MIME, because both parts are ours and nothing is rewritten."""

import time
from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from functools import cached_property
from typing import Any

from botocore.config import Config

from chalicelib.domain.notice import Letter
from chalicelib.domain.person import Person
from chalicelib.usecases.ports import PostRefused

WORKERS = 2  # notices functions at work at once (infra/resources/functions.yaml): each takes its share of the pace
# An answer that is lost makes one more message at the most; the queue has more patience than a function.
ONCE_MORE = Config(connect_timeout=2, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 2})
CLIENT_ERRORS = range(400, 500)  # SES and SNS took nothing; anything else may have left


class AwsPost:
    """Send messages in the clinic's name, no faster than `per_second` of each kind, all workers together."""

    def __init__(self, session: Any, sender: str, clinic: str, support: str, *, configuration_set: str, per_second: int) -> None:
        self.session = session
        self.sender = sender
        self.clinic = clinic
        self.support = support
        self.configuration_set = configuration_set
        self.interval = WORKERS / per_second
        self._free_at = 0.0

    @cached_property
    def ses(self) -> Any:
        return self.session.client("sesv2", config=ONCE_MORE)

    @cached_property
    def sns(self) -> Any:
        return self.session.client("sns", config=ONCE_MORE)

    def email(self, to: Person, letter: Letter) -> str:
        raw = self._mime(to, letter).as_bytes()
        body = {"FromEmailAddress": self.sender, "Destination": {"ToAddresses": [to.email]}, "Content": {"Raw": {"Data": raw}}}
        return self._paced(self.ses, lambda: self.ses.send_email(**body, ConfigurationSetName=self.configuration_set))

    def _mime(self, to: Person, letter: Letter) -> EmailMessage:
        mime = EmailMessage()
        mime["From"] = Address(self.clinic, addr_spec=self.sender)
        mime["To"] = Address(addr_spec=to.email)
        mime["Reply-To"] = Address(addr_spec=self.support)
        mime["Subject"] = letter.subject
        mime["Auto-Submitted"] = "auto-generated"
        mime.set_content(letter.text)
        mime.add_alternative(letter.html, subtype="html")
        return mime

    def sms(self, number: str, text: str) -> str:
        kind = {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}}
        return self._paced(self.sns, lambda: self.sns.publish(PhoneNumber=number, Message=text, MessageAttributes=kind))

    def _paced(self, client: Any, send: Callable[[], Any]) -> str:
        """Wait for our turn, then send; give the message's name."""
        time.sleep(max(0.0, self._free_at - time.monotonic()))
        self._free_at = time.monotonic() + self.interval
        try:
            name: str = send()["MessageId"]
        except client.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] not in CLIENT_ERRORS:
                raise
            raise PostRefused from error
        return name
