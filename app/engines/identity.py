import os
import pwd
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.engines.errors import EngineError

# PGDATA, PGPORT, LC_* or a proxy setting of the caller must not reach the engines.
CLEAN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Identity:
    """The operating system user that the engines run as; `drops` says that it is not the caller."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]
    drops: bool

    def owns(self, path: Path) -> None:
        """Hand a path that we created to this user."""
        if self.drops:
            os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Whether this user may enter a directory. The kernel is asked, so that access lists count as well."""
        if not self.drops:
            return True
        return self.run(["/bin/sh", "-c", 'cd "$1"', "sh", str(path)]).returncode == 0

    def run(self, argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a program to its end as this user, in a clean environment; standard error joins the output."""
        return subprocess.run(  # noqa: S603 - programs and arguments are our own, no shell parses them
            argv,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env=CLEAN_ENVIRONMENT,
            user=self.uid if self.drops else None,
            group=self.gid if self.drops else None,
            extra_groups=self.groups if self.drops else None,
        )


def engine_identity() -> Identity:
    """Choose who runs the engines: the caller, or for root a user without privileges, since initdb refuses uid 0.

    Root becomes the user behind sudo, else `postgres`, else `nobody`. Accounts are never created.

    Raises:
        EngineError: root on a machine that has none of these accounts.
    """
    if os.geteuid() != 0:
        return _caller()
    for account in _unprivileged_accounts():
        groups = tuple(os.getgrouplist(account.pw_name, account.pw_gid))
        return Identity(account.pw_name, account.pw_uid, account.pw_gid, groups, drops=True)
    raise EngineError(
        "PostgreSQL refuses to run as root, and there is neither SUDO_UID nor a user 'postgres' or 'nobody' to run it. "
        "Start as an ordinary user, or set DATABASE_URL and REDIS_URL to servers of your own."
    )


def _caller() -> Identity:
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError as error:
        raise EngineError(
            f"User id {uid} has no passwd entry, which initdb requires. Start as a user that has one, "
            "or set DATABASE_URL and REDIS_URL to servers of your own."
        ) from error
    return Identity(name, uid, os.getegid(), tuple(os.getgroups()), drops=False)


def _unprivileged_accounts() -> Iterator[pwd.struct_passwd]:
    accounts = {account.pw_uid: account for account in pwd.getpwall()}
    names = {account.pw_name: account for account in accounts.values()}
    sudo_uid = os.environ.get("SUDO_UID", "")
    if sudo_uid.isdecimal() and int(sudo_uid) in accounts and int(sudo_uid) != 0:
        yield accounts[int(sudo_uid)]
    yield from (names[name] for name in ("postgres", "nobody") if name in names)
