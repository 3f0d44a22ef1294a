"""What the sample merchants have done to goods while they are packed."""

from typing import Final

from fulfillment.api import OfferDraft

GIFT_WRAP: Final = OfferDraft(
    "GIFT-WRAP", "Gift wrap", "gift_wrap", tare_g=60, tare_sd_g=3.0, seconds=75, price_minor=180
)
