"""What other bodies answer."""

from shared.chassis.consumers import Handlers
from shared.chassis.database import Command
from shared.contracts.national import InquiryRepliedV1
from svc_licensing.inquiries import service

on = Handlers()


@on(InquiryRepliedV1)
async def take_reply(command: Command, event: InquiryRepliedV1) -> None:
    await service.receive(command, event)
