from typing import Annotated

from fastapi import Depends, Path, Query

from inventory.web.schemas import PRINTABLE
from kernel.actors import Actor
from kernel.web.access import requires
from kernel.web.paging import MAX_LIMIT

Reader = Annotated[Actor, Depends(requires("stock:read"))]
Writer = Annotated[Actor, Depends(requires("stock:write"))]
Worker = Annotated[Actor, Depends(requires("work:pick"))]
"""Who works on the floor: merchants announce, the house receives, counts and carries. API keys never do."""
Lead = Annotated[Actor, Depends(requires("work:plan"))]
Id = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_]+$")]
Word = Annotated[str, Query(max_length=100, pattern=PRINTABLE)]
Cursor = Annotated[str, Query(max_length=400)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
