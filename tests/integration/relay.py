"""What stands between the proxy and its server: looks on, or gets in the way."""

import contextlib
import socket
import ssl
import struct
import threading

CANCEL_CODE = struct.pack("!i", 80877102)


def pump(source, sink, first=None):
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := source.recv(1 << 16):
            if first is not None and len(first) < 200:
                first += data
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class Relay:
    """Accepts on a port of its own and lets `handle(connection)` serve each connection on a thread."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads, self._open = [threading.Thread(target=self._accept)], []

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                thread = threading.Thread(target=self._guard, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _guard(self, connection):
        with contextlib.suppress(OSError, ssl.SSLError):
            self.handle(connection)
        connection.close()

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)


class Tap(Relay):
    """Passes everything on and keeps how each connection began."""

    def __init__(self, port):
        super().__init__()
        self._to, self.beginnings = port, []

    def handle(self, connection):
        first = bytearray()
        self.beginnings.append(first)
        with socket.create_connection(("127.0.0.1", self._to)) as server:
            back = threading.Thread(target=pump, args=(server, connection))
            back.start()
            pump(connection, server, first)
            back.join(10)


class Cut(Relay):
    """Passes everything on; of what the server sends from `mark` on only `count` bytes, and then both sides are closed."""

    def __init__(self, port, mark, count):
        super().__init__()
        self._to, self._mark, self._count = port, mark, count

    def handle(self, connection):
        with socket.create_connection(("127.0.0.1", self._to)) as server:
            there = threading.Thread(target=pump, args=(connection, server))
            there.start()
            self._until_the_cut(server, connection)
            for side in (connection, server):
                with contextlib.suppress(OSError):
                    side.shutdown(socket.SHUT_RDWR)
            there.join(10)

    def _until_the_cut(self, server, connection):
        left = None
        while data := server.recv(1 << 16):
            if left is None and (at := data.find(self._mark)) >= 0:
                left = at + self._count
            connection.sendall(data[:left])
            if left is not None:
                left -= len(data)
                if left <= 0:
                    return


class CancelGate(Relay):
    """Passes everything on, but holds CancelRequests until open() lets them through, the first `lost` of them excepted."""

    def __init__(self, port, lost=0):
        super().__init__()
        self._to, self._lost, self._open_to_all = port, lost, threading.Event()
        self.cancels = 0

    def open(self):
        self._open_to_all.set()

    def handle(self, connection):
        first = connection.recv(1 << 16)
        if first[4:8] == CANCEL_CODE:
            self.cancels += 1
            number = self.cancels
            self._open_to_all.wait(20)
            if number <= self._lost:
                return
        with socket.create_connection(("127.0.0.1", self._to)) as server:
            server.sendall(first)
            back = threading.Thread(target=pump, args=(server, connection))
            back.start()
            pump(connection, server)
            back.join(10)
