"""Whether labels can be scanned, PDF and ZPL, whether anything on them overflows, and how fast they are made.

`python -m benchmarks.labels` makes 2,000 random labels (names and addresses of eighteen countries, some far too long,
some with characters that are commands of printers; carriers, services, SSCCs) in both forms, draws them at 203 dpi
and reads them with zxing-cpp: a label counts as decoded when all its symbols are found, each with its content and its
symbology identifier (`]C1` for GS1-128); `ghosts` counts labels on which the reader saw one more beside them. PDFs
are drawn by PDFium; ZPL by `_zpl`, which knows the text alone. `overflow` is the share with anything outside the
label or upon something else, `shortened` that on which a text ends with dots, `same_text` whether all that a printer
sets in its own font stands on the PDF too. `fonts` says whether this machine has a CJK font to embed; labels with
characters that no font has are refused as ZPL and counted so. Labels per second are of CPU time, in one thread, every
label new.
"""

import argparse
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

import pypdfium2
import zxingcpp
from PIL import Image, ImageOps

from benchmarks._people import recipient
from benchmarks._zpl import Printed, print_zpl
from shipping.documents.barcodes import DOTS_PER_INCH
from shipping.documents.bitmaps import NoFontForLabel
from shipping.documents.fonts import has_font_for_every_script
from shipping.documents.labels import shipping_label
from shipping.documents.pages import Page, Text
from shipping.documents.pdf_pages import page_pdf
from shipping.documents.values import LabelData, PostalAddress
from shipping.documents.zpl_pages import page_zpl
from shipping.domain.gs1 import build_sscc
from shipping.domain.sample_rates import CARRIER_NAMES
from shipping.domain.tracking_numbers import tracking_number

_HERE = PostalAddress("Pickstream São Paulo", ("Rua das Caixas 120",), "São Paulo", "01310-100", "BR", region="SP")
_SERVICES = (
    "Economy",
    "Ground",
    "Express",
    "Sameday to the door, with signature and identity check",
    "Доставка до двери",
)
_MARKS = ("Fragile", "This side up", "Keep dry", "Contains lithium batteries, handle with care")
_PATH, _TEXT = 2, 1
Codes = frozenset[tuple[str, str]]
Rect = tuple[float, float, float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    random = Random(chosen.seed)  # noqa: S311 - the same labels on every run
    labels = [random_label(random) for _ in range(chosen.count)]
    made = _made(labels)
    seen = _Seen()
    for label, (pdf, zpl) in zip(labels, made.papers, strict=True):
        _look(seen, label, pdf, zpl)
    print(json.dumps(_figures(len(labels), made, seen)))


def random_label(random: Random) -> LabelData:
    """Return a label as a warehouse would print it for anybody."""
    carrier = random.choice(sorted(CARRIER_NAMES))
    there = recipient(random)
    return LabelData(
        CARRIER_NAMES[carrier], random.choice(_SERVICES), tracking_number(carrier, random.randrange(10**8)),
        build_sscc(random.randrange(10), "4012345", random.randrange(10**9)), _HERE, there,
        random.randrange(20, 31_500), date(2026, 1, 1) + timedelta(days=random.randrange(365)),
        f"ORD-{random.randrange(10**7)}",
        handling_marks=tuple(random.sample(_MARKS, random.randrange(4))),
    )  # fmt: skip


@dataclass(slots=True)
class _Made:
    papers: list[tuple[bytes, bytes | None]]
    pdf_seconds: float
    zpl_seconds: float


@dataclass(slots=True)
class _Seen:
    """What was found on the labels."""

    counts: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)


def _made(labels: list[LabelData]) -> _Made:
    """Make all labels. The fonts are read before, and each form is timed on labels that nobody measured before."""
    random = Random(0)  # noqa: S311 - as above
    others = [random_label(random) for _ in labels]
    for label in [random_label(random) for _ in range(100)]:
        page_pdf(shipping_label(label))
        _zpl(shipping_label(label))
    started = time.process_time()
    zpls = [_zpl(shipping_label(label)) for label in labels]
    between = time.process_time()
    for label in others:
        page_pdf(shipping_label(label))
    ended = time.process_time()
    pdfs = [page_pdf(shipping_label(label)) for label in labels]
    return _Made(list(zip(pdfs, zpls, strict=True)), ended - between, between - started)


def _zpl(page: Page) -> bytes | None:
    try:
        return page_zpl(page)
    except NoFontForLabel:
        return None


def _look(seen: _Seen, label: LabelData, pdf: bytes, zpl: bytes | None) -> None:
    page = pypdfium2.PdfDocument(pdf)[0]
    words = "".join(page.get_textpage().get_text_bounded().split())
    image = page.render(scale=DOTS_PER_INCH / 72).to_pil()
    seen.counts["shortened"] += any(isinstance(m, Text) and m.text.endswith("...") for m in shipping_label(label).marks)
    seen.counts["pdf_overflow"] += _pdf_overflows(page)
    seen.counts["pdf_bytes"] += len(pdf)
    _judge(seen, "pdf", label, image)
    if zpl is None:
        seen.counts["zpl_refused"] += 1
        return
    printed = print_zpl(zpl)
    seen.counts["zpl_overflow"] += bool(printed.overflows)
    seen.counts["zpl_bytes"] += len(zpl)
    seen.counts["other_text"] += any("".join(text.split()) not in words for text in printed.texts)
    _judge(seen, "zpl", label, _on_white(printed))


def _on_white(printed: Printed) -> Image.Image:
    return ImageOps.invert(printed.image.convert("L"))


def _judge(seen: _Seen, form: str, label: LabelData, image: Image.Image) -> None:
    codes = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.Code128)
    found = frozenset((code.symbology_identifier, code.bytes.decode()) for code in codes)
    is_decoded = expected(label) <= found
    seen.counts[form] += is_decoded
    seen.counts[f"{form}_ghosts"] += found > expected(label)
    if not is_decoded:
        seen.failed.append(f"{form} {label.sscc}: {sorted(found)}")


def expected(label: LabelData) -> Codes:
    postal = "".join(char for char in label.ship_to.postal_code if char not in " -")
    return frozenset({("]C1", f"420{postal}"), ("]C0", label.tracking_number), ("]C1", f"00{label.sscc}")})


def _pdf_overflows(page: pypdfium2.PdfPage) -> bool:
    """Say whether a text leaves the page or lies upon a line or a symbol."""
    wide, high = page.get_size()
    things = [(each.type, each.get_bounds()) for each in page.get_objects()]
    texts = [bounds for kind, bounds in things if kind == _TEXT]
    if any(left < 0 or bottom < 0 or right > wide or top > high for left, bottom, right, top in texts):
        return True
    return any(_meet(text, bounds) for text in texts for kind, bounds in things if kind == _PATH)


def _meet(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _figures(count: int, made: _Made, seen: _Seen) -> dict[str, object]:
    zpls = count - seen.counts["zpl_refused"]
    return {
        "labels": count,
        "fonts": has_font_for_every_script(),
        "pdf": {
            "decoded": seen.counts["pdf"],
            "ghosts": seen.counts["pdf_ghosts"],
            "overflow": seen.counts["pdf_overflow"] / count,
            "per_cpu_second": round(count / made.pdf_seconds),
            "mean_bytes": round(seen.counts["pdf_bytes"] / count),
        },
        "zpl": {
            "decoded": seen.counts["zpl"],
            "ghosts": seen.counts["zpl_ghosts"],
            "refused": seen.counts["zpl_refused"],
            "overflow": seen.counts["zpl_overflow"] / max(zpls, 1),
            "per_cpu_second": round(zpls / made.zpl_seconds),
            "mean_bytes": round(seen.counts["zpl_bytes"] / max(zpls, 1)),
        },
        "same_text": seen.counts["other_text"] == 0,
        "shortened": seen.counts["shortened"] / count,
        "failed": seen.failed[:3],
    }


if __name__ == "__main__":
    main()
