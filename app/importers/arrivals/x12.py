"""X12 interchanges. The readers that are kept up know the releases of health care only, not those of retail."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from kernel.errors import Invalid

_ISA_LENGTH = 106
_RESEND = "Ask the sender to send it again whole."


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: which of the file it is, counted from 1, its id, and its elements; those left out are empty."""

    number: int
    id: str
    elements: tuple[str, ...]

    def __getitem__(self, position: int) -> str:
        """Return an element by its position in the standard: `segment[1]` is BSN01."""
        return self.elements[position - 1].strip() if position <= len(self.elements) else ""

    def pairs(self, first: int) -> dict[str, str]:
        """Return qualifiers and values that take turns from a position on, as in LIN from LIN02."""
        rest = [self[position] for position in range(first, len(self.elements) + 1)]
        return {rest[i]: rest[i + 1] for i in range(0, len(rest) - 1, 2) if rest[i] and rest[i + 1]}


@dataclass(slots=True)
class TransactionSet:
    """One document of an interchange: its type (ST01), its control number, and the segments between ST and SE."""

    kind: str
    control: str
    begin: int
    segments: list[Segment] = field(default_factory=list)


def is_x12(content: bytes) -> bool:
    """Say whether a file is an X12 interchange."""
    return content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"ISA")


def read_interchange(text: str, file: str) -> list[TransactionSet]:
    """Return the transaction sets of an interchange, which must be whole: the counts and control numbers of its
    envelopes (X12.5, X12.6) have to agree. Separators are those that its ISA segment declares.

    Raises:
        Invalid: names the segment that is not as it should be.
    """
    found: list[TransactionSet] = []
    groups, sets_in_group, ended = 0, 0, False
    for segment in _segments(text.lstrip("\ufeff \r\n\t"), file):
        if segment.id == "ST":
            found.append(TransactionSet(segment[1], segment[2], segment.number))
            sets_in_group += 1
        elif segment.id == "SE":
            _agree(file, segment, 1, str(segment.number - found[-1].begin + 1) if found else "")
            _agree(file, segment, 2, found[-1].control)
        elif segment.id == "GE":
            _agree(file, segment, 1, str(sets_in_group))
            groups, sets_in_group = groups + 1, 0
        elif segment.id == "IEA":
            _agree(file, segment, 1, str(groups))
            ended = True
        elif segment.id not in ("ISA", "GS", "TA1") and found:
            found[-1].segments.append(segment)
    if not ended:
        raise Invalid(f"{file} breaks off: its end (IEA) is missing.", remedy=_RESEND, pointer=f"/{file}")
    return found


def _segments(text: str, file: str) -> Iterator[Segment]:
    head = text[:_ISA_LENGTH]
    if len(head) < _ISA_LENGTH or head[3].isalnum() or head[:_ISA_LENGTH].count(head[3]) != 16:  # noqa: PLR2004 - ISA16
        raise Invalid(
            f"{file} does not begin with an ISA segment of {_ISA_LENGTH} characters.",
            remedy=_RESEND,
            pointer=f"/{file}",
        )
    element, end = head[3], head[-1]
    for number, raw in enumerate(text.split(end), start=1):
        name, *elements = raw.strip("\r\n\t ").split(element)
        if name:
            yield Segment(number, name, tuple(elements))


def _agree(file: str, segment: Segment, position: int, counted: str) -> None:
    told = segment[position]
    if told != counted and told.lstrip("0") != counted.lstrip("0"):
        raise Invalid(
            f"Segment {segment.number} of {file} ({segment.id}{position:02}) says {told or 'nothing'}, but it is"
            f" {counted or 'nothing'}.",
            remedy=_RESEND,
            pointer=f"/{file}",
        )
