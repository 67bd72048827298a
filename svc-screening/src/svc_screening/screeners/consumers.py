"""What the registry announces of screeners."""

from shared.chassis.consumers import Handlers
from shared.chassis.database import Command
from shared.contracts.registry import PostingEndedV1, PostingGrantedV1
from shared.contracts.roles import Role
from svc_screening.screeners import repository

on = Handlers()


@on(PostingGrantedV1, PostingEndedV1)
async def remember_posting(command: Command, event: PostingGrantedV1 | PostingEndedV1) -> None:
    if event.role == Role.SCREENER:
        await repository.keep_posting(command, event, ended=isinstance(event, PostingEndedV1))
