"""A merchant's accent color, checked for contrast and corrected rather than trusted.

Contrast is the ratio of relative luminances of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
"""

import colorsys
import re
from dataclasses import dataclass

_HEX = re.compile(r"#?([0-9a-fA-F]{6})")
_LIGHT_GROUNDS = ("#FFFFFF", "#F6F7F4")
_DARK_GROUNDS = ("#172228", "#0F171B")
_WANTED_ON_LIGHT = 4.6
_WANTED_ON_DARK = 7.5  # dark paper needs more: a hue at 4.6 looks switched off beside the light ink
_STEPS = 200
_KNEE = 0.04045  # below it, sRGB is linear


class InvalidAccentError(ValueError):
    """The accent is not a six-digit hexadecimal color."""


@dataclass(frozen=True, slots=True)
class Accent:
    """The accent on light and on dark paper, each with the ink to write on it."""

    light: str
    on_light: str
    dark: str
    on_dark: str


def correct_accent(accent: str) -> Accent:
    """Return the nearest shades of `accent` that stand out from both papers: 4.6 to 1 on light and 7.5 to 1 on dark.

    Raises:
        InvalidAccentError: `accent` is not a color such as #0B6E69.
    """
    match = _HEX.fullmatch(accent.strip())
    if match is None:
        raise InvalidAccentError(f"{accent!r} is not a color such as #0B6E69")
    color = f"#{match[1].upper()}"
    return Accent(
        _shade(color, _LIGHT_GROUNDS, -_WANTED_ON_LIGHT),
        "#FFFFFF",
        _shade(color, _DARK_GROUNDS, _WANTED_ON_DARK),
        "#10181C",
    )


def brand_stylesheet(accent: str) -> str:
    """Return the stylesheet that puts the corrected accent into the page's tokens.

    Raises:
        InvalidAccentError: `accent` is not a color such as #0B6E69.
    """
    shades = correct_accent(accent)
    return (
        f":root{{--brand:{shades.light};--on-brand:{shades.on_light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{--brand:{shades.dark};--on-brand:{shades.on_dark}}}}}\n"
    )


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colors, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _shade(color: str, grounds: tuple[str, ...], wanted: float) -> str:
    """Move the lightness step by step until the contrast is reached on every ground; a negative `wanted` darkens."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in _channels(color)))
    direction = 1 if wanted > 0 else -1
    for step in range(_STEPS + 1):
        moved = min(1.0, max(0.0, lightness + direction * step / _STEPS))
        red, green, blue = colorsys.hls_to_rgb(hue, moved, saturation)
        shade = f"#{round(red * 255):02X}{round(green * 255):02X}{round(blue * 255):02X}"
        if all(contrast(shade, ground) >= abs(wanted) for ground in grounds):
            return shade
    return "#FFFFFF" if direction > 0 else "#000000"


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _KNEE else ((channel + 0.055) / 1.055) ** 2.4
