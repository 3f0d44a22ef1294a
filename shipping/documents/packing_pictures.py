"""A packing plan as pictures, one a step: an open carton seen from its front, what is in it, and what goes in now.

Goods for a mailer are stacked on the flat bag, which lies with its opening to the right.
"""

from collections.abc import Sequence
from html import escape

from shipping.domain.carton_plans import Placement
from shipping.domain.carton_space import Dims, Point
from shipping.domain.packing_steps import PackStep, in_order

# A cabinet projection: the front keeps its shape, and depth is drawn at 45 degrees and shortened, so that left and
# right, front and rear are where the packer sees them.
_DEPTH = 0.36


def step_pictures(
    placements: Sequence[Placement], inner: Dims, steps: Sequence[PackStep], *, name: str, flat: Dims | None = None
) -> list[str]:  # fmt: skip
    """Return one SVG element for each step, without any inline style; its parts have classes (`pk-*`).
    `flat` are length, width and bulge in mm of a mailer that opens to the inner sides.

    The first one holds the shapes that the others use, so that they belong on one page; `name` keeps their ids apart
    from those of other plans. The title of each says its step in words.
    """
    ordered = in_order(placements)
    turn = _from_behind(ordered)
    shapes = "".join(f'<g id="{name}-{i}">{_box(ordered[i], inner, f"{name}-{i}-o")}</g>' for i in range(len(ordered)))
    return [
        _picture(step, turn, inner, flat, name=f"{name}-s{number}", shapes=name, defs=shapes if number == 1 else "")
        for number, step in enumerate(steps, start=1)
    ]


def _picture(
    step: PackStep, turn: Sequence[int], inner: Dims, flat: Dims | None, *, name: str, shapes: str, defs: str
) -> str:
    new = range(step.first, step.first + step.count)
    uses = "".join(
        f'<use href="#{shapes}-{i}" class="{"pk-new" if i in new else "pk-in"}"/>' for i in turn if i < new.stop
    )
    # Its outline shows through what stands in front of it.
    ghosts = "".join(f'<use href="#{shapes}-{i}-o" class="pk-ghost"/>' for i in new)
    size = max(8, round(max(inner) / 16))
    least, most = _extent(inner, flat)
    view = f"{least[0] - size} {least[1] - size} {most[0] - least[0] + 2 * size} {most[1] - least[1] + 3 * size}"
    front = _word("front" if flat is None else "front, open at the right", inner[0] // 2, most[1] + size * 3 // 2, size)
    behind, before = (_walls(inner), _near_edges(inner)) if flat is None else (_bag(inner, flat), _opening(inner, flat))
    return (
        f'<svg class="pk" role="img" viewBox="{view}" aria-labelledby="{name}">'
        f'<title id="{name}">{escape(step.sentence)}</title>'
        f"{f'<defs>{defs}</defs>' if defs else ''}{behind}{uses}{before}{ghosts}{front}</svg>"
    )


def _word(word: str, x: int, y: int, size: int) -> str:
    return f'<text class="pk-word" x="{x}" y="{y}" font-size="{size}">{word}</text>'


def _extent(inner: Dims, flat: Dims | None) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the least and the greatest coordinates of what is drawn."""
    floor: list[Point] = [(0, inner[1], 0)] if flat is None else _sheet(inner, flat)
    corners = [*floor, (inner[0], 0, inner[2])]
    points = [_flat(corner, inner) for corner in corners]
    xs, ys = [round(x) for x, _ in points], [round(y) for _, y in points]
    return (min(xs), min(ys)), (max(xs), max(ys))


def _sheet(inner: Dims, flat: Dims) -> list[Point]:
    """Return the corners of the flat bag, in the middle of which the goods lie: rear left first, then around."""
    beside, along = (flat[0] - inner[0]) // 2, (flat[1] - inner[1]) // 2
    left, right, rear, near = -beside, flat[0] - beside, -along, flat[1] - along
    return [(left, rear, 0), (right, rear, 0), (right, near, 0), (left, near, 0)]


def _bag(inner: Dims, flat: Dims) -> str:
    """Draw the flat bag that the goods are stacked on."""
    return f'<path class="pk-bag" d="{_path(_sheet(inner, flat), inner)}"/>'


def _opening(inner: Dims, flat: Dims) -> str:
    """Draw the edge at which the bag is open."""
    _, rear, near, _ = _sheet(inner, flat)
    return f'<path class="pk-edge" d="{_path([rear, near], inner)}"/>'


def _walls(inner: Dims) -> str:
    """Draw what is seen of the empty carton's inside: its bottom, its rear and its left side."""
    length, width, height = inner
    bottom = _path([(0, 0, 0), (length, 0, 0), (length, width, 0), (0, width, 0)], inner)
    rear = _path([(0, 0, 0), (length, 0, 0), (length, 0, height), (0, 0, height)], inner)
    left = _path([(0, 0, 0), (0, width, 0), (0, width, height), (0, 0, height)], inner)
    return f'<path class="pk-wall" d="{rear}{left}"/><path class="pk-bottom" d="{bottom}"/>'


def _near_edges(inner: Dims) -> str:
    """Draw the edges between the packer and the goods."""
    length, width, height = inner
    front = _path([(0, width, 0), (length, width, 0), (length, width, height), (0, width, height)], inner)
    right = _path([(length, width, 0), (length, 0, 0), (length, 0, height), (length, width, height)], inner)
    return f'<path class="pk-edge" d="{front}{right}"/>'


def _box(place: Placement, inner: Dims, outline: str) -> str:
    """Draw the three faces of a piece that are seen: front, top and right; the last two are shaded."""
    x, y, z = place.x_mm, place.y_mm, place.z_mm
    right, near, top = x + place.l_mm, y + place.w_mm, z + place.h_mm
    front = _path([(x, near, z), (right, near, z), (right, near, top), (x, near, top)], inner)
    above = _path([(x, near, top), (right, near, top), (right, y, top), (x, y, top)], inner)
    side = _path([(right, near, z), (right, y, z), (right, y, top), (right, near, top)], inner)
    seen = f'<path id="{outline}" d="{front}{above}{side}"/>'
    return f'{seen}<path class="pk-lit" d="{above}"/><path class="pk-dim" d="{side}"/>'


def _path(corners: Sequence[Point], inner: Dims) -> str:
    points = [_flat(corner, inner) for corner in corners]
    return f"M{'L'.join(f'{x:.0f} {y:.0f}' for x, y in points)}z"


def _flat(corner: Point, inner: Dims) -> tuple[float, float]:
    x, y, z = corner
    depth = (inner[1] - y) * _DEPTH
    return x + depth, -z - depth


def _from_behind(places: Sequence[Placement]) -> list[int]:
    """Return the order in which pieces are painted: what may be hidden by another one comes before it.

    The eye is at the right, in front and above. A piece that ends where another begins along any axis cannot hide it.
    """
    hidden_by = [
        [j for j in range(len(places)) if i != j and _may_hide(places[j], places[i])] for i in range(len(places))
    ]
    waits_for = [0] * len(places)
    for fronts in hidden_by:
        for j in fronts:
            waits_for[j] += 1
    left, order = set(range(len(places))), []
    while left:
        # Three pieces may hide each other in a circle; then the one farthest from the eye comes first.
        behind = min(left, key=lambda i: (waits_for[i], places[i].x_mm + places[i].y_mm + places[i].z_mm, i))
        left.remove(behind)
        order.append(behind)
        for j in hidden_by[behind]:
            waits_for[j] -= 1
    return order


def _may_hide(near: Placement, far: Placement) -> bool:
    return _begins_behind(near, far) and not _begins_behind(far, near)


def _begins_behind(one: Placement, other: Placement) -> bool:
    """Say whether one piece begins, along some axis, where the other has ended."""
    ends = (other.x_mm + other.l_mm, other.y_mm + other.w_mm, other.z_mm + other.h_mm)
    return one.x_mm >= ends[0] or one.y_mm >= ends[1] or one.z_mm >= ends[2]
