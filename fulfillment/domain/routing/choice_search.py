"""Search for the places to pick from, where every article lies in several.

Plain Python, or compiled by `choice_kernels`: the same text, so the same answers. `ground` is what `tour_of` measures
on; it stays closed here. Compiled, it lets other threads run meanwhile.
"""

from collections.abc import MutableSequence, Sequence
from typing import Any, TypeAlias

Numbers: TypeAlias = MutableSequence[int]

Offers: TypeAlias = tuple[Numbers, Numbers, Numbers]
"""The places of all articles, nearest first; where each article's begin; the walk in mm to each place alone."""

_MULTIPLIER, _INCREMENT, _MODULUS = 1103515245, 12345, 2147483648


def tour_of(ground: Any, used: Numbers, room: Numbers) -> int:
    """Return the length in mm of the shortest walk over the places in use, and count it in the last cell of `room`."""
    count = 0
    for place in range(len(used)):
        if used[place] > 0:
            room[count] = place
            count += 1
    room[len(used)] += 1
    length: int = ground.measure(room[:count])
    return length


def walk_by(ground: Any, used: Numbers, room: Numbers, place: int) -> int:
    """Return the length in mm of the shortest walk over the places in use and one more."""
    used[place] += 1
    length = tour_of(ground, used, room)
    used[place] -= 1
    return length


def place_best(ground: Any, offers: Offers, article: int, used: Numbers, room: Numbers, limit: int) -> tuple[int, int]:
    """Return the place of an article that lengthens the walk over the others least, and that walk.

    A place in use costs nothing, and nothing can be better. Only walks shorter than `limit` count; -1 if there is none.
    No walk is shorter than the one to its farthest place alone, so that the rest need not be measured.
    """
    places, starts, alone = offers
    best, best_at = limit, -1
    for at in range(starts[article], starts[article + 1]):
        if used[places[at]] > 0:
            return at, tour_of(ground, used, room)
    for at in range(starts[article], starts[article + 1]):
        if alone[at] >= best:
            break
        length = walk_by(ground, used, room, places[at])
        if length < best:
            best, best_at = length, at
    return best_at, best


def improve(ground: Any, offers: Offers, chosen: Numbers, used: Numbers, room: Numbers, length: int) -> int:
    """Move one article at a time to a better place until none is better; return the walk then.

    An article without which the walk is no shorter cannot be better placed.
    """
    places, starts, _ = offers
    articles = len(starts) - 1
    idle, article = 0, 0
    while idle < articles:
        idle += 1
        here = places[chosen[article]]
        if used[here] == 1:
            used[here] -= 1
            without = tour_of(ground, used, room)
            moved = -1
            if without < length:
                moved, shorter = place_best(ground, offers, article, used, room, length)
            if moved >= 0:
                chosen[article], length, idle = moved, shorter, 0
            used[places[chosen[article]]] += 1
        article = (article + 1) % articles
    return length


def search(
    ground: Any,
    offers: Offers,
    aisles: Sequence[int],
    chosen: Numbers,
    work: Sequence[Numbers],
    effort: int,
) -> int:
    """Choose a place for every article into `chosen`, indexes of `places`; return the length of the walk in mm.

    Where there are few choices, all of them are tried. Else cheapest insertion around each place of the first article,
    then exchange of single articles; then again and again all articles of some aisle are placed anew elsewhere, or some
    articles anywhere, and the exchange repeated; what is not longer is kept. `aisles` gives the aisle of each place;
    `work` is room for as many numbers as there are places, one more, and articles, all zero. It ends when about
    `effort` walks were measured, half of them for the first part.
    """
    places, starts, _ = offers
    used, room, kept = work[0], work[1], work[2]
    articles = len(starts) - 1
    length = 1 << 60
    if _choices(starts, effort) <= effort // 2:
        return _best_of_all(ground, offers, chosen, used, room, kept)
    for anchor in range(starts[0], starts[1]):
        if anchor > starts[0] and room[len(used)] > effort // 2:
            break
        new = _around(ground, offers, chosen, used, room, anchor)
        if new < length:
            length = new
            for article in range(articles):
                kept[article] = chosen[article]
    _restore(places, chosen, used, kept)
    seed = 1
    while room[len(used)] < effort:
        seed = _disturb(places, starts, aisles, chosen, used, seed)
        new = improve(ground, offers, chosen, used, room, tour_of(ground, used, room))
        if new > length:
            _restore(places, chosen, used, kept)
        else:
            length = new
            for article in range(articles):
                kept[article] = chosen[article]
    return length


def _choices(starts: Numbers, most: int) -> int:
    """Return how many choices there are, or any number above `most`."""
    found = 1
    for article in range(len(starts) - 1):
        if found <= most:
            found *= starts[article + 1] - starts[article]
    return found


def _best_of_all(ground: Any, offers: Offers, chosen: Numbers, used: Numbers, room: Numbers, kept: Numbers) -> int:
    """Choose the first of the best of all choices; return the walk."""
    places, starts, _ = offers
    for article in range(len(chosen)):
        kept[article] = starts[article]
    _restore(places, chosen, used, kept)
    length, article = tour_of(ground, used, room), 0
    while article >= 0:
        article = len(chosen) - 1
        while article >= 0:
            used[places[chosen[article]]] -= 1
            is_last = chosen[article] + 1 == starts[article + 1]
            chosen[article] = starts[article] if is_last else chosen[article] + 1
            used[places[chosen[article]]] += 1
            if not is_last:
                break
            article -= 1
        new = tour_of(ground, used, room)
        if new < length:
            length = new
            for each in range(len(chosen)):
                kept[each] = chosen[each]
    _restore(places, chosen, used, kept)
    return length


def _around(ground: Any, offers: Offers, chosen: Numbers, used: Numbers, room: Numbers, anchor: int) -> int:
    """Insert every article where it lengthens the walk least, the first at `anchor`, and exchange; return the walk."""
    places, starts, _ = offers
    for place in range(len(used)):
        used[place] = 0
    chosen[0] = anchor
    used[places[anchor]] += 1
    for article in range(1, len(starts) - 1):
        chosen[article] = place_best(ground, offers, article, used, room, 1 << 60)[0]
        used[places[chosen[article]]] += 1
    return improve(ground, offers, chosen, used, room, tour_of(ground, used, room))


def _restore(places: Numbers, chosen: Numbers, used: Numbers, kept: Numbers) -> None:
    for place in range(len(used)):
        used[place] = 0
    for article in range(len(chosen)):
        chosen[article] = kept[article]
        used[places[chosen[article]]] += 1


def _disturb(places: Numbers, starts: Numbers, aisles: Sequence[int], chosen: Numbers, used: Numbers, seed: int) -> int:
    """Move the articles of one aisle to other aisles, or up to four articles anywhere; return the next seed."""
    articles = len(starts) - 1
    seed = (seed * _MULTIPLIER + _INCREMENT) % _MODULUS
    aisle = aisles[places[chosen[(seed >> 8) % articles]]]
    closes = (seed >> 24) % 3 > 0
    for article in range(articles):
        count = starts[article + 1] - starts[article]
        seed = (seed * _MULTIPLIER + _INCREMENT) % _MODULUS
        moves = aisles[places[chosen[article]]] == aisle if closes else (seed >> 4) % articles < min(4, articles)
        if moves and count > 1:
            at = starts[article] + (seed >> 8) % count
            for step in range(count):
                other = starts[article] + (at - starts[article] + step) % count
                if not closes or aisles[places[other]] != aisle:
                    used[places[chosen[article]]] -= 1
                    chosen[article] = other
                    used[places[other]] += 1
                    break
    return seed
