from pathlib import Path

import pytest
import reportlab
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont

from shipping.documents.outlines import bare_font

FONTS = [
    *(Path(reportlab.__file__).parent / "fonts").glob("Vera*.ttf"),
    *Path("/usr/share/fonts/truetype").glob("*/DejaVuSans*.ttf"),
]


def drawn(font: TTFont, glyph: str) -> list[tuple[str, tuple[object, ...]]]:
    pen = RecordingPen()
    font.getGlyphSet()[glyph].draw(pen)
    return pen.value


@pytest.mark.parametrize("file", FONTS[:6], ids=lambda file: file.stem)
def test_a_bare_font_draws_the_same_and_is_smaller(file: Path) -> None:
    bare, whole = TTFont(bare_font(str(file))), TTFont(file)

    assert not {"fpgm", "prep", "cvt "} & set(bare.keys())
    assert bare["name"].getDebugName(6) == whole["name"].getDebugName(6)
    assert bare["hmtx"].metrics == {
        name: whole["hmtx"].metrics[theirs]
        for name, theirs in zip(bare.getGlyphOrder(), whole.getGlyphOrder(), strict=True)
    }
    for name, theirs in list(zip(bare.getGlyphOrder(), whole.getGlyphOrder(), strict=True))[::40]:
        assert drawn(bare, name) == [
            (step, tuple(part if not isinstance(part, str) else name_in(bare, whole, part) for part in parts))
            for step, parts in drawn(whole, theirs)
        ]
    assert len(bare_font(str(file)).getvalue()) < 0.9 * file.stat().st_size


def name_in(bare: TTFont, whole: TTFont, glyph: str) -> str:
    """The name in one font of a glyph of the other; their lists of names may differ."""
    return bare.getGlyphOrder()[whole.getGlyphID(glyph)]
