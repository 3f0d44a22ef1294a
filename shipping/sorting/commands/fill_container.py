from sqlalchemy import select, text

from kernel.access.queries import get_site
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound, Refusal
from kernel.ids import new_id
from shipping.commands.create_parcel import draw_sscc
from shipping.lanes import ContainerView, container_views
from shipping.models.sorting import SortContainerRow
from shipping.sorting.commands.set_lane import lock_lane
from shipping.states import CONTAINER

KINDS = ("pallet", "cage", "bag")
_STOPPED = text(
    "select p.sscc from parcel_stage s join parcel p on p.tenant_id = s.tenant_id and p.id = s.parcel_id"
    " where s.container_id = :container and (p.state not in ('labelled', 'manifested')"
    " or p.check_hold_id is not null) order by p.sscc"
)
_LOCK_PARCELS = text(
    "select 1 from parcel p join parcel_stage s on s.tenant_id = p.tenant_id and s.parcel_id = p.id"
    " where s.container_id = :container order by p.tenant_id, p.id for update of p"
)


class ContainerNotReady(Refusal):
    """The container is empty, or holds a parcel that does not go; `parcels` are the license plates of those."""

    code = "container_not_ready"
    title = "This container cannot be closed"


def open_container(uow: UnitOfWork, *, lane_id: str, kind: str) -> ContainerView:
    """Open a pallet, cage or bag on a lane; it gets a license plate (SSCC-18) of its own.

    Raises:
        NotFound: there is no such open lane for this caller.
        Invalid: there is no such kind.
        NumbersExhausted: the site's company prefix is used up.
    """
    if kind not in KINDS:
        raise Invalid(f"There is no container {kind}.", remedy=f"One of {', '.join(KINDS)}.", pointer="/kind")
    lane = lock_lane(uow, lane_id)
    row = SortContainerRow(
        id=new_id("ctn"), site_id=lane.site_id, lane_id=lane.id, carrier=lane.carrier, kind=kind,
        sscc=draw_sscc(uow, get_site(uow, lane.site_id)), state="open", opened_at=uow.now, opened_by=uow.actor.id,
        closed_at=None, loaded_at=None,
    )  # fmt: skip
    uow.session.add(row)
    uow.session.flush()
    uow.audit("container.opened", subject=row.id, sscc=row.sscc, lane=lane.code)
    return container_views(uow, [row])[0]


def close_container(uow: UnitOfWork, *, container_id: str) -> ContainerView:
    """Close a container: nothing more goes in. Everything inside must be fit to leave.

    Raises:
        NotFound: there is no such container for this caller.
        IllegalTransition: it is closed or loaded already.
        ContainerNotReady: it is empty, or a parcel inside was given up or weighs otherwise than its label says.
    """
    row = lock_container(uow, container_id)
    state = CONTAINER.after(row.state, "close")
    require_fit(uow, row)
    row.state, row.closed_at = state, uow.now
    uow.session.flush()
    uow.audit("container.closed", subject=row.id, sscc=row.sscc)
    return container_views(uow, [row])[0]


def reopen_container(uow: UnitOfWork, *, container_id: str) -> ContainerView:
    """Open a closed container again, to take something out or put something in, until it is loaded.

    Raises:
        NotFound: there is no such container for this caller.
        IllegalTransition: it is open, or loaded already.
    """
    row = lock_container(uow, container_id)
    row.state, row.closed_at = CONTAINER.after(row.state, "reopen"), None
    uow.session.flush()
    uow.audit("container.reopened", subject=row.id, sscc=row.sscc)
    return container_views(uow, [row])[0]


def require_fit(uow: UnitOfWork, row: SortContainerRow) -> None:
    """Refuse a container that is empty, or in which a parcel does not go.

    Raises:
        ContainerNotReady: because of its contents.
    """
    inside = container_views(uow, [row])[0].parcels
    if not inside:
        raise ContainerNotReady("It is empty.", remedy="Scan its parcels into it first.")
    stopped = [str(each.sscc) for each in uow.session.execute(_STOPPED, {"container": row.id})]
    if stopped:
        numbers = ", ".join(f"\N{HORIZONTAL ELLIPSIS}{sscc[-6:]}" for sscc in stopped)
        raise ContainerNotReady(f"Parcel {numbers} does not go.", remedy="Take it out first.", parcels=stopped)


def lock_container(uow: UnitOfWork, container_id: str) -> SortContainerRow:
    """Load one container and lock its row, behind those of the parcels in it.

    Raises:
        NotFound: there is no such container for this caller.
    """
    uow.session.execute(_LOCK_PARCELS, {"container": container_id})
    statement = select(SortContainerRow).where(SortContainerRow.id == container_id)
    row = uow.session.scalar(statement.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFound("There is no such container.", remedy="List the containers of the site.")
    return row
