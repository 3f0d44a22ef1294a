"""How a planned carton is packed, step by step, in words and in pictures."""

from dataclasses import dataclass

from shipping.documents.packing_pictures import step_pictures
from shipping.domain.carton_plans import Placement
from shipping.domain.packing_steps import Piece, steps_of
from shipping.packing_views import PlannedCarton
from shipping.views import Content


@dataclass(frozen=True, slots=True)
class GuideStep:
    """One step: the sentence, the goods that it is about, and an SVG element that shows it."""

    sentence: str
    content: Content
    count: int
    picture: str


def packing_guide(carton: PlannedCarton, *, name: str) -> list[GuideStep]:
    """Return the steps to fill a carton; `name` keeps the ids of its pictures apart from those of others on a page."""
    contents = {content.line_id: content for content in carton.contents}
    placements = [Placement(*place) for place in carton.placements]
    pieces = {
        line_id: Piece(c.sku or c.name, (c.length_mm, c.width_mm, c.height_mm)) for line_id, c in contents.items()
    }
    steps = steps_of(placements, carton.inner_mm, pieces, in_bag=carton.is_mailer)
    pictures = step_pictures(placements, carton.inner_mm, steps, name=name, flat=carton.flat_mm)
    return [
        GuideStep(step.sentence, contents[step.ref], step.count, picture)
        for step, picture in zip(steps, pictures, strict=True)
    ]
