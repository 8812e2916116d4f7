"""The states of the page that says how the service does."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.browser.scene import Scene


def minding(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Look at a service of which nobody wrote down when its hosting certificate ends, then at one with dead letters."""
    member = scene.member()
    member.goes("/health")
    expect(member.page.locator("[data-queues] tr")).to_have_count(3)
    yield "health-01-hosting", member.page
    sqs, dead = scene.clinic.client("sqs"), scene.clinic.clinic.outputs["NoticesDeadQueueUrl"]
    sqs.send_message(QueueUrl=dead, MessageBody="{}")
    member.goes("/health")
    expect(member.page.locator("[data-troubles] .notice")).to_have_count(2)
    yield "health-02-dead-letter", member.page
    sqs.purge_queue(QueueUrl=dead)
