"""A PostgreSQL and a Bulkhead that live as long as the program that started them, and not a moment longer.

Standard library only: the demo, the benchmarks and the tests all stand on this. Everything lives in one Scratch directory;
a small watchdog process ends the servers and removes the directory whatever its owner dies of, SIGKILL included.
"""

import json
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUPERUSER = "postgres"


class Failure(Exception):
    """Something of ours did not start or stop as it should; the text says what, with the end of its log."""


def exit_on_signals():
    """SIGTERM and SIGHUP unwind like Ctrl-C does, so that `with` blocks clean up."""

    def leave(number, _frame):
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)


def wait_until(condition, seconds, what):
    """Polls until `condition()` is true and returns its value; Failure after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"{what() if callable(what) else what}: not within {seconds} s")
        time.sleep(0.01)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(port, host="127.0.0.1"):
    try:
        socket.create_connection((host, port), timeout=1).close()
        return True
    except OSError:
        return False


def unprivileged_user():
    """Whom PostgreSQL runs as: nobody else when we are not root, since it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    raise Failure("running as root, and there is neither a user postgres nor nobody for PostgreSQL to run as")


def server_program(name):
    """initdb, postgres or pgbench of PostgreSQL 15, which Debian keeps out of PATH."""
    for directory in ("/usr/lib/postgresql/15/bin", *os.environ.get("PATH", "").split(":")):
        path = pathlib.Path(directory, name)
        if path.is_file() and os.access(path, os.X_OK):
            return str(path)
    raise Failure(f"{name} not found: install Debian's postgresql-15")


class Scratch:
    """A temporary directory that vanishes with its owner; servers in it leave their pids in DIR/pids."""

    _WATCHDOG = (
        'cat >/dev/null; for f in "$0"/pids/*; do [ -s "$f" ] && read -r p <"$f" && kill -QUIT "$p" 2>/dev/null; done; '
        'i=0; while [ $i -lt 50 ]; do alive=; for f in "$0"/pids/*; do '
        '[ -s "$f" ] && read -r p <"$f" && kill -0 "$p" 2>/dev/null && alive=1; done; '
        '[ -z "$alive" ] && break; i=$((i+1)); sleep 0.1; done; rm -rf "$0"'
    )

    def __init__(self, prefix="bulkhead-"):
        # Unix socket paths end at 107 bytes.
        place = tempfile.gettempdir() if len(tempfile.gettempdir()) < 40 else "/tmp"
        self.path = pathlib.Path(tempfile.mkdtemp(prefix=prefix, dir=place))
        (self.path / "pids").mkdir()
        self.owner = unprivileged_user()
        if self.owner:
            os.chown(self.path, self.owner.pw_uid, self.owner.pw_gid)
        self._watchdog = subprocess.Popen(
            ["/bin/sh", "-c", self._WATCHDOG, str(self.path)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, cwd="/")

    def directory(self, name):
        """A new directory in it that PostgreSQL may write to."""
        path = self.path / name
        path.mkdir()
        if self.owner:
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        return path

    def note_pid(self, name, pid):
        (self.path / "pids" / name).write_text(f"{pid}\n")

    def forget_pid(self, name):
        (self.path / "pids" / name).unlink(missing_ok=True)

    def remove(self):
        self._watchdog.stdin.close()
        self._watchdog.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()


def tail(path, lines=30):
    try:
        return "\n".join(pathlib.Path(path).read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


class Postgres:
    """A private PostgreSQL 15 on its own port and Unix socket.

    The superuser comes in over the Unix socket without a password (the directory is not accessible to others), everybody
    else by SCRAM. `settings` are lines of postgresql.conf.
    """

    _SETTINGS = {
        "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off",
        "max_connections": 100, "shared_buffers": "128MB", "max_wal_size": "1GB",
        "log_line_prefix": "'%m [%p] %q%u@%d '", "timezone": "'UTC'", "log_timezone": "'UTC'", "lc_messages": "'C'",
        "password_encryption": "'scram-sha-256'", "jit": "off",
    }

    def __init__(self, scratch, name="postgres", **settings):
        self._scratch, self._name = scratch, name
        self._process = None
        self.data = scratch.directory(name)
        self.socket_dir = scratch.directory(name + "-socket")
        self.log_path = scratch.path / f"{name}.log"
        self.port = free_port()
        self.settings = {**self._SETTINGS, **settings}
        self._initialise()

    def _run_as(self):
        owner = self._scratch.owner
        return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}

    def _initialise(self):
        made = subprocess.run(
            [server_program("initdb"), "-D", str(self.data), "-U", SUPERUSER, "-N", "-E", "UTF8", "--locale=C.UTF-8",
             "--auth=trust"], cwd=self.data, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            capture_output=True, text=True, check=False, **self._run_as())
        if made.returncode:
            raise Failure(f"initdb failed:\n{made.stdout}{made.stderr}")
        (self.data / "pg_hba.conf").write_text(
            f"local all,replication {SUPERUSER} trust\nlocal all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n")

    def start(self):
        for attempt in range(5):
            lines = {**self.settings, "port": self.port, "listen_addresses": "'127.0.0.1'",
                     "unix_socket_directories": f"'{self.socket_dir}'"}
            (self.data / "postgresql.auto.conf").write_text("".join(f"{k} = {v}\n" for k, v in lines.items()))
            with open(self.log_path, "ab") as log:
                begin = log.tell()
                self._process = subprocess.Popen(
                    [server_program("postgres"), "-D", str(self.data)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True, cwd=self.data, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
                    **self._run_as())
            self._scratch.note_pid(self._name, self._process.pid)
            if wait_until(self._settled, 60, lambda: f"PostgreSQL start\n{tail(self.log_path)}") == "ready":
                return self
            taken = "could not bind" in self.log_path.read_text(errors="replace")[begin:]
            if not taken or attempt == 4:
                raise Failure(f"PostgreSQL did not start:\n{tail(self.log_path)}")
            self.port = free_port()  # somebody was quicker

    def _settled(self):
        if self._process.poll() is not None:
            return "ended"
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready" and "ready"
        except (OSError, IndexError):
            return False

    def stop(self, how=signal.SIGINT):
        """SIGINT: fast, SIGQUIT: immediate (connections just break), SIGTERM: smart."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(20)
        self._scratch.forget_pid(self._name)

    def restart(self, how=signal.SIGINT):
        self.stop(how)
        self.start()

    def psql(self, sql, database="postgres", *options):
        """Runs SQL as the superuser and returns what psql prints, unaligned and without headers."""
        done = subprocess.run(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.socket_dir), "-p", str(self.port),
             "-U", SUPERUSER, "-d", database, *options, "-f", "-"],
            input=sql, capture_output=True, text=True, check=False, env={**os.environ, "PGCLIENTENCODING": "UTF8"})
        if done.returncode:
            raise Failure(f"psql: {done.stderr}")
        return done.stdout.strip()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop(signal.SIGQUIT)


class Standby(Postgres):
    """A hot standby of `primary`, which has to be running: made by pg_basebackup, streaming, asynchronous."""

    def __init__(self, primary, scratch, name="standby", **settings):
        self._primary = primary
        conninfo = f"host={primary.socket_dir} port={primary.port} user={SUPERUSER}"
        super().__init__(scratch, name, primary_conninfo=f"'{conninfo}'", **settings)

    def _initialise(self):
        made = subprocess.run(
            [server_program("pg_basebackup"), "-D", str(self.data), "-h", str(self._primary.socket_dir), "-p", str(self._primary.port),
             "-U", SUPERUSER, "-c", "fast", "-X", "stream", "-N"], cwd=self.socket_dir,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, check=False, **self._run_as())
        if made.returncode:
            raise Failure(f"pg_basebackup failed:\n{made.stdout}{made.stderr}")
        self.data.chmod(0o700)
        (self.data / "standby.signal").touch()

    def promote(self):
        self.psql("SELECT pg_promote()")

    def catch_up(self):
        """Waits until it has what the primary has now."""
        there = self._primary.psql("SELECT pg_current_wal_flush_lsn()")
        wait_until(lambda: self.psql(f"SELECT pg_last_wal_replay_lsn() >= '{there}'") == "t", 30, lambda: f"standby\n{tail(self.log_path)}")


def to_yaml(value, indent=0):
    """Enough YAML for a configuration: block maps and lists, scalars as JSON spells them."""
    pad = "  " * indent
    if isinstance(value, dict) and value:
        out = ""
        for key, item in value.items():
            nested = isinstance(item, (dict, list)) and item
            out += f"{pad}{key}:" + ("\n" + to_yaml(item, indent + 1) if nested else f" {json.dumps(item)}\n")
        return out
    if isinstance(value, list) and value:
        out = ""
        for item in value:
            if isinstance(item, (dict, list)) and item:
                out += f"{pad}-" + to_yaml(item, indent + 1)[len(pad) + 1:]
            else:
                out += f"{pad}- {json.dumps(item)}\n"
        return out
    return f"{pad}{json.dumps(value)}\n"


def find_bulkhead():
    """The binary to try: $BULKHEAD, or the newest build."""
    named = os.environ.get("BULKHEAD")
    if named:
        return named
    built = [p for p in (ROOT / "build").glob("*/bulkhead") if os.access(p, os.X_OK)]
    if not built:
        raise Failure("no bulkhead binary: run tools/dev build, or name one in the environment variable BULKHEAD")
    return str(max(built, key=lambda p: p.stat().st_mtime))


class Bulkhead:
    """A running `bulkhead run`. `config` is a dict or the text of a YAML file; without a `listen` of its own it gets a free
    TCP port and a Unix socket in the scratch directory."""

    def __init__(self, scratch, config, name="bulkhead", binary=None, env=None, arguments=()):
        self._scratch, self._name = scratch, name
        self._arguments = arguments
        self._process = None
        self._env = {**os.environ, **(env or {})}
        self.binary = binary or find_bulkhead()
        self.port = free_port()
        self.socket_dir = scratch.directory(name + "-socket")
        self.config_path = scratch.path / f"{name}.yaml"
        self.log_path = scratch.path / f"{name}.log"
        if isinstance(config, dict):
            listen = [{"address": f"127.0.0.1:{self.port}"}, {"unix": str(self.socket_dir), "port": self.port}]
            config = to_yaml({"version": 1, "listen": listen, **config})
        self.config_path.write_text(config.replace("@PORT@", str(self.port)).replace("@SOCKET@", str(self.socket_dir)))

    def start(self):
        with open(self.log_path, "ab") as log:
            self._process = subprocess.Popen(
                [self.binary, "run", "--config", str(self.config_path), *self._arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, env=self._env)
        self._scratch.note_pid(self._name, self._process.pid)
        wait_until(lambda: self._process.poll() is not None or accepts(self.port), 30,
                   lambda: f"bulkhead start\n{self.log_tail()}")
        if self._process.poll() is not None:
            self._scratch.forget_pid(self._name)
            raise Failure(f"bulkhead ended at start with {self._process.returncode}:\n{self.log_tail()}")
        return self

    @property
    def pid(self):
        return self._process.pid

    def alive(self):
        return self._process is not None and self._process.poll() is None

    def log(self):
        return self.log_path.read_text(errors="replace")

    def log_tail(self, lines=30):
        return tail(self.log_path, lines)

    def rss(self):
        """Resident bytes."""
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise Failure("bulkhead has no VmRSS: it has ended")

    def fds(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu_seconds(self):
        return process_cpu_seconds(self.pid)

    def send_signal(self, number):
        self._process.send_signal(number)

    def stop(self, how=signal.SIGTERM, seconds=20):
        """Returns the exit status; Failure if it does not end, which a clean program does without being killed."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
                raise Failure(f"bulkhead did not end within {seconds} s of {how!r}:\n{self.log_tail()}") from None
            finally:
                self._scratch.forget_pid(self._name)
        self._scratch.forget_pid(self._name)
        return self._process.returncode

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        status = self.stop(signal.SIGINT)
        if status and sys.exc_info()[0] is None:
            raise Failure(f"bulkhead ended with {status}:\n{self.log_tail()}")


def process_cpu_seconds(pid):
    """User and system time of all threads of a process so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
