"""The sender's domain at SES, and the DNS records that make its messages trusted."""

from __future__ import annotations

from infra.clinic_file import ClinicFile
from infra.place import Place
from infra.records import Record

MARK = "sceau"  # tag of an identity that a deployment made: its destruction takes only those away


def domain_of(clinic: ClinicFile) -> str:
    """Answer the domain that messages come from."""
    return clinic.sender.rpartition("@")[2]


def introduced(place: Place, clinic: ClinicFile) -> None:
    """Have SES know the sender's domain, sign for it, and send bounces to a subdomain of it; leave one alone that it knows already."""
    ses, domain = place.client("sesv2"), domain_of(clinic)
    try:
        found = ses.get_email_identity(EmailIdentity=domain)
    except ses.exceptions.NotFoundException:
        ses.create_email_identity(EmailIdentity=domain, Tags=[{"Key": MARK, "Value": clinic.id}])
        found = {}
    if place.bounces and not found.get("MailFromAttributes", {}).get("MailFromDomain"):
        ses.put_email_identity_mail_from_attributes(
            EmailIdentity=domain, MailFromDomain=f"bounce.{domain}", BehaviorOnMxFailure="USE_DEFAULT_VALUE"
        )


def forgotten(place: Place, clinic: ClinicFile) -> str:
    """Have SES forget the sender's domain, if a deployment of this clinic made it known; answer what was done."""
    ses, domain = place.client("sesv2"), domain_of(clinic)
    try:
        tags = ses.get_email_identity(EmailIdentity=domain).get("Tags", [])
        if {"Key": MARK, "Value": clinic.id} not in tags:
            return "left: it was there before"
        ses.delete_email_identity(EmailIdentity=domain)
    except ses.exceptions.NotFoundException:
        return "gone already"
    return "deleted"


def records(place: Place, clinic: ClinicFile) -> list[Record]:
    """Answer what makes messages trusted: signatures (DKIM), who may send (SPF), and what is done with forgeries (DMARC)."""
    domain = domain_of(clinic)
    found = place.client("sesv2").get_email_identity(EmailIdentity=domain)
    bounce = found.get("MailFromAttributes", {}).get("MailFromDomain") or f"bounce.{domain}"
    signing = [
        Record(f"{token}._domainkey.{domain}", "CNAME", f"{token}.dkim.amazonses.com", "DKIM")
        for token in found.get("DkimAttributes", {}).get("Tokens", [])
    ]
    return [
        *signing,
        Record(bounce, "MX", f"10 feedback-smtp.{clinic.region}.amazonses.com", "bounces"),
        Record(bounce, "TXT", '"v=spf1 include:amazonses.com -all"', "SPF"),
        Record(f"_dmarc.{domain}", "TXT", '"v=DMARC1; p=reject; adkim=s"', "DMARC: forgeries are refused; begin with p=none to look first"),
    ]
