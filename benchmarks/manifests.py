"""How long it takes to close a manifest of 5,000 parcels and to print it, and whether an SSCC is ever given twice.

`python -m benchmarks.manifests` prints one JSON line. A few parcels are packed, weighed and labelled through the
commands, and copied by SQL until there are enough of them; then the manifest is closed, printed as the driver's list
and read back: `listed` counts the parcels whose tracking number stands on the PDF exactly once. Seconds are those on
the clock from before the transaction to after its commit; `cpu_seconds` those of this process alone. Then 50 workers
in five processes draw 2,000 numbers each, fifty to a transaction, all from the first moment on.
"""

import argparse
import json
import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from threading import Barrier

import psycopg
import pypdfium2
from sqlalchemy import make_url

from benchmarks._stand import a_database, a_postgresql
from kernel.access.commands import create_merchant, create_site, serve_merchants
from kernel.access.queries import get_site
from kernel.actors import system
from kernel.db.engine import engine
from kernel.db.transactions import run, transaction
from shipping.api import (
    Content,
    ManifestView,
    ShipTo,
    close_manifest,
    create_parcel,
    manifest_pdf,
    purchase_label,
    seed_site_defaults,
    weigh_parcel,
)
from shipping.commands.create_parcel import draw_sscc
from shipping.domain.gs1 import is_valid_sscc

_SEEDS = 10
_PROCESSES = 5
_AT_ONCE = 50
_ACTOR = system("benchmark")
# What differs in the n-th copy of a row; all else is the same.
_COPIED = {
    "parcel": "'id', r.id || '_' || n, 'label_id', r.label_id || '_' || n, 'sscc',"
    " '9' || lpad((substr(r.sscc, 9)::bigint + n * 100000)::text, 17, '0'),"
    " 'tracking_number', r.tracking_number || 'C' || n",
    "parcel_item": "'parcel_id', r.parcel_id || '_' || n",
    "label": "'id', r.id || '_' || n, 'parcel_id', r.parcel_id || '_' || n,"
    " 'tracking_number', r.tracking_number || 'C' || n",
}
_COPY = (
    "insert into {0} select (jsonb_populate_record(r, jsonb_build_object({1}))).*"
    " from {0} r cross join generate_series(1, %s) n"
)


@dataclass(frozen=True, slots=True)
class _Timed:
    seconds: float
    cpu_seconds: float

    @property
    def figures(self) -> dict[str, float]:
        return {"seconds": round(self.seconds, 2), "cpu_seconds": round(self.cpu_seconds, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=5_000)
    parser.add_argument("--workers", type=int, default=50)
    parser.add_argument("--numbers", type=int, default=2_000, help="SSCCs that each worker draws")
    chosen = parser.parse_args()
    with a_postgresql() as superuser_url, a_database(superuser_url, f"bench_{os.getpid()}") as app_url:
        site = _house()
        manifest, closing = _close(site, superuser_url, make_url(app_url).database or "", chosen.parcels)
        printed, printing = _print(manifest)
        pages = pypdfium2.PdfDocument(printed)
        words = Counter(word for page in pages for word in page.get_textpage().get_text_bounded().split())
        figures = {
            "parcels": manifest.parcel_count,
            "close": closing.figures,
            "pdf": printing.figures | {"pages": len(pages), "bytes": len(printed), "listed": _listed(words)},
            "sscc": _draw(site, chosen.workers, chosen.numbers),
        }
    print(json.dumps(figures))


def _house() -> str:
    with transaction(_ACTOR) as uow:
        merchant = create_merchant(uow, code="bench", name="Bench", currency="EUR")
        site = create_site(
            uow, code="main", name="Main", time_zone="UTC", country="DE", company_prefix="4012345",
            street="Lagerweg 1", city="Berlin", postal_code="10115",
        )  # fmt: skip
        serve_merchants(uow, site_id=site, merchant_ids=[merchant])
        seed_site_defaults(uow, site_id=site)
    for n in range(_SEEDS):
        _labelled(merchant, site, n)
    return site


def _labelled(merchant: str, site: str, n: int) -> None:
    lines = [Content(f"itm_{k}", f"lin_{n}_{k}", f"SKU-{k}", f"Thing {k}", 1 + k, 150, 100, 80, 60) for k in range(3)]
    ann = ShipTo(name="Ann Example", street="Weg 1", city="Leipzig", postal_code="04109", country="DE")
    with transaction(_ACTOR) as uow:
        parcel = create_parcel(
            uow, tenant_id=merchant, site_id=site, reference=f"ord_{n}", party="cus_1", ship_to=ann, contents=lines,
            value_minor=4_900, currency="EUR",
        )  # fmt: skip
        weigh_parcel(
            uow, tenant_id=merchant, parcel_id=parcel.id, scale_code="PACK-1", reading_g=parcel.expected_g
        )  # fmt: skip
    purchase_label(tenant_id=merchant, parcel_id=parcel.id)


def _close(site: str, superuser_url: str, database: str, count: int) -> tuple[ManifestView, _Timed]:
    address = make_url(superuser_url).set(drivername="postgresql", database=database)
    with psycopg.connect(address.render_as_string(hide_password=False)) as connection:
        # The guards of the house ask where a label comes from; these are copies of labels that passed them.
        connection.execute("set local session_replication_role = replica")
        for table, changes in _COPIED.items():
            connection.execute(_COPY.format(table, changes), (count // _SEEDS - 1,))
        row = connection.execute("select carrier, max(ship_date) from parcel where state = 'labelled' group by carrier")
        ((carrier, day),) = row.fetchall()
    with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute("analyze")
    before, spent = time.monotonic(), time.process_time()
    with transaction(_ACTOR) as uow:
        manifest = close_manifest(uow, site_id=site, carrier=carrier, ship_date=day)
    return manifest, _Timed(time.monotonic() - before, time.process_time() - spent)


def _print(manifest: ManifestView) -> tuple[bytes, _Timed]:
    before, spent = time.monotonic(), time.process_time()
    with transaction(_ACTOR) as uow:
        printed = manifest_pdf(uow, manifest_id=manifest.id)
    return printed, _Timed(time.monotonic() - before, time.process_time() - spent)


def _listed(words: Counter[str]) -> int:
    with transaction(_ACTOR) as uow:
        numbers = uow.session.connection().exec_driver_sql("select tracking_number from manifest_parcel").scalars()
        return sum(words[number] == 1 for number in numbers)


def _draw(site: str, workers: int, numbers: int) -> dict[str, int | float]:
    # An embedded server has 57 connections for all; five more than the pool's size may be open in a process.
    os.environ["PICKSTREAM_POOL_SIZE"] = "4"
    engine().dispose()
    before = time.monotonic()
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as pool:
        each = [pool.submit(_draw_here, site, workers // _PROCESSES, numbers) for _ in range(_PROCESSES)]
        drawn = [sscc for found in each for sscc in found.result()]
    return {
        "workers": workers // _PROCESSES * _PROCESSES,
        "drawn": len(drawn),
        "duplicates": len(drawn) - len(set(drawn)),
        "invalid": sum(not is_valid_sscc(sscc) for sscc in set(drawn)),
        "seconds": round(time.monotonic() - before, 1),
    }


def _draw_here(site_id: str, threads: int, numbers: int) -> list[str]:
    barrier = Barrier(threads)

    def work(_: int) -> list[str]:
        barrier.wait()
        found: list[str] = []
        for _ in range(0, numbers, _AT_ONCE):
            found += run(_ACTOR, lambda uow: [draw_sscc(uow, get_site(uow, site_id)) for _ in range(_AT_ONCE)])
        return found

    with ThreadPoolExecutor(threads) as pool:
        return [sscc for found in pool.map(work, range(threads)) for sscc in found]


if __name__ == "__main__":
    main()
