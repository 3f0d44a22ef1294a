"""What somebody reads at the terminal who mistyped something, or whose machine is not as it should be."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from web_house import WebHouse

from app.addresses import own_address
from app.cli.commands import command_line
from app.cli.doctor import Diagnosis
from app.faults import told_plainly
from kernel.errors import Invalid
from kernel.settings import settings
from tests.plugin.databases import _forget_configuration
from tests.plugin.servers import Servers

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An environment of its own, in which the settings are read anew."""
    monkeypatch.setenv("PICKSTREAM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", NOWHERE)
    monkeypatch.setenv("DATABASE_OWNER_URL", "")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    _forget_configuration()
    yield monkeypatch
    _forget_configuration()


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return what is written to the standard error; the exit code is that of a failure."""
    with pytest.raises(SystemExit) as ended, told_plainly():
        command_line(words)(list(words))
    assert ended.value.code == 1
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("DATABASE_URL", "garbage", "DATABASE_URL: Write postgresql://"),
        ("DATABASE_URL", "mysql://root@localhost/shop", "DATABASE_URL: Write postgresql://"),
        ("REDIS_URL", "nonsense", "REDIS_URL: Write redis://"),
        ("PICKSTREAM_PORT", "abc", "PICKSTREAM_PORT: Input should be a valid integer"),
        ("PICKSTREAM_PORT", "70000", "PICKSTREAM_PORT: Input should be less than"),
        ("PICKSTREAM_WEBHOOK_ALLOW_HOSTS", "[127.0.0.1", "PICKSTREAM_WEBHOOK_ALLOW_HOSTS: Write HOST:PORT,HOST:PORT."),
    ],
)
def test_a_variable_that_cannot_be_right_is_named(
    elsewhere: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, value: str, complaint: str
) -> None:
    elsewhere.setenv(variable, value)
    assert complaint in told(capsys, "verify")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_address_of_the_database_may_be_written_as_others_write_it(
    elsewhere: pytest.MonkeyPatch, scheme: str
) -> None:
    elsewhere.setenv("DATABASE_URL", f"{scheme}://ann:pa%40ss@db/shop?sslmode=require")
    assert settings().database_url == "postgresql+psycopg://ann:pa%40ss@db/shop?sslmode=require"


@pytest.mark.parametrize("listed", ["10.0.0.7:9000, hooks:80", '["10.0.0.7:9000", "hooks:80"]'])
def test_hosts_may_be_listed_with_commas_or_as_json(elsewhere: pytest.MonkeyPatch, listed: str) -> None:
    elsewhere.setenv("PICKSTREAM_WEBHOOK_ALLOW_HOSTS", listed)
    assert settings().webhook_allow_hosts == ("10.0.0.7:9000", "hooks:80")


@pytest.mark.parametrize("words", [["db", "upgrade"], ["db", "dump", "backup"], ["db", "psql", "--as-owner"]])
def test_what_needs_the_owner_asks_for_the_owners_login(
    elsewhere: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert "DATABASE_OWNER_URL is not set." in told(capsys, *words)


def test_the_doctor_says_everything_that_is_ill_within_80_columns(
    elsewhere: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere.setenv("DATABASE_OWNER_URL", NOWHERE)
    with pytest.raises(SystemExit) as ended:
        command_line(["doctor"])(["doctor"])
    said = capsys.readouterr().out
    ill = {line.split()[1] for line in said.splitlines() if line.startswith("ILL ")}
    assert (ended.value.code, ill) == (1, {"database", "schema", "event", "redis"})
    # A single long word, a path, stays whole: it is there to be copied.
    assert [line for line in said.splitlines() if len(line) > 80 and " " in line.strip()] == []


def test_what_is_optional_warns_and_is_not_ill() -> None:
    lacking = Diagnosis("fonts", "some scripts may print blank", "Install a font. " * 8, is_optional=True)
    assert not lacking.is_ill
    told_lines = "\n".join(lacking.lines()).splitlines()
    assert told_lines[0].startswith("warn fonts")
    assert max(map(len, told_lines)) <= 80


def test_a_database_that_does_not_answer_is_told_in_few_lines(
    elsewhere: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = told(capsys, "verify")
    assert "Connection refused" in said
    assert "pickstream doctor" in said
    assert len(said.splitlines()) < 6
    for words in (["db", "init", NOWHERE], ["db", "init", "nonsense"]):
        assert "database" in told(capsys, *words, "--app-password", "a", "--owner-password", "b")


def test_an_empty_database_is_told_what_to_do(
    elsewhere: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], servers: Servers
) -> None:
    with psycopg.connect(servers.superuser_dsn) as connection:
        elsewhere.setenv("DATABASE_URL", servers.superuser_url)
        assert connection.execute("select to_regclass('event')").fetchone() == (None,)
    assert "Run: pickstream db upgrade" in told(capsys, "verify")


@pytest.mark.parametrize(("path", "complaint"), [("absent.csv", "No such file"), ("", "Is a directory")])
def test_a_file_that_cannot_be_read_is_named(
    elsewhere: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, path: str, complaint: str
) -> None:
    said = told(capsys, "import", "shopify", str(tmp_path / path), "--merchant", "nordhus")
    assert said == f"{tmp_path / path}: {complaint}" + (" or directory.\n" if path else ".\n")


def test_a_fault_in_one_place_is_said_once(elsewhere: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "simulate").count("Choose one") == 1


def test_an_own_fault_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), told_plainly():
        raise ZeroDivisionError


def test_up_says_why_it_cannot_listen_or_write(
    elsewhere: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"Port {port} on 127.0.0.1 is taken." in told(capsys, "up", "--port", port)
    # 203.0.113.0/24 is kept for documentation: no machine has an address in it.
    assert "Nobody can listen on port 8080 of 203.0.113.1 here" in told(
        capsys, "up", "--host", "203.0.113.1", "--port", "8080"
    )
    (tmp_path / "file").touch()
    assert "Not a directory" in told(capsys, "up", "--home", str(tmp_path / "file" / "home"), "--port", port)


@pytest.mark.thorough
def test_what_prepares_the_database_says_why_it_could_not(elsewhere: pytest.MonkeyPatch) -> None:
    environment = {**os.environ, "DATABASE_OWNER_URL": NOWHERE}
    done = subprocess.run(
        [sys.executable, "-m", "app.prepare"], check=False, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 1
    assert "Connection refused" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "http://127.0.0.1:80"), ("0.0.0.0", "http://127.0.0.1:80"), ("::", "http://[::1]:80"),  # noqa: S104 - nothing is bound
     ("fd00::7", "http://[fd00::7]:80"), ("example.org", "http://example.org:80")],
)  # fmt: skip
def test_the_api_is_asked_where_it_listens(host: str, address: str) -> None:
    assert own_address(host, 80) == address


def test_settings_name_every_wrong_variable_at_once(elsewhere: pytest.MonkeyPatch) -> None:
    elsewhere.setenv("PICKSTREAM_PORT", "no")
    elsewhere.setenv("REDIS_URL", "no")
    with pytest.raises(Invalid) as refused:
        settings()
    assert {error.pointer for error in refused.value.errors} == {"PICKSTREAM_PORT", "REDIS_URL"}


def test_an_interruption_while_the_program_is_still_read_is_quiet(tmp_path: Path) -> None:
    # The module stops in the middle of being imported until it is interrupted.
    (tmp_path / "slow_house.py").write_text("print('reading', flush=True)\nimport time\ntime.sleep(60)\n")
    with subprocess.Popen(
        [sys.executable, "-m", "app.begin", "slow_house"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "reading\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate()[1] == ""
    assert process.returncode == -signal.SIGINT


def test_a_program_gets_its_arguments_and_its_exit_code_is_kept(tmp_path: Path) -> None:
    (tmp_path / "small_house.py").write_text("import sys\ndef main():\n    return len(sys.argv[1:])\n")
    command = [sys.executable, "-m", "app.begin", "small_house", "a", "b"]
    assert subprocess.run(command, check=False, env={**os.environ, "PYTHONPATH": str(tmp_path)}).returncode == 2


def test_a_data_directory_that_cannot_be_is_told_with_what_to_do(
    elsewhere: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    elsewhere.setenv("PICKSTREAM_HOME", str(tmp_path / "file" / "home"))
    elsewhere.setenv("PICKSTREAM_SECRET_KEY", "")
    assert "cannot be the data directory: Not a directory. Choose another folder" in told(capsys, "verify")
    with pytest.raises(SystemExit):
        command_line(["doctor"])(["doctor"])
    assert "ILL  data directory" in capsys.readouterr().out
    elsewhere.setenv("PICKSTREAM_SECRET_KEY", "known")
    _forget_configuration()
    assert "Connection refused" in told(capsys, "verify")


def test_psql_shows_the_rows_of_all_merchants_or_of_one(house: WebHouse, capfd: pytest.CaptureFixture[str]) -> None:
    for limited, merchants in (((), 2), (("--merchant-id", house.tenant), 1)):
        words = ["db", "psql", *limited, "--", "-tAc", "select count(distinct tenant_id) from item"]
        with pytest.raises(SystemExit) as ended:
            command_line(words)(words)
        assert (ended.value.code, capfd.readouterr().out.strip()) == (0, str(merchants))
