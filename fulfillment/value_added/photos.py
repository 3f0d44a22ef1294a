"""Pictures of what was done: only what a decoder can read is kept, and only its pixels."""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select

from fulfillment.models import SalesOrder, ServicePhoto
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound

MAX_PHOTO_BYTES: Final = 2_000_000
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_MAX_PIXELS: Final = 50_000_000
_LONGEST_SIDE: Final = 1_600
_QUALITY: Final = 82


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
        NotFound: the actor may see no such photo.
    """
    of_order = (SalesOrder.tenant_id == ServicePhoto.tenant_id) & (SalesOrder.id == ServicePhoto.order_id)
    statement = select(ServicePhoto.content).join(SalesOrder, of_order)
    statement = statement.where(ServicePhoto.id == photo_id, ServicePhoto.order_id == order_id)
    if uow.actor.site:
        statement = statement.where(SalesOrder.site_id == uow.actor.site)
    found = uow.session.scalar(statement)
    if found is None:
        raise NotFound("There is no such photo.", remedy="Open it from the order's page.")
    return found
