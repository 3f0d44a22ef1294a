from shipping.domain.gs1 import FNC1

CODE_C = 99
CODE_B = 100
FUNCTION_1 = 102
START_B = 104
START_C = 105

_STOP = 106
_PAIR = 2
# So many digits are worth changing to pairs: at an end of the symbol one change is saved.
_WORTH_AT_AN_END = 4
_WORTH_INSIDE = 6
_DIGITS = frozenset("0123456789")
# Widths of bars and spaces in modules, bar first, by symbol character value (ISO/IEC 15417, table 1).
_TABLE = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 "
    "113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 "
    "212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 "
    "113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 "
    "314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 "
    "241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 "
    "214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 "
    "211232 2331112"
)
_WIDTHS = tuple(_TABLE.split())


def symbol_characters(text: str) -> tuple[int, ...]:
    """Encode a text as Code 128 symbol characters, from the start character to the last of the data.

    Digits go in pairs where that makes the symbol shorter (GS1 General Specifications 5.4.7.7); FNC1 stands where the
    text has the separator. Only printable ASCII and FNC1 can be encoded.

    Raises:
        ValueError: the text is empty, or has other characters.
    """
    if not text or any(char != FNC1 and not " " <= char <= "~" for char in text):
        raise ValueError("a Code 128 symbol carries printable ASCII characters only")
    is_paired = _starts_paired(text)
    values = [START_C if is_paired else START_B]
    at = 0
    while at < len(text):
        run = _digits_from(text, at)
        if text[at] == FNC1:
            values.append(FUNCTION_1)
            at += 1
        elif is_paired and run >= _PAIR:
            values.append(int(text[at : at + 2]))
            at += 2
        elif is_paired:
            values.append(CODE_B)
            is_paired = False
        elif run % _PAIR == 0 and run >= (_WORTH_AT_AN_END if at + run == len(text) else _WORTH_INSIDE):
            values.append(CODE_C)
            is_paired = True
        else:
            values.append(ord(text[at]) - 32)
            at += 1
    return tuple(values)


def module_widths(values: tuple[int, ...]) -> str:
    """Return the widths of a symbol's bars and spaces in turn, bar first, with check and stop character: one digit
    each, in modules.
    """
    total = values[0] + sum(place * value for place, value in enumerate(values[1:], start=1))
    return "".join(_WIDTHS[value] for value in (*values, total % 103, _STOP))


def modules_of(length: int) -> int:
    """Return how wide a symbol of so many characters is in modules, start character and data counted."""
    return 11 * (length + 1) + 13


def _starts_paired(text: str) -> bool:
    first = next((at for at, char in enumerate(text) if char != FNC1), len(text))
    run = _digits_from(text, first)
    return run >= _WORTH_AT_AN_END or (run == _PAIR and first + run == len(text))


def _digits_from(text: str, at: int) -> int:
    end = at
    while end < len(text) and text[end] in _DIGITS:
        end += 1
    return end - at
