from collections.abc import Sequence


def part_prices(price_minor: int, parts: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Return what each part of one kit costs, as (units, unit price in minor units).

    `parts` are (units in a kit, each unit's share of its price). The prices add up to the kit's exactly. What does not
    divide evenly, less than one minor unit for each unit, is borne by the first part that is single in the kit; where
    none is, by the first units, one minor unit each, so that a part may have two prices.
    """
    shares = sum(units * share for units, share in parts)
    prices = [price_minor * share // shares for _, share in parts]
    rest = price_minor - sum(units * price for (units, _), price in zip(parts, prices, strict=True))
    single = next((n for n, (units, _) in enumerate(parts) if units == 1), None)
    if single is not None:
        prices[single] += rest
        rest = 0
    priced = []
    for (units, _), price in zip(parts, prices, strict=True):
        dearer = min(rest, units)
        rest -= dearer
        priced.append([(count, each) for count, each in ((dearer, price + 1), (units - dearer, price)) if count])
    return priced
