import unicodedata
from functools import lru_cache

_RTL = frozenset({"R", "AL"})
_NUMBERS = frozenset({"EN", "AN"})
_FIRST_RTL = "\u0590"


def visual_order(text: str) -> str:
    """Bring a line from reading order into drawing order: join Arabic letters, lay right-to-left runs out leftwards.

    Covers what names and addresses need of the Unicode bidirectional algorithm (UAX 9): strong letters, numbers,
    neutrals between them and mirrored brackets, without explicit embeddings. A line without right-to-left letters is
    returned as it is.
    """
    shaped = joined(text)
    if not has_right_to_left(shaped):
        return shaped
    levels = _levels(shaped)
    cells = [
        _mirrored(char) if level % 2 and unicodedata.mirrored(char) else char
        for char, level in zip(shaped, levels, strict=True)
    ]
    return "".join(cells[i] for i in _reordered(levels))


def joined(text: str) -> str:
    """Replace Arabic letters by the form that their neighbors ask for, still in reading order. What is joined already
    stays as it is.
    """
    return _join_arabic(text) if has_right_to_left(text) else text


def has_right_to_left(text: str) -> bool:
    """Say whether a line has letters that are read from the right."""
    return text > "" and max(text) >= _FIRST_RTL and any(unicodedata.bidirectional(c) in _RTL for c in text)


def _reordered(levels: list[int]) -> list[int]:
    """Reverse runs from the deepest level outwards (rule L2)."""
    order = list(range(len(levels)))
    for depth in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and levels[order[end]] >= depth:
                end += 1
            order[start:end] = reversed(order[start:end])
            start = end + 1
    return order


def _levels(text: str) -> list[int]:
    kinds = [unicodedata.bidirectional(c) for c in text]
    base = 1 if next((k for k in kinds if k in _RTL or k == "L"), "L") in _RTL else 0
    levels: list[int | None] = []
    strong = base
    for kind in kinds:
        if kind in _RTL:
            strong = 1
            levels.append(1)
        elif kind == "L":
            strong = 0
            levels.append(2 * base)
        elif kind in _NUMBERS:
            levels.append(2 if strong or base else 0)
        elif kind == "NSM" and levels:
            levels.append(levels[-1])
        else:
            levels.append(None)
    return [level if level is not None else _between(levels, i, base) for i, level in enumerate(levels)]


def _between(levels: list[int | None], index: int, base: int) -> int:
    """Give a neutral the level of its neighbours when they agree, the base level otherwise."""
    before = next((v for v in reversed(levels[:index]) if v is not None), base)
    after = next((v for v in levels[index:] if v is not None), base)
    return before if before == after else base


def _mirrored(char: str) -> str:
    pairs = "()[]{}<>«»"
    index = pairs.find(char)
    return char if index < 0 else pairs[index ^ 1]


def _join_arabic(text: str) -> str:
    """Replace Arabic letters by the presentation form that their neighbours ask for."""
    forms, ligatures = _arabic_forms()
    letters = list(text)
    joined: list[str] = []
    index = 0
    while index < len(letters):
        char = letters[index]
        pair = "".join(letters[index : index + 2])
        links_back = _links_forward(letters, index - 1, forms)
        if pair in ligatures:
            joined.append(ligatures[pair]["final" if links_back else "isolated"])
            index += 2
            continue
        joined.append(_form(char, forms, links_back=links_back, links_on=_takes_link(letters, index + 1, forms)))
        index += 1
    return "".join(joined)


def _form(char: str, forms: dict[str, dict[str, str]], *, links_back: bool, links_on: bool) -> str:
    own = forms.get(char)
    if own is None:
        return char
    links_on = links_on and "initial" in own
    links_back = links_back and "final" in own
    name = {(True, True): "medial", (True, False): "final", (False, True): "initial"}.get((links_back, links_on))
    return own.get(name or "isolated", char)


def _links_forward(letters: list[str], index: int, forms: dict[str, dict[str, str]]) -> bool:
    while index >= 0 and unicodedata.combining(letters[index]):
        index -= 1
    return index >= 0 and "initial" in forms.get(letters[index], {})


def _takes_link(letters: list[str], index: int, forms: dict[str, dict[str, str]]) -> bool:
    while index < len(letters) and unicodedata.combining(letters[index]):
        index += 1
    return index < len(letters) and "final" in forms.get(letters[index], {})


@lru_cache(maxsize=1)
def _arabic_forms() -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """Read the joining forms and the lam-alef ligatures from the Unicode database itself."""
    forms: dict[str, dict[str, str]] = {}
    ligatures: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFBFF), *range(0xFE80, 0xFEFD)):
        tag, *bases = unicodedata.decomposition(chr(code)).split() or ("",)
        source = "".join(chr(int(base, 16)) for base in bases)
        if len(source) == 1:
            forms.setdefault(source, {}).setdefault(tag.strip("<>"), chr(code))
        elif len(source) == 2 and source[0] == "\u0644":  # noqa: PLR2004 - a pair of letters
            ligatures.setdefault(source, {})[tag.strip("<>")] = chr(code)
    return forms, ligatures
