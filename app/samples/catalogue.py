"""What the sample merchants sell: fictitious goods with plausible weights, sizes and prices."""

from collections.abc import Sequence
from dataclasses import dataclass

from biip.checksums import gs1_standard_check_digit

CURRENCY = "EUR"
_PREFIX = "952"
"""GS1's prefix for demonstrations: such a number never belongs to real goods."""


@dataclass(frozen=True, slots=True)
class SampleItem:
    """One thing to buy: grams, outer sides in mm, price in minor units, and how often it sells next to the others."""

    sku: str
    name: str
    weight_g: int
    sides_mm: tuple[int, int, int]
    price_minor: int
    popularity: int
    gtin: str
    is_fragile: bool
    keep_upright: bool
    has_lots: bool = False
    has_serials: bool = False
    is_mailer_ok: bool = False


@dataclass(frozen=True, slots=True)
class SampleMerchant:
    """A shop whose goods lie in the sample warehouse; `number_prefix` starts its order numbers."""

    code: str
    name: str
    support_email: str
    number_prefix: str
    items: tuple[SampleItem, ...]


# SKU, name, weight in g, sides in mm, price in cents, popularity, and F(ragile), U(pright), told apart by L(ot), with
# S(erial) numbers, good for a M(ailer).
_Row = tuple[str, str, int, tuple[int, int, int], int, int, str]

_NORDHUS: Sequence[_Row] = (
    ("NH-MUG-WHT", "Stoneware mug, chalk white", 380, (120, 95, 105), 1490, 9, "F"),
    ("NH-MUG-BLU", "Stoneware mug, fjord blue", 380, (120, 95, 105), 1490, 7, "F"),
    ("NH-BOWL-M", "Stoneware bowl, 16 cm", 520, (165, 165, 70), 1990, 5, "F"),
    ("NH-PLATE-27", "Dinner plate, 27 cm", 790, (275, 275, 30), 2290, 4, "F"),
    ("NH-CARAFE", "Glass carafe, 1 l", 640, (100, 100, 280), 3490, 3, "FU"),
    ("NH-TOWEL-L", "Linen kitchen towel, striped", 140, (260, 180, 25), 1290, 8, "M"),
    ("NH-NAPKIN-4", "Linen napkins, set of 4", 190, (210, 210, 30), 2490, 4, "M"),
    ("NH-THROW", "Wool throw, 130 x 180 cm", 1150, (400, 300, 110), 8900, 3, ""),
    ("NH-CUSH-50", "Cushion cover, 50 x 50 cm", 260, (300, 250, 30), 2990, 5, "M"),
    ("NH-CANDLE-3", "Beeswax candles, set of 3", 330, (220, 80, 45), 1890, 6, ""),
    ("NH-HOLDER", "Candle holder, oak", 410, (110, 110, 60), 2490, 3, ""),
    ("NH-BOARD-S", "Cutting board, ash, 30 cm", 860, (300, 200, 20), 2790, 4, ""),
    ("NH-SALAD", "Salad servers, cherry wood", 120, (300, 70, 35), 1690, 3, ""),
    ("NH-LAMP-T", "Table lamp, brass", 1720, (380, 240, 240), 11900, 1, "F"),
    ("NH-VASE-S", "Bud vase, hand-blown", 290, (85, 85, 160), 2190, 4, "F"),
    ("NH-TRAY", "Serving tray, birch, 45 cm", 720, (450, 330, 40), 3990, 2, ""),
    ("NH-HOOK-5", "Wall hooks, steel, set of 5", 340, (160, 110, 40), 1590, 4, ""),
    ("NH-BASKET", "Woven basket, seagrass", 640, (330, 330, 260), 3290, 2, ""),
    ("NH-SOAP", "Hand soap, juniper, 300 ml", 345, (70, 70, 170), 1190, 7, "U"),
    ("NH-APRON", "Apron, washed canvas", 310, (300, 220, 35), 3490, 3, "M"),
    ("NH-OIL-50", "Olive oil, 0.5 l", 905, (75, 75, 270), 1690, 4, "FUL"),
)
_BERGWERK: Sequence[_Row] = (
    ("BW-BOTTLE-1", "Steel bottle, 1 l", 360, (85, 85, 280), 2990, 9, ""),
    ("BW-BOTTLE-5", "Steel bottle, 0.5 l", 240, (72, 72, 220), 2490, 7, ""),
    ("BW-HEADLAMP", "Head lamp, 400 lumens", 95, (110, 80, 60), 4990, 6, ""),
    ("BW-CARAB-2", "Accessory carabiners, pair", 60, (120, 70, 15), 890, 8, ""),
    ("BW-CORD-20", "Utility cord, 4 mm, 20 m", 310, (160, 120, 60), 1590, 4, ""),
    ("BW-STOVE", "Gas stove, folding", 115, (110, 80, 60), 4490, 3, ""),
    ("BW-POT-9", "Camping pot, 0.9 l", 180, (140, 140, 115), 2790, 4, ""),
    ("BW-SPORK-T", "Titanium spork", 17, (200, 45, 20), 1090, 6, ""),
    ("BW-MAT", "Sleeping mat, insulated", 560, (290, 120, 120), 9990, 2, ""),
    ("BW-QUILT", "Down quilt, 5 C", 720, (380, 220, 220), 21900, 1, ""),
    ("BW-TARP-3", "Tarp, 3 x 3 m", 640, (330, 130, 110), 8490, 2, ""),
    ("BW-PEG-8", "Tent pegs, set of 8", 120, (180, 60, 25), 1690, 5, ""),
    ("BW-DRY-10", "Dry bag, 10 l", 85, (280, 180, 25), 1490, 6, "M"),
    ("BW-DRY-35", "Dry bag, 35 l", 160, (380, 260, 35), 2490, 3, "M"),
    ("BW-SOCK-M", "Merino hiking socks, M", 78, (230, 110, 35), 1890, 9, "M"),
    ("BW-SOCK-L", "Merino hiking socks, L", 84, (230, 110, 35), 1890, 8, "M"),
    ("BW-GLOVE-L", "Liner gloves, L", 55, (220, 110, 25), 2290, 4, "M"),
    ("BW-BEANIE", "Merino beanie, moss", 62, (200, 180, 35), 2490, 5, "M"),
    ("BW-POLES", "Trekking poles, carbon, pair", 410, (640, 90, 70), 11900, 2, ""),
    ("BW-PACK-28", "Day pack, 28 l", 920, (480, 310, 140), 12900, 2, ""),
    ("BW-KIT-AID", "First aid kit, hiking", 340, (190, 130, 80), 3190, 4, ""),
    ("BW-BAR-12", "Energy bars, hazelnut, box of 12", 540, (180, 140, 70), 2190, 6, "L"),
    ("BW-WATCH", "Navigation watch", 210, (110, 100, 80), 34900, 2, "S"),
)
_PAPIERHOF: Sequence[_Row] = (
    ("PH-NOTE-A5", "Notebook A5, dotted, 192 pages", 330, (215, 150, 18), 1690, 9, ""),
    ("PH-NOTE-A6", "Notebook A6, ruled, 128 pages", 150, (150, 108, 14), 1190, 8, ""),
    ("PH-SKETCH", "Sketch book A4, 120 g", 690, (305, 218, 20), 2290, 3, ""),
    ("PH-PEN-BLK", "Gel pen 0.5, black", 11, (145, 12, 12), 290, 9, ""),
    ("PH-PEN-BLU", "Gel pen 0.5, blue", 11, (145, 12, 12), 290, 9, ""),
    ("PH-FOUNT-F", "Fountain pen, F nib", 42, (175, 60, 30), 3490, 3, ""),
    ("PH-INK-50", "Ink, sepia, 50 ml", 165, (60, 60, 75), 1190, 4, "FU"),
    ("PH-PENCIL-12", "Graphite pencils, set of 12", 96, (190, 95, 14), 1890, 5, ""),
    ("PH-COLOR-24", "Coloured pencils, set of 24", 240, (230, 190, 18), 3290, 3, ""),
    ("PH-ERASER", "Vinyl eraser", 22, (62, 24, 14), 190, 7, ""),
    ("PH-RULER-30", "Steel ruler, 30 cm", 68, (315, 32, 4), 790, 4, ""),
    ("PH-TAPE-5", "Paper tape, set of 5", 120, (140, 62, 32), 1290, 6, ""),
    ("PH-ENV-25", "Envelopes C5, recycled, 25 pieces", 240, (235, 165, 25), 790, 4, ""),
    ("PH-CARD-10", "Letterpress cards, set of 10", 210, (170, 120, 25), 2490, 4, ""),
    ("PH-WRAP-3", "Wrapping paper, 3 sheets", 190, (520, 60, 60), 990, 5, ""),
    ("PH-PLAN-27", "Desk planner 2027", 860, (420, 300, 12), 2690, 3, ""),
    ("PH-CLIP-100", "Brass clips, 100 pieces", 130, (90, 65, 30), 690, 5, ""),
    ("PH-STAPLER", "Stapler, solid steel", 410, (145, 55, 70), 2790, 2, ""),
    ("PH-SCISSOR", "Paper scissors, 18 cm", 118, (200, 80, 18), 1990, 3, ""),
    ("PH-TRAY-A4", "Letter tray, beech, A4", 1240, (340, 260, 75), 4990, 1, ""),
    ("PH-GLOBE", "Desk globe, 20 cm", 980, (240, 240, 310), 6990, 1, "F"),
)


def sample_merchants() -> tuple[SampleMerchant, ...]:
    """Return the three merchants of the sample house with their goods, about sixty in all."""
    shops = (
        ("nordhus", "Nordhus Living", "hello@nordhus.example", "NH", _NORDHUS),
        ("bergwerk", "Bergwerk Outdoor", "service@bergwerk.example", "BW", _BERGWERK),
        ("papierhof", "Papierhof", "post@papierhof.example", "PH", _PAPIERHOF),
    )
    return tuple(
        SampleMerchant(code, name, email, prefix, tuple(_item(shop, n, row) for n, row in enumerate(rows, start=1)))
        for shop, (code, name, email, prefix, rows) in enumerate(shops, start=1)
    )


def _item(shop: int, number: int, row: _Row) -> SampleItem:
    sku, name, weight_g, sides_mm, price_minor, popularity, handling = row
    return SampleItem(
        sku, name, weight_g, sides_mm, price_minor, popularity, _gtin13(shop, number), "F" in handling, "U" in handling,
        "L" in handling, "S" in handling, "M" in handling,
    )  # fmt: skip


def _gtin13(shop: int, number: int) -> str:
    body = f"{_PREFIX}{shop:04d}{number:05d}"
    return f"{body}{gs1_standard_check_digit(body)}"
