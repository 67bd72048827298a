"""Lists: what they are asked with and how a page of them looks. Keyset cursors, never an offset."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")


class ListQuery(BaseModel):
    """Base of a list's filters; a filter that is not declared is refused."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=200, description="How many items at the most")] = 50
    after: Annotated[str | None, Field(max_length=1024, description="`next` of the page before")] = None


class Page(BaseModel, Generic[T]):
    """One page; `next` is the cursor of the page that follows, absent on the last."""

    items: list[T]
    next: str | None = None
