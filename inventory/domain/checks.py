from collections.abc import Sequence

from inventory.domain.barcodes import normalize_gtin
from inventory.domain.segregation import AMBIENT, TEMPERATURE_CLASSES
from inventory.domain.values import ItemDraft, LocationDraft
from kernel.errors import FieldError, Invalid
from kernel.quantity import MAX_QUANTITY

MAX_SKU, MAX_NAME, MAX_CODE = 64, 300, 32
MAX_WEIGHT_G, MAX_LENGTH_MM, MAX_SHELF_DAYS = 10_000_000, 100_000, 3_650
MAX_BEARING_G, MAX_VOLUME_MM3 = 1_000_000_000, 10**15
MIN_PACK, MAX_PACK = 2, 100_000
KINDS = ("pick", "bulk", "dock", "pack", "lane", "hospital", "returns")


def check_items(drafts: Sequence[ItemDraft]) -> None:
    """Make sure that item drafts can be right, and no SKU comes twice.

    Raises:
        Invalid: names every field that is wrong, as /items/n/field.
    """
    errors = [error for n, draft in enumerate(drafts) for error in _item_errors(f"/items/{n}", draft)]
    seen: set[str] = set()
    for n, draft in enumerate(drafts):
        if draft.sku in seen:
            errors.append(FieldError(f"/items/{n}/sku", "duplicate", f"SKU {draft.sku} comes twice in this request."))
        seen.add(draft.sku)
    if errors:
        raise Invalid(errors[0].message, errors=tuple(errors))


def _item_errors(at: str, draft: ItemDraft) -> list[FieldError]:
    errors = []
    if not is_sku(draft.sku):
        errors.append(FieldError(f"{at}/sku", "format", f"A SKU has 1 to {MAX_SKU} printable characters."))
    if not 1 <= len(draft.name) <= MAX_NAME:
        errors.append(FieldError(f"{at}/name", "length", f"A name has 1 to {MAX_NAME} characters."))
    if not 0 <= draft.weight_g <= MAX_WEIGHT_G:
        errors.append(FieldError(f"{at}/weight_g", "range", f"Weigh in grams, 0 (unknown) to {MAX_WEIGHT_G}."))
    errors += [
        FieldError(f"{at}/{name}", "range", f"Measure in millimetres, 0 to {MAX_LENGTH_MM}.")
        for name in ("length_mm", "width_mm", "height_mm")
        if not 0 <= getattr(draft, name) <= MAX_LENGTH_MM
    ]
    errors += _temperature_errors(at, draft)
    if draft.max_load_g is not None and not 0 <= draft.max_load_g <= MAX_WEIGHT_G:
        words = f"What may lie on it is told in grams, 0 (nothing) to {MAX_WEIGHT_G}, or left out."
        errors.append(FieldError(f"{at}/max_load_g", "range", words))
    errors += _mailer_errors(at, draft)
    if not 0 <= draft.min_shelf_days <= (MAX_SHELF_DAYS if draft.lot_tracked else 0):
        words = f"Say 0 to {MAX_SHELF_DAYS} days, and have the item tracked by lot: only lots have a date."
        errors.append(FieldError(f"{at}/min_shelf_days", "range", words))
    errors += [
        FieldError(f"{at}/gtins/{n}", "check_digit", f"{gtin[:20]!r} is no GTIN: compare it with the print.")
        for n, gtin in enumerate(draft.gtins)
        if normalize_gtin(gtin) is None
    ]
    for n, pack in enumerate(draft.packs):
        if normalize_gtin(pack.gtin) is None:
            words = f"{pack.gtin[:20]!r} is no GTIN: compare it with the print."
            errors.append(FieldError(f"{at}/packs/{n}/gtin", "check_digit", words))
        if not MIN_PACK <= pack.units <= MAX_PACK:
            words = f"A pack holds {MIN_PACK} to {MAX_PACK:,} base units."
            errors.append(FieldError(f"{at}/packs/{n}/units", "range", words))
    codes = [normalize_gtin(code) for code in (*draft.gtins, *(pack.gtin for pack in draft.packs))]
    if len(set(codes)) < len(codes):
        words = "One GTIN comes twice: it stands for one unit, or for one pack."
        errors.append(FieldError(f"{at}/packs", "duplicate", words))
    return errors


def is_sku(sku: str) -> bool:
    """Say whether a text can be a SKU: printable, no space at either end, not too long."""
    return 1 <= len(sku) <= MAX_SKU and sku.isprintable() and sku == sku.strip()


def check_locations(drafts: Sequence[LocationDraft]) -> None:
    """Make sure that location drafts can be right.

    Raises:
        Invalid: names every field that is wrong.
    """
    errors = []
    for n, draft in enumerate(drafts):
        if not (1 <= len(draft.code) <= MAX_CODE and draft.code.isprintable() and draft.code == draft.code.strip()):
            errors.append(FieldError(f"/locations/{n}/code", "format", f"A code has 1 to {MAX_CODE} characters."))
        if draft.kind not in KINDS:
            errors.append(FieldError(f"/locations/{n}/kind", "choice", f"Choose one of {', '.join(KINDS)}."))
        errors += _temperature_errors(f"/locations/{n}", draft)
        errors += [
            FieldError(f"/locations/{n}/{name}", "range", f"Say 0 (not known) to {most}.")
            for name, most in (("max_weight_g", MAX_BEARING_G), ("max_volume_mm3", MAX_VOLUME_MM3))
            if not 0 <= getattr(draft, name) <= most
        ]
    if errors:
        raise Invalid(errors[0].message, errors=tuple(errors))


def _mailer_errors(at: str, draft: ItemDraft) -> list[FieldError]:
    """Find what speaks against goods without a box around them."""
    care = {
        "fragile": draft.fragile,
        "kept upright": draft.keep_upright,
        "hazardous": draft.hazmat,
        "limited in what lies on them": draft.max_load_g is not None,
        "in their own container": draft.own_container,
        "chilled or frozen": draft.temperature_class not in ("", AMBIENT),
    }
    found = [words for words, is_so in care.items() if is_so]
    if not draft.mailer_ok or not found:
        return []
    words = f"Goods that are {' and '.join(found)} need a box: they go into no mailer."
    return [FieldError(f"{at}/mailer_ok", "care", words)]


def _temperature_errors(at: str, draft: ItemDraft | LocationDraft) -> list[FieldError]:
    if draft.temperature_class in ("", *TEMPERATURE_CLASSES):
        return []
    words = f"Choose one of {', '.join(TEMPERATURE_CLASSES)}."
    return [FieldError(f"{at}/temperature_class", "choice", words)]


def check_quantity(quantity: int, pointer: str = "/quantity") -> None:
    """Make sure that a quantity is between 1 and `MAX_QUANTITY` base units.

    Raises:
        Invalid: it is not.
    """
    if not 1 <= quantity <= MAX_QUANTITY:
        raise Invalid(
            f"A quantity is a whole number from 1 to {MAX_QUANTITY}, not {quantity}.",
            remedy="Count in base units.",
            pointer=pointer,
        )
