"""The embedded PostgreSQL and Redis, and what may befall them. Real servers, in folders of their own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from kefu import embedded

PROJECT_DIR = Path(__file__).resolve().parents[2]
START = "import sys; from pathlib import Path; from kefu import embedded; base = Path(sys.argv[1]); "


@pytest.fixture
def new_base() -> Iterator[Callable[[str], Path]]:
    """Make project folders whose services end with the test."""
    bases: list[Path] = []
    root = Path(tempfile.mkdtemp(prefix="kefu-test-"))
    root.chmod(0o755)

    def make(name: str = "project") -> Path:
        base = root / name
        base.mkdir(parents=True)
        bases.append(base)
        return base

    yield make
    for base in bases:
        if base.exists():
            embedded.stop(base)
        shutil.rmtree(embedded.Postgres(base).sockets, ignore_errors=True)
    shutil.rmtree(root)


def query(base: Path, sql: str) -> list[tuple[object, ...]]:
    url = embedded.database_url(base)
    host, _, name = url.removeprefix("postgres://kefu@/").rpartition("/")
    connection = psycopg2.connect(host=host, user="kefu", dbname=name)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def redis_client(base: Path) -> redis.Redis:
    return redis.Redis.from_url(embedded.redis_url(base))


def server_pid(service: embedded.Service) -> int:
    return int(service.pid_file.read_text().splitlines()[0])


def kill(service: embedded.Service) -> int:
    """Kill the server as a power cut would, and leave its files."""
    pid = server_pid(service)
    server = psutil.Process(pid)
    server.kill()
    psutil.wait_procs([server], timeout=10)
    assert service.pid_file.exists()
    return pid


def start_elsewhere(base: Path, call: str) -> "subprocess.Popen[str]":
    """Start a service from a process of its own; it prints the address."""
    return subprocess.Popen(
        [sys.executable, "-c", f"{START} print({call})", str(base)],
        cwd=PROJECT_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_data_is_there_after_a_stop_and_a_start(new_base: Callable[..., Path]) -> None:
    base = new_base()
    query(base, "CREATE TABLE note AS SELECT '夜班' AS text")
    redis_client(base).rpush("queue", "settle")
    embedded.stop(base)
    assert embedded.status(base) == {"PostgreSQL": False, "Redis": False}

    assert query(base, "SELECT text FROM note") == [("夜班",)]
    assert redis_client(base).lrange("queue", 0, -1) == [b"settle"]


def test_servers_outlive_the_process_that_started_them(new_base: Callable[..., Path]) -> None:
    base = new_base()
    starter = start_elsewhere(base, "embedded.database_url(base), embedded.redis_url(base)")
    starter.communicate(timeout=120)
    assert starter.returncode == 0
    assert embedded.status(base) == {"PostgreSQL": True, "Redis": True}


def test_killed_servers_start_again_with_their_data(new_base: Callable[..., Path]) -> None:
    base = new_base()
    query(base, "CREATE TABLE note AS SELECT 1 AS number")
    client = redis_client(base)
    client.rpush("queue", "settle")
    time.sleep(1.5)  # Redis writes its file to disk every second.
    kill(embedded.Postgres(base))
    kill(embedded.Redis(base))
    assert embedded.Redis(base).socket.exists()

    assert query(base, "SELECT number FROM note") == [(1,)]
    assert redis_client(base).lrange("queue", 0, -1) == [b"settle"]


def is_server(process: psutil.Process) -> bool:
    """Whether it is the server itself, none of its backends; one that just ended is neither."""
    try:
        return "-D" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


def test_a_busy_backend_left_by_a_killed_server_is_ended(new_base: Callable[..., Path]) -> None:
    base = new_base()
    query(base, "SELECT 1")
    postgres = embedded.Postgres(base)
    busy = subprocess.Popen(
        [
            postgres._program("psql"),
            "-h",
            str(postgres.sockets),
            "-U",
            "kefu",
            "kefu",
            "-c",
            "SELECT pg_sleep(300)",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while query(base, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'") != [(1,)]:
        assert busy.poll() is None
        time.sleep(0.05)
    kill(postgres)

    assert query(base, "SELECT 1") == [(1,)]
    assert busy.wait(timeout=60) != 0
    assert len([each for each in postgres.processes() if is_server(each)]) == 1


@pytest.mark.parametrize("service_class", [embedded.Postgres, embedded.Redis])
def test_a_pid_file_that_names_a_foreign_process_is_no_hindrance(
    new_base: Callable[..., Path], service_class: type[embedded.Service]
) -> None:
    base = new_base()
    service = service_class(base)
    service.ensure_up()
    old_pid = kill(service)
    # The worst stranger: a process of the same user, as which the server would take it for its own.
    stranger = subprocess.Popen(["sleep", "300"], **service._as_user())
    try:
        text = service.pid_file.read_text()
        service.pid_file.write_text(text.replace(str(old_pid), str(stranger.pid), 1))

        service.ensure_up()

        assert server_pid(service) not in (old_pid, stranger.pid)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_two_processes_that_start_at_once_share_one_server(new_base: Callable[..., Path]) -> None:
    base = new_base()
    call = "(embedded.database_url(base), embedded.redis_url(base))"
    starters = [start_elsewhere(base, call) for _ in range(3)]
    addresses = {starter.communicate(timeout=120)[0] for starter in starters}

    assert [starter.returncode for starter in starters] == [0, 0, 0]
    assert len(addresses) == 1
    assert len([each for each in embedded.Postgres(base).processes() if is_server(each)]) == 1
    assert len(embedded.Redis(base).processes()) == 1


def test_a_starter_that_is_killed_leaves_no_lock(new_base: Callable[..., Path]) -> None:
    base = new_base()
    starter = start_elsewhere(base, "embedded.database_url(base)")
    while not (base / "var" / "postgres").exists():
        assert starter.poll() is None
        time.sleep(0.01)
    starter.send_signal(signal.SIGKILL)
    starter.communicate()

    assert query(base, "SELECT 1") == [(1,)]


@pytest.mark.parametrize("name", ["长 路径 with spaces 'and' \"quotes\"/" + "深" * 30, "d" * 150])
def test_long_paths_and_paths_with_spaces_work(new_base: Callable[..., Path], name: str) -> None:
    base = new_base(name)
    assert len(os.fsencode(base)) > 107
    assert query(base, "SELECT 1") == [(1,)]
    assert redis_client(base).ping()


def test_a_private_home_is_no_hindrance(new_base: Callable[..., Path]) -> None:
    base = new_base("home/project")
    base.parent.chmod(0o700)
    assert query(base, "SELECT 1") == [(1,)]
    assert redis_client(base).ping()
    assert base.parent.stat().st_mode & 0o066 == 0


def test_deleted_data_means_a_new_beginning(new_base: Callable[..., Path]) -> None:
    base = new_base()
    query(base, "CREATE TABLE note AS SELECT 1 AS number")
    redis_client(base).set("key", "value")
    shutil.rmtree(base / "var")

    assert query(base, "SELECT to_regclass('note')") == [(None,)]
    assert redis_client(base).get("key") is None
    assert len([each for each in embedded.Postgres(base).processes() if is_server(each)]) == 1


def test_a_moved_project_keeps_its_data(new_base: Callable[..., Path]) -> None:
    base = new_base("before")
    query(base, "CREATE TABLE note AS SELECT 1 AS number")
    redis_client(base).set("key", "value")
    moved = new_base("after")
    (base / "var").rename(moved / "var")

    assert query(moved, "SELECT number FROM note") == [(1,)]
    assert redis_client(moved).get("key") == b"value"


def test_files_that_an_unknown_server_uses_are_left_alone(
    new_base: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    base = new_base()
    query(base, "SELECT 1")
    postgres = embedded.Postgres(base)
    pid = server_pid(postgres)
    # As from another container that shares the folder: no socket to ask, no process to see.
    monkeypatch.setattr(embedded, "STOP_SECONDS", 0.5)
    monkeypatch.setattr(embedded.Postgres, "processes", lambda self: [])
    monkeypatch.setattr(embedded.Postgres, "answers", lambda self: False)

    with pytest.raises(embedded.EmbeddedServiceError, match="正被另一个 PostgreSQL 使用"):
        embedded.database_url(base)

    assert psutil.pid_exists(pid)
    assert server_pid(postgres) == pid


def test_a_socket_directory_of_somebody_else_is_refused(new_base: Callable[..., Path]) -> None:
    base = new_base()
    sockets = embedded.Redis(base).sockets
    sockets.symlink_to(base)
    try:
        with pytest.raises(embedded.EmbeddedServiceError, match="属于他人"):
            embedded.redis_url(base)
    finally:
        sockets.unlink()


def test_the_queue_of_a_server_before_redis_7_is_taken_over(new_base: Callable[..., Path]) -> None:
    """Up to then there was one append-only file, and it lay in the folder itself."""
    base = new_base()
    server = embedded.Redis(base)
    server._own(server.home)
    old_file = server.home / "appendonly.aof"
    old_file.write_bytes(
        b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$5\r\nRPUSH\r\n$5\r\nqueue\r\n$6\r\nsettle\r\n"
    )
    shutil.chown(old_file, server._user().pw_uid)

    assert redis_client(base).lrange("queue", 0, -1) == [b"settle"]
    assert not server.unreadable.exists()


# A damaged file, and one that a later release wrote.
@pytest.mark.parametrize("content", [b"settle\n", b"REDIS9999\xff" + bytes(8)])
def test_a_queue_that_cannot_be_read_is_set_aside_with_a_notice(
    new_base: Callable[..., Path], capfd: pytest.CaptureFixture[str], content: bytes
) -> None:
    base = new_base()
    redis_client(base).rpush("queue", "settle")
    embedded.stop(base)
    server = embedded.Redis(base)
    owner = server.home.stat().st_uid
    files = sorted((server.home / "appendonlydir").glob("*.aof"))
    assert files
    for file in files:
        file.write_bytes(content)

    client = redis_client(base)

    assert client.keys() == []
    assert server.home.stat().st_uid == owner
    assert [(server.unreadable / "appendonlydir" / file.name).read_bytes() for file in files] == [content]
    for text in (capfd.readouterr().err, server.log.read_text()):
        assert f"Redis 的旧数据无法读取，已移到 {server.unreadable}" in text
    client.rpush("queue", "later")
    embedded.stop(base)
    assert redis_client(base).lrange("queue", 0, -1) == [b"later"]


def test_a_server_that_cannot_start_at_all_leaves_the_queue_in_its_place(
    new_base: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    base = new_base()
    redis_client(base).rpush("queue", "settle")
    embedded.stop(base)
    server = embedded.Redis(base)
    with monkeypatch.context() as broken:
        broken.setattr(embedded.Redis, "_program", lambda self: shutil.which("false"))
        with pytest.raises(embedded.ServerEndedError, match="Redis 启动失败"):
            server.ensure_up()

    assert not server.unreadable.exists()
    assert redis_client(base).lrange("queue", 0, -1) == [b"settle"]


def test_a_server_on_the_path_comes_before_the_packaged_one(
    new_base: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    base = new_base()
    monkeypatch.setenv("PATH", "")
    packaged = Path(embedded.Redis(base)._program())
    assert packaged.name == "valkey-server" and "_binaries" in packaged.parts
    installed = base / "redis-server"
    installed.write_text("")
    installed.chmod(0o755)
    monkeypatch.setenv("PATH", str(base))
    assert embedded.Redis(base)._program() == str(installed)


def test_without_any_redis_the_message_says_what_to_install(
    new_base: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(embedded.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(embedded.EmbeddedServiceError, match="apt-get install redis-server"):
        embedded.redis_url(new_base())


def test_a_server_that_cannot_start_shows_its_log(new_base: Callable[..., Path]) -> None:
    base = new_base()
    query(base, "SELECT 1")
    embedded.stop(base)
    (embedded.Postgres(base).data / "postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(embedded.EmbeddedServiceError, match="no_such_setting"):
        embedded.database_url(base)


def test_sockets_and_data_are_for_their_owner_alone(new_base: Callable[..., Path]) -> None:
    base = new_base()
    embedded.database_url(base)
    embedded.redis_url(base)
    for directory in (
        embedded.Postgres(base).sockets,
        embedded.Postgres(base).data,
        embedded.Redis(base).data,
    ):
        assert directory.stat().st_mode & 0o777 == 0o700
