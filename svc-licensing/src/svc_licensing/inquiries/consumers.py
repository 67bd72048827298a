"""What other bodies answer."""

from collections.abc import Callable

from shared.chassis.consumers import Handlers
from shared.chassis.database import Command
from shared.chassis.sealing import Seals
from shared.contracts.national import InquiryRepliedV1
from svc_licensing.inquiries import service


def replies(seals: Callable[[], Seals]) -> Handlers:
    on = Handlers()

    @on(InquiryRepliedV1)
    async def take_reply(command: Command, event: InquiryRepliedV1) -> None:
        await service.receive(command, event, seals=seals())

    return on
