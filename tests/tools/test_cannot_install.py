"""Where packages are missing and cannot be installed, tools/dev says which, why, and what to run; and does nothing else.

A PATH of a few real programs, and fakes of those that look at the system or change it. The fakes of apt-get and sudo log
their arguments, so that it shows what was tried.
"""

import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
REAL = ("bash", "cat", "comm", "dirname", "env", "head", "mkdir", "mktemp", "nproc", "rm", "sed", "sort", "tail", "tee")
MISSING = ("cmake", "ninja-build")


def wanted():
    lines = (ROOT / "tools" / "packages.txt").read_text().splitlines()
    return sorted(line.split("#")[0].strip() for line in lines if line.split("#")[0].strip())


class Machine:
    """A copy of tools/ and a PATH to run it with."""

    def __init__(self, directory):
        self.directory, self.bin, self.log = directory, directory / "bin", directory / "log"
        self.bin.mkdir()
        self.log.touch()
        shutil.copytree(ROOT / "tools", directory / "clone" / "tools")
        for name in REAL:
            (self.bin / name).symlink_to(shutil.which(name))
        installed = [p for p in wanted() if p not in MISSING]
        self.fake("dpkg-query", "\n".join(f"echo 'installed {p}'" for p in installed))
        self.fake("id", "echo 0")
        self.fake("apt-get", f'echo "apt-get $*" >>{self.log}')
        self.os_release("ID=debian\nVERSION_ID=12")

    def fake(self, name, body):
        (self.bin / name).unlink(missing_ok=True)
        (self.bin / name).write_text(f"#!/bin/bash\n{body}\n")
        (self.bin / name).chmod(0o755)

    def os_release(self, text):
        path = self.directory / "os-release"
        path.write_text(text + "\n")
        script = self.directory / "clone" / "tools" / "lib" / "packages.sh"
        original = (ROOT / "tools" / "lib" / "packages.sh").read_text()
        moved = original.replace("/etc/os-release", str(path)).replace("/etc/postgresql-common", str(self.directory / "etc"))
        assert moved.count(str(path)) == 2 and str(self.directory / "etc") in moved
        script.write_text(moved)

    def run(self, *arguments):
        return subprocess.run([str(self.directory / "clone" / "tools" / "dev"), *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False, env={"PATH": str(self.bin)})


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def refused(done, reason, packages=MISSING):
    assert done.returncode == 2 and done.stdout == ""
    assert reason in done.stderr
    names = " ".join(packages)
    assert f"\n  {names}\n" in done.stderr
    assert f"\n  apt-get update && apt-get install -y --no-install-recommends {names}\n" in done.stderr


@pytest.mark.parametrize("command", [["demo", "--once"], ["test"], ["build"], ["bench"]])
def test_no_sudo(machine, command):
    machine.fake("id", "echo 1000")
    refused(machine.run(*command), "not root, and there is no sudo")
    assert machine.log.read_text() == ""


def test_sudo_that_is_not_allowed(machine):
    machine.fake("id", "echo 1000")
    machine.fake("sudo", "exit 1")
    refused(machine.run("demo"), "not root, and sudo is not allowed")
    assert machine.log.read_text() == ""


@pytest.mark.parametrize("release", ["ID=ubuntu\nVERSION_ID=24.04", "ID=debian\nVERSION_ID=13", ""])
def test_another_system(machine, release):
    machine.os_release(release)
    refused(machine.run("test"), "not Debian 12")
    assert machine.log.read_text() == ""


def test_no_dpkg(machine):
    (machine.bin / "dpkg-query").unlink()
    done = machine.run("test")
    assert done.returncode == 2 and "not a Debian system" in done.stderr
    assert all(f" {package}" in done.stderr for package in wanted())


def test_no_apt(machine):
    (machine.bin / "apt-get").unlink()
    refused(machine.run("test"), "there is no apt-get")


def test_no_network_for_npm(machine):
    node = machine.directory / "clone" / "tests" / "drivers" / "node"
    shutil.copytree(ROOT / "tests" / "drivers" / "node", node, ignore=shutil.ignore_patterns("node_modules"))
    machine.fake("dpkg-query", "\n".join(f"echo 'installed {p}'" for p in wanted()))
    machine.fake("npm", f'echo "npm $*" >>{machine.log}; echo "npm ERR! network" >&2; exit 1')
    for program in ("cmp", "cp", "sort"):
        if not (machine.bin / program).exists():
            (machine.bin / program).symlink_to(shutil.which(program))
    done = machine.run("test", "--quick")
    assert done.returncode == 2 and done.stdout == ""
    assert "npm ERR! network" in done.stderr and "is there a network?" in done.stderr
    assert machine.log.read_text().startswith("npm ci ") and "--cache .npm" in machine.log.read_text()


@pytest.mark.parametrize("user", [0, 1000])
def test_no_network(machine, user):
    machine.fake("id", f"echo {user}")
    machine.fake("sudo", '[ "$1" = -n ] && exit 0; exec "$@"')
    machine.fake("apt-get", f'echo "apt-get $*" >>{machine.log}; echo "E: Temporary failure resolving" >&2; exit 100')
    done = machine.run("demo", "--once")
    refused(done, "is there a network?")
    assert "E: Temporary failure resolving" in done.stderr
    assert machine.log.read_text() == "apt-get -q update\n", "tried once, and not gone on with"
    assert not list((machine.directory / "etc").rglob("*.conf")), "nothing is left behind"
