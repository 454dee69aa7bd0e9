"""A PostgreSQL client that hides nothing: messages go out as asked for and come back as they are.

For what no driver offers: row limits, a missing Sync, messages in odd orders. Protocol 3.0, SCRAM-SHA-256.
"""

import base64
import hashlib
import hmac
import os
import socket
import struct



class Closed(Exception):
    """The other side closed the connection."""


def cstring(text):
    return text.encode() + b"\0"


def parse(sql, name="", types=()):
    return b"P", cstring(name) + cstring(sql) + struct.pack(f"!h{len(types)}I", len(types), *types)


def bind(*values, statement="", portal="", formats=(), result_formats=()):
    """Values are bytes or None."""
    body = cstring(portal) + cstring(statement) + struct.pack(f"!h{len(formats)}h", len(formats), *formats)
    body += struct.pack("!h", len(values))
    for value in values:
        body += struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value
    return b"B", body + struct.pack(f"!h{len(result_formats)}h", len(result_formats), *result_formats)


def describe(kind, name=""):
    return b"D", kind + cstring(name)


def execute(portal="", limit=0):
    return b"E", cstring(portal) + struct.pack("!i", limit)


def close(kind, name=""):
    return b"C", kind + cstring(name)


def query(sql):
    return b"Q", cstring(sql)


SYNC, FLUSH, TERMINATE = (b"S", b""), (b"H", b""), (b"X", b"")


def row(body):
    """A DataRow's values."""
    count, at, values = struct.unpack_from("!h", body)[0], 2, []
    for _ in range(count):
        (length,) = struct.unpack_from("!i", body, at)
        at += 4
        values.append(None if length < 0 else body[at:at + length])
        at += max(length, 0)
    return values


def fields(body):
    """An ErrorResponse or NoticeResponse as a dict by field code."""
    return {part[:1].decode(): part[1:].decode() for part in body.split(b"\0") if part}


class Wire:
    def __init__(self, target, tenant="acme", login=True, timeout=30, **changes):
        """`changes` replace host, port, user, password, dbname; any other keyword is a startup parameter."""
        where = target.keywords(tenant)
        startup = {k: str(v) for k, v in {**where, **changes}.items() if k not in ("host", "port", "password", "dbname")}
        where.update({k: v for k, v in changes.items() if k in where})
        if str(where["host"]).startswith("/"):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(f"{where['host']}/.s.PGSQL.{where['port']}")
        else:
            self.socket = socket.create_connection((where["host"], where["port"]))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(timeout)
        self.buffer = bytearray()
        self.parameters, self.key = {}, None
        if login:
            self.start(where["password"], {**startup, "database": where["dbname"]})

    def start(self, password, parameters):
        body = b"".join(cstring(k) + cstring(v) for k, v in parameters.items()) + b"\0"
        self.socket.sendall(struct.pack("!ii", len(body) + 8, 196608) + body)
        kind, body = self.receive()
        if kind == b"R" and struct.unpack_from("!i", body)[0] == 10:
            self._scram(password)
        while kind != b"Z":
            if kind == b"E":
                raise LoginRefused(fields(body))
            if kind == b"S":
                name, value = body.split(b"\0")[:2]
                self.parameters[name.decode()] = value.decode()
            if kind == b"K":
                self.key = struct.unpack("!ii", body)
            kind, body = self.receive()

    def _scram(self, password):
        nonce = base64.b64encode(os.urandom(18)).decode()
        first = f"n=,r={nonce}"
        self.send((b"p", cstring("SCRAM-SHA-256") + struct.pack("!i", len(first) + 3) + b"n,," + first.encode()))
        self.server_first = self._authentication(11).decode()
        said = dict(part.split("=", 1) for part in self.server_first.split(","))
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(said["s"]), int(said["i"]))
        sign = lambda key, text: hmac.new(key, text.encode(), "sha256").digest()  # noqa: E731
        client_key = sign(salted, "Client Key")
        bare = f"c=biws,r={said['r']}"
        everything = f"{first},{self.server_first},{bare}"
        proof = bytes(a ^ b for a, b in zip(client_key, sign(hashlib.sha256(client_key).digest(), everything)))
        self.send((b"p", f"{bare},p={base64.b64encode(proof).decode()}".encode()))
        final = self._authentication(12)
        assert final == b"v=" + base64.b64encode(sign(sign(salted, "Server Key"), everything)), "the server's proof is wrong"

    def _authentication(self, code):
        kind, body = self.receive()
        if kind == b"E":
            raise LoginRefused(fields(body))
        assert kind == b"R" and struct.unpack_from("!i", body)[0] == code, (kind, body)
        return body[4:]

    def send(self, *messages):
        """All in one write."""
        self.socket.sendall(b"".join(kind + struct.pack("!i", len(body) + 4) + body for kind, body in messages))

    def receive(self):
        header = self._take(5)
        return header[:1], self._take(struct.unpack("!i", header[1:])[0] - 4)

    def _take(self, count):
        while len(self.buffer) < count:
            data = self.socket.recv(1 << 16)
            if not data:
                raise Closed(f"closed in the middle of a message, {bytes(self.buffer[:100])!r} left")
            self.buffer += data
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    def until(self, last):
        """The messages up to and with the first of kind `last`; ParameterStatus and notices included."""
        messages = [self.receive()]
        while messages[-1][0] != last:
            messages.append(self.receive())
        return messages

    def ask(self, *messages):
        """Sends, and returns what comes back up to ReadyForQuery."""
        self.send(*messages)
        return self.until(b"Z")

    def rows(self, sql):
        return [row(body) for kind, body in self.ask(query(sql)) if kind == b"D"]

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class LoginRefused(Exception):
    @property
    def fields(self):
        return self.args[0]


def kinds(messages):
    """The messages' types as one string, leaving out what may come at any time."""
    return b"".join(kind for kind, _ in messages if kind not in b"SN").decode()


def error(messages):
    """The fields of the one ErrorResponse among them."""
    found = [fields(body) for kind, body in messages if kind == b"E"]
    assert len(found) == 1, messages
    return found[0]


def cancel(target, key):
    """A CancelRequest on a connection of its own; returns when the other side has closed it."""
    where = target.keywords()
    with socket.create_connection((where["host"], where["port"]), timeout=10) as connection:
        connection.sendall(struct.pack("!iiii", 16, 80877102, *key))
        assert connection.recv(1) == b"", "a cancel request gets no answer"
