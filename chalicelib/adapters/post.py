"""E-mails through SES and text messages through SNS. Raw MIME, because both parts are ours and nothing is rewritten."""

from email.headerregistry import Address
from email.message import EmailMessage
from functools import cached_property
from typing import Any

from chalicelib.domain.notice import Letter
from chalicelib.domain.person import Person


class AwsPost:
    """Send messages in the clinic's name."""

    def __init__(self, session: Any, sender: str, clinic: str, support: str) -> None:
        self.session = session
        self.sender = sender
        self.clinic = clinic
        self.support = support

    @cached_property
    def ses(self) -> Any:
        return self.session.client("sesv2")

    @cached_property
    def sns(self) -> Any:
        return self.session.client("sns")

    def email(self, to: Person, letter: Letter) -> None:
        raw = self._mime(to, letter).as_bytes()
        self.ses.send_email(FromEmailAddress=self.sender, Destination={"ToAddresses": [to.email]}, Content={"Raw": {"Data": raw}})

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

    def sms(self, number: str, text: str) -> None:
        kind = {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}}
        self.sns.publish(PhoneNumber=number, Message=text, MessageAttributes=kind)
