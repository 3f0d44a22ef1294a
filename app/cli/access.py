from typing import Annotated

import typer

from app.cli.environment import engines_running
from kernel import actors
from kernel.access import commands, queries
from kernel.access.roles import KEY_SCOPES
from kernel.actors import Role
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import NotFound

users = typer.Typer(help="People who sign in.", no_args_is_help=True)
keys = typer.Typer(help="API keys of merchants.", no_args_is_help=True)
_CLI = actors.system("cli")


@users.command("list")
def list_users() -> None:
    """Show all users."""
    with engines_running(), transaction(_CLI) as uow:
        for user in queries.find_users(uow):
            typer.echo(f"{user.id}  {user.email:32} {user.role:9} {'' if user.active else 'closed'}".rstrip())


@users.command("add")
def add_user(
    email: str,
    role: Annotated[Role, typer.Option(help="What the person does")],
    name: Annotated[str, typer.Option(help="As colleagues know them")] = "",
    site: Annotated[str, typer.Option(help="Code of the site, for warehouse staff")] = "",
    merchant: Annotated[str, typer.Option(help="Code of the merchant, for merchant users")] = "",
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = "",
) -> None:
    """Create a user."""
    with engines_running(), transaction(_CLI) as uow:
        user_id = commands.create_user(
            uow, email=email, name=name or email.partition("@")[0], role=role, password=password,
            site_id=_site(uow, site) if site else None, merchant_id=_merchant(uow, merchant) if merchant else None,
        )  # fmt: skip
    typer.echo(f"Created {user_id}.")


@users.command("close")
def close_user(user_id: str) -> None:
    """Close a user's access at once."""
    with engines_running(), transaction(_CLI) as uow:
        commands.deactivate_user(uow, user_id=user_id)
    typer.echo(f"Closed {user_id}.")


@keys.command("list")
def list_keys() -> None:
    """Show all keys, without their secrets."""
    with engines_running(), transaction(_CLI) as uow:
        merchants = {merchant.id: merchant.code for merchant in queries.find_merchants(uow)}
        for key in queries.find_keys(uow):
            state = "revoked" if key.revoked_at else "live"
            whose = merchants.get(key.tenant_id, key.tenant_id)
            typer.echo(f"{key.id}  {key.prefix}...  {state:8} {whose:20} {key.name:24} {' '.join(key.scopes)}")


@keys.command("issue")
def issue_key(
    merchant: Annotated[str, typer.Argument(help="Code of the merchant")],
    name: Annotated[str, typer.Option(help="What it is for")] = "command line",
    scope: Annotated[
        list[str] | None, typer.Option(help="Repeat for several; all a merchant may have if left out")
    ] = None,
) -> None:
    """Issue a key and show it, this once."""
    with engines_running(), transaction(_CLI) as uow:
        issued = commands.issue_key(
            uow, tenant_id=_merchant(uow, merchant), name=name, scopes=scope or sorted(KEY_SCOPES)
        )
    typer.echo(issued.secret)


@keys.command("revoke")
def revoke_key(key_id: str) -> None:
    """End a key."""
    with engines_running(), transaction(_CLI) as uow:
        commands.revoke_key(uow, key_id=key_id)
    typer.echo(f"Revoked {key_id}.")


def _site(uow: UnitOfWork, code: str) -> str:
    sites = {site.code: site.id for site in queries.find_sites(uow)}
    if code in sites:
        return sites[code]
    known = f"There are: {', '.join(sorted(sites))}." if sites else "`pickstream up` creates the sample site `main`."
    raise NotFound(f"There is no site with the code {code}.", remedy=known)


def _merchant(uow: UnitOfWork, code: str) -> str:
    found = queries.merchant_by_code(uow, code)
    if found is None:
        raise NotFound(
            f"There is no merchant with the code {code}.", remedy="See `pickstream import`, or POST /v1/merchants."
        )
    return found.id
