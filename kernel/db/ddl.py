def tenant_table(table: str, *, column: str = "tenant_id", extra: str = "") -> str:
    """Return the DDL that puts a table under row-level security, forced, and grants it to the application role.

    A row is visible to its own tenant, to the staff of a site that serves the tenant, and to the system itself; with no
    scope set, to nobody. The role of the SECURITY DEFINER functions sees all: those functions match tenants themselves.
    `extra` is one more condition under which a row is visible.
    """
    scope = f"""(
          (select current_setting('app.tenant', true)) = '*'
          or {column} = (select current_setting('app.tenant', true))
          or exists (select 1 from merchant_site m where m.merchant_id = {table}.{column}
                     and m.site_id = (select current_setting('app.site', true)))
          {f"or {extra}" if extra else ""}
        )"""  # noqa: S608 - table and column names of our own migrations
    return f"""
        alter table {table} enable row level security;
        alter table {table} force row level security;
        create policy tenant_isolation on {table} using {scope} with check {scope};
        create policy reserved_functions on {table} to pickstream_reserve using (true) with check (true);
        grant select, insert, update, delete on {table} to pickstream_app;
    """


def shared_table(table: str, *, writable: bool = True) -> str:
    """Return the DDL for a table that belongs to no tenant: the house's machinery and its sites."""
    verbs = "select, insert, update, delete" if writable else "select"
    return f"grant {verbs} on {table} to pickstream_app;"


def append_only(table: str) -> str:
    """Return the DDL that makes a table append-only for everyone: no grant, and a trigger that refuses."""
    return f"""
        revoke update, delete on {table} from pickstream_app;
        create trigger append_only before update or delete on {table} execute function refuse_change();
    """
