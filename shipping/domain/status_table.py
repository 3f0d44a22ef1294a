from collections.abc import Mapping

from shipping.domain.tracking_status import TrackingStatus

Meaning = tuple[TrackingStatus, str | None]
StatusTable = Mapping[str, Meaning]


def status_table(rows: Mapping[TrackingStatus, str]) -> StatusTable:
    """Build a code -> (status, reason) table from lines of "code" and "code=reason" words per status.

    Raises:
        ValueError: a code stands twice; one code has one meaning.
    """
    table: dict[str, Meaning] = {}
    for status, words in rows.items():
        for word in words.split():
            code, _, reason = word.partition("=")
            if code in table:
                raise ValueError(f"code {code} stands twice")
            table[code] = (status, reason or None)
    return table
