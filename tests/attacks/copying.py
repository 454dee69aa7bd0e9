"""76: COPY FROM STDIN, which PostgreSQL itself refuses under row-level security."""

from attack import wire
from wire import query


def refuses_or_stamps(scene, text, data):
    """Either no, or rows that are acme's: the runner sees to it that nobody else's are changed."""
    client = scene.login()
    client.send(query(text))
    answer = scene.until(client, b"ZG")
    if answer[-1][0] == b"G":
        client.send(*[(b"d", part) for part in data], (b"c", b""))
        answer = client.until(b"Z")
    return answer


@wire(76, "COPY FROM STDIN with another organisation's rows, as text")
def text_format(scene):
    answer = refuses_or_stamps(scene, "COPY item (org_id, id, body) FROM STDIN", [b"2\t60\tx\n"])
    assert "E" in scene.kinds(answer)


@wire(76, "as CSV, the organisation in quotes")
def csv(scene):
    answer = refuses_or_stamps(scene, "COPY item (id, org_id, body) FROM STDIN (FORMAT csv)", [b'60,"2",x\n'])
    assert "E" in scene.kinds(answer)


@wire(76, "binary")
def binary(scene):
    header = b"PGCOPY\n\xff\r\n\0" + bytes(8)
    row = b"\0\2" + b"\0\0\0\x08" + (2).to_bytes(8, "big") + b"\0\0\0\x08" + (60).to_bytes(8, "big")
    answer = refuses_or_stamps(scene, "COPY item (org_id, id) FROM STDIN (FORMAT binary)", [header, row, b"\xff\xff"])
    assert "E" in scene.kinds(answer)


@wire(76, "a line cut anywhere, so that the organisation arrives in two messages")
def cut(scene):
    answer = refuses_or_stamps(scene, "COPY item (id, org_id, body) FROM STDIN", [b"60\t", b"2", b"\tx", b"\n"])
    assert "E" in scene.kinds(answer)


@wire(76, "left out, it is acme's")
def stamped(scene):
    refuses_or_stamps(scene, "COPY item (id, body) FROM STDIN", [b"60\tx\n61\ty\n"])


ATTACKS = [text_format, csv, binary, cut, stamped]
