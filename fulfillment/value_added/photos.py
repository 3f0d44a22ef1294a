"""Pictures of what was done: only what a decoder can read is kept, and only its pixels."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select, text

from fulfillment.models import SalesOrder, ServicePhoto
from kernel.db.transactions import UnitOfWork
from kernel.db.upkeep import note_forgotten
from kernel.errors import Invalid, NotFound

MAX_PHOTO_BYTES: Final = 2_000_000
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_MAX_PIXELS: Final = 50_000_000
_LONGEST_SIDE: Final = 1_600
_QUALITY: Final = 82


SHORTEST: Final = timedelta(days=30)
"""Photos younger than this stay: they answer a customer who complains."""
_FORGET = text(
    """
    update service_photo p set content = ''
    from (select tenant_id, id from service_photo where taken_at < :before and content <> '' limit :limit) old
    where p.tenant_id = old.tenant_id and p.id = old.id
    """
)


class NoPicture(Invalid):
    """What was sent is no picture that can be kept."""

    code = "no_picture"
    title = "This is no picture"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as it is kept: JPEG, at most 1,600 pixels on its longer side, without metadata."""

    content: bytes
    width: int
    height: int
    sha256: str


def redrawn(content: bytes) -> Drawn:
    """Decode a picture, turn it upright, and draw it anew: what a camera writes beside the pixels is gone.

    Raises:
        NoPicture: it is no JPEG, PNG or WebP, is broken, or too large.
    """
    if len(content) > MAX_PHOTO_BYTES:
        raise NoPicture(f"The picture has {len(content):,} bytes.", remedy=f"At most {MAX_PHOTO_BYTES:,} are possible.")
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as picture:
            if picture.width * picture.height > _MAX_PIXELS:
                raise NoPicture("The picture has too many pixels.", remedy="Take it with a smaller resolution.")
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as broken:
        raise NoPicture("This is no JPEG, PNG or WebP picture.", remedy="Take the photo again.") from broken
    upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    # Only the pixels go on: a converted picture still carries what was written beside them.
    bare = Image.frombytes("RGB", upright.size, upright.tobytes())
    output = BytesIO()
    bare.save(output, "JPEG", quality=_QUALITY)
    drawn = output.getvalue()
    return Drawn(drawn, bare.width, bare.height, hashlib.sha256(drawn).hexdigest())


def get_photo(uow: UnitOfWork, *, order_id: str, photo_id: str) -> bytes:
    """Return a photo as JPEG, to its merchant and to the staff of the site that packed it.

    Raises:
        NotFound: the actor may see no such photo, or it has served its time.
    """
    of_order = (SalesOrder.tenant_id == ServicePhoto.tenant_id) & (SalesOrder.id == ServicePhoto.order_id)
    statement = select(ServicePhoto.content).join(SalesOrder, of_order)
    statement = statement.where(ServicePhoto.id == photo_id, ServicePhoto.order_id == order_id)
    if uow.actor.site:
        statement = statement.where(SalesOrder.site_id == uow.actor.site)
    found = uow.session.scalar(statement)
    if found is None:
        raise NotFound("There is no such photo.", remedy="Open it from the order's page.")
    if not found:
        raise NotFound("The photo was deleted: it had served its time.", remedy="Its fingerprint is kept as evidence.")
    return found


def forget_photos(uow: UnitOfWork, *, keep: timedelta, limit: int) -> int:
    """Delete the pictures of up to `limit` photos that were taken longer ago than `keep`; return how many. That there
    was one, who took it when, and its SHA-256 stay.
    """
    before = uow.now - max(keep, SHORTEST)
    found = uow.session.execute(_FORGET, {"before": before, "limit": limit})
    return note_forgotten(uow, "service_photo", int(found.rowcount), keep=keep)  # type: ignore[attr-defined]  # of an update, there is one
