"""Throw-away certificates, made with Debian's openssl."""

import pathlib
import re
import shutil
import subprocess

from throwaway import ROOT, Failure

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def openssl(*arguments, **keywords):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False, **keywords)
    if done.returncode:
        raise Failure(f"openssl {' '.join(map(str, arguments))}:\n{done.stderr}")
    return done.stdout


class Authority:
    """A certificate authority in a directory of its own; `crt` is its certificate."""

    def __init__(self, directory, name="Test CA"):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(exist_ok=True)
        self.directory.chmod(0o755)
        self.crt, self._key = self.directory / "ca.crt", self.directory / "ca.key"
        openssl("req", "-new", "-x509", "-days", 30, *CURVE, "-subj", f"/CN={name}", "-keyout", self._key, "-out", self.crt)

    def issue(self, name, subject=None, san="DNS:localhost,IP:127.0.0.1", days=30, key=CURVE, owner=None, digest="-sha256"):
        """NAME.crt and NAME.key, the key readable by its owner alone. Negative days: it has expired."""
        crt, key_file, csr = (self.directory / f"{name}.{kind}" for kind in ("crt", "key", "csr"))
        openssl("req", "-new", *key, "-subj", subject or f"/CN={name}", *(["-addext", f"subjectAltName={san}"] if san else []),
                "-keyout", key_file, "-out", csr)
        openssl("x509", "-req", "-in", csr, "-CA", self.crt, "-CAkey", self._key, "-CAcreateserial", "-days", days, digest,
                "-copy_extensions", "copy", "-out", crt)
        key_file.chmod(0o600)
        if owner:
            shutil.chown(key_file, owner.pw_uid, owner.pw_gid)
        return Issued(crt, key_file)


class Issued:
    def __init__(self, crt, key):
        self.crt, self.key = crt, key

    def tls(self, mode, **more):
        """For a listener's or a server's tls:."""
        return {"mode": mode, "certificate": str(self.crt), "key": str(self.key), **{k: str(v) for k, v in more.items()}}


def shell_of(heading, page="docs/operations.md"):
    """The commands under a heading of a page, so that what is written down is what is run."""
    text = (ROOT / page).read_text()
    section = re.split(r"\n##+ ", text.partition(f"\n### {heading}\n")[2])[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert blocks, f"{page} has no commands under {heading}"
    return "".join(blocks)
