"""From which of several equal bins to pick, proposed before a release on the exact router. Nothing is locked here: the
release looks again, and what no longer holds is not followed.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fulfillment.domain.layout import UnreachableBinsError
from fulfillment.domain.routing.floor_routes import FloorLayout
from fulfillment.domain.wave_choice import ROUGH_EFFORT, choose_together, likely_carts
from inventory import api as inventory

Key = tuple[str, str]
LineKey = tuple[str, str, str, str]
Proposals = dict[LineKey, tuple[inventory.ProposedPick, ...]]
ROUNDS = 2
"""Orders are put on likely carts, the places are chosen cart by cart, and once more with the carts that follow."""


@dataclass(slots=True)
class _Want:
    """Units of an item that lines of one cart want together, the picks settled so far, and those still open by name."""

    item: Key
    lines: list[tuple[LineKey, int]]
    picks: list[tuple[str, inventory.Bin | None, int]] = field(default_factory=list)
    articles: dict[str, dict[str, inventory.Bin]] = field(default_factory=dict)

    @property
    def units(self) -> int:
        return sum(units for _, units in self.lines)


def propose_picks(
    layout: FloorLayout,
    choice: inventory.StockChoice,
    groups: Sequence[Sequence[Key]],
    *,
    totes: int,
    is_over: Callable[[], bool],
) -> Proposals:
    """Return picks for the lines of (tenant, order) pairs, in the order in which they are to be set aside.

    Orders of different `groups` never share a cart of `totes` orders. Which bins are equal is the stock's rule (FEFO,
    lot, faces before bulk, whole cases); among equals the shortest walk of a likely cart decides, then that bins empty
    out. Units that no single bin holds come from the fullest. Once `is_over`, the rest has no proposal.
    """
    lines: dict[Key, list[LineKey]] = defaultdict(list)
    for line in choice.wanted:
        lines[line[0], line[1]].append(line)
    wave = _Wave(layout, choice, lines)
    carts: list[tuple[Key, ...]] = [(key,) for group in groups for key in group if key in lines]
    members = [[key for key in group if key in lines] for group in groups]
    found = wave.choose(carts, is_over, effort=ROUGH_EFFORT, share_stock=False)
    for _ in range(ROUNDS):
        if is_over() or not found:
            break
        carts = [cart for group in members for cart in wave.carts(group, found, totes)]
        found = wave.choose(carts, is_over) or found
    return found


@dataclass(frozen=True, slots=True)
class _Wave:
    layout: FloorLayout
    choice: inventory.StockChoice
    lines: Mapping[Key, Sequence[LineKey]]

    def carts(self, orders: Sequence[Key], found: Proposals, totes: int) -> list[tuple[Key, ...]]:
        codes = [[pick.location_code for line in self.lines[key] for pick in found.get(line, ())] for key in orders]
        return [tuple(orders[number] for number in cart) for cart in likely_carts(self.layout, codes, totes)]

    def choose(
        self,
        carts: Iterable[Sequence[Key]],
        is_over: Callable[[], bool],
        *,
        effort: float = 1.0,
        share_stock: bool = True,
    ) -> Proposals:
        """Choose cart by cart. With `share_stock`, what one takes the next does not find any more."""
        bins = {item: list(held) for item, held in self.choice.bins.items()}
        found: Proposals = {}
        for cart in carts:
            if is_over():
                break
            held = bins if share_stock else {item: list(kept) for item, kept in self.choice.bins.items()}
            found |= self._choose_cart([line for key in cart for line in self.lines[key]], held, effort)
        return found

    def _choose_cart(self, lines: Sequence[LineKey], bins: dict[Key, list[inventory.Bin]], effort: float) -> Proposals:
        wants = self._wants(lines)
        articles: dict[str, dict[str, int]] = {}
        for number, want in enumerate(wants):
            if want.item not in {other.item for other in wants[:number]}:
                self._split(want, bins[want.item], f"{number}")
            for name, bin_at in want.articles.items():
                units = next(n for open_name, _, n in want.picks if open_name == name)
                articles[name] = {code: found.free - units for code, found in bin_at.items()}
        try:
            chosen = choose_together(self.layout, articles, effort=effort)
        except UnreachableBinsError:
            return {}
        proposals: Proposals = {}
        for want in wants:
            picks = _take(want, chosen, bins[want.item], self.choice.cases.get(want.item, ()))
            proposals |= _by_line(want, picks)
        return proposals

    def _wants(self, lines: Iterable[LineKey]) -> list[_Want]:
        """Return what is wanted: lines for one item together, but each on its own where whole cases come first."""
        wants: dict[tuple[object, ...], _Want] = {}
        for line in lines:
            item = line[0], line[3]
            key = line if item in self.choice.cases else item
            wants.setdefault(key, _Want(item, [])).lines.append((line, self.choice.wanted[line]))
        return list(wants.values())

    def _split(self, want: _Want, held: Sequence[inventory.Bin], name: str) -> None:
        """Settle the picks that leave no choice, and note the articles for the others."""
        used: Counter[tuple[str, str]] = Counter()
        for number, portion in enumerate(inventory.portions(held, want.units, self.choice.cases.get(want.item, ()))):
            left, size = portion.units, portion.case_units
            while left:
                room = {b: (b.free - used[b.key]) // size * size for b in portion.equals}
                enough = [b for b in portion.equals if room[b] >= left]
                if not enough:
                    fullest = min(portion.equals, key=lambda b: (-room[b], b.location_code, b.lot))
                    used[fullest.key] += room[fullest]
                    left -= room[fullest]
                    want.picks.append((self._fixed(want, fullest, f"{name}.{number}.{left}"), fullest, room[fullest]))
                    continue
                self._offer(want, enough, left, f"{name}.{number}.0")
                break

    def _fixed(self, want: _Want, found: inventory.Bin, name: str) -> str:
        if found.location_code in self.layout.codes:
            want.articles[name] = {found.location_code: found}
        return name

    def _offer(self, want: _Want, enough: Sequence[inventory.Bin], units: int, name: str) -> None:
        """Offer one bin a location: the one that empties out soonest."""
        ranked = sorted(enough, key=lambda b: (b.free, b.location_code, b.lot))
        on_floor = [b for b in reversed(ranked) if b.location_code in self.layout.codes]
        if on_floor:
            want.articles[name] = {b.location_code: b for b in on_floor}
        want.picks.append((name, None if on_floor else ranked[0], units))


def _take(
    want: _Want, chosen: Mapping[str, str], held: list[inventory.Bin], cases: Iterable[int]
) -> list[tuple[inventory.Bin, int]]:
    """Return the picks of a want and note them in the bins. The rule alone decides where portions chose the same units,
    and for further wants of an item, whose choice depends on the first one's.
    """
    picks = [(found or want.articles[name][chosen[name]], units) for name, found, units in want.picks]
    free = {b.key: b.free for b in held}
    if not picks or any(free[key] < units for key, units in _by_bin(picks).items()):
        picks = inventory.choose_in_order(held, want.units, tuple(cases))
    needed = _by_bin(picks)
    held[:] = [replace(b, allocated=b.allocated + needed[b.key]) for b in held]
    return picks


def _by_bin(picks: Iterable[tuple[inventory.Bin, int]]) -> Counter[tuple[str, str]]:
    units: Counter[tuple[str, str]] = Counter()
    for found, taken in picks:
        units[found.key] += taken
    return units


def _by_line(want: _Want, picks: Iterable[tuple[inventory.Bin, int]]) -> Proposals:
    """Give the lines of a want its picks one after the other."""
    left = [(found, units) for found, units in picks]
    proposals: Proposals = {}
    for line, wanted in want.lines:
        own: list[inventory.ProposedPick] = []
        missing = wanted
        while missing and left:
            found, units = left.pop(0)
            taken = min(units, missing)
            missing -= taken
            own.append(inventory.ProposedPick(found.location_code, found.lot, taken))
            if units > taken:
                left.insert(0, (found, units - taken))
        if not missing:
            proposals[line] = tuple(own)
    return proposals
