"""psycopg 3: libpq's pipelines, prepared statements in both formats, server-side cursors, COPY in three ways, cancel from a thread."""

import threading

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from transcript import COLUMNS, EMPTY, SAMPLE, say, say_error


def types(db):
    for start, binary in ((1000, False), (1010, True)):
        places = ", ".join(["%b" if binary else "%t"] * len(SAMPLE))
        for i, row in enumerate((SAMPLE, EMPTY)):
            values = {**row, "id": start + i, "doc": row["doc"] and Jsonb(row["doc"])}
            db.execute(f"INSERT INTO samples ({COLUMNS}) VALUES ({places})", list(values.values()))
        cursor = db.cursor(row_factory=dict_row, binary=binary)
        say("types", cursor.execute(f"SELECT {COLUMNS} FROM samples WHERE id >= %s ORDER BY id", [start]).fetchall())
        say("described", [[c.name, c.type_code, c.internal_size] for c in cursor.description])
    say("client side", psycopg.ClientCursor(db).execute("SELECT %s, %s, %s", ["ü'", None, [1, 2]]).fetchone())
    say("composed", db.execute(sql.SQL("SELECT {} FROM {} WHERE id = 3").format(sql.Identifier("title"),
        sql.Identifier("books"))).fetchone())


def pipelines(db):
    with db.pipeline() as pipeline, db.cursor() as cursor:
        first = [db.execute("SELECT title FROM books WHERE id = %s", [i]) for i in range(1, 13)]
        db.execute("UPDATE stock SET quantity = quantity + %s WHERE sku = %s", [1, "sku1"])
        pipeline.sync()
        say("pipeline", [c.fetchone() for c in first])
        cursor.executemany("INSERT INTO authors (email, name) VALUES (%s, %s) RETURNING version", [(f"p{i}@x", "P") for i in range(20)],
            returning=True)
        say("executemany", [cursor.fetchone(), cursor.nextset(), cursor.fetchone()])
    for transaction in (False, True):
        try:
            with db.pipeline():
                if transaction:
                    db.execute("BEGIN")
                db.execute("UPDATE stock SET quantity = -1 WHERE sku = 'sku2'")
                db.execute("INSERT INTO authors (id, email, name) VALUES (1, 'twice', 'x')")
                db.execute("UPDATE stock SET quantity = -2 WHERE sku = 'sku2'")
        except psycopg.Error as error:
            say_error("pipeline fails", error)
        db.rollback()
        say("and on", db.execute("SELECT quantity FROM stock WHERE sku = 'sku2'").fetchone())
    with db.pipeline(), db.transaction():
        a = db.execute("SELECT count(*) FROM books")
        with db.transaction():
            db.execute("UPDATE authors SET name = 'in a pipeline' WHERE id = 4")
        b = db.execute("SELECT name FROM authors WHERE id = 4")
        say("transaction in a pipeline", [a.fetchone(), b.fetchone()])


def statements(db):
    for i in range(9):
        say("prepared", db.execute("SELECT id, title FROM books WHERE author_id = %s AND id < %s ORDER BY id LIMIT 2", [1 + i % 4, 20],
            prepare=i > 2).fetchall())
    for i in range(120):  # more than prepared_max
        db.execute(f"SELECT {i}, id FROM stock JOIN books ON id = %s LIMIT 1", [3], prepare=True)
    with db.transaction():
        try:
            with db.transaction("point"):
                db.execute("UPDATE books SET price = %s", [-1])
        except psycopg.errors.CheckViolation as error:
            say_error("savepoint", error)
        db.execute("UPDATE books SET price = 1 WHERE id = 1")
        with db.cursor("walk", scrollable=True) as cursor:
            cursor.execute("SELECT id, title FROM books WHERE id > %s ORDER BY id", [5])
            say("cursor", [cursor.fetchone(), cursor.fetchmany(3), cursor.scroll(-2), cursor.fetchone(), len(cursor.fetchall())])
    with db.cursor("held", withhold=True) as cursor:
        cursor.execute("SELECT id FROM readings ORDER BY id")
        cursor.itersize = 700
        say("held", [sum(row[0] for row in cursor)])
    say("stream", sum(row[1] for row in db.cursor().stream("SELECT id, value FROM readings WHERE id < %s", [3000])))
    for step, text, values in (("syntax", "SELEC 1", []), ("column", "SELECT nothing FROM books", []), ("cast", "SELECT %t::int", ["x"]),
                               ("foreign key", "INSERT INTO books (author_id, title) VALUES (%s, 'x')", [77]),
                               ("division", "SELECT 1 / (id - %s) FROM books ORDER BY id", [3])):
        try:
            db.execute(text, values)
            raise SystemExit(f"{step}: no error")
        except psycopg.Error as error:
            say_error("error: " + step, error)
            say("diagnostics", [error.diag.statement_position, error.diag.constraint_name, error.diag.table_name, error.diag.column_name])


def copy(db):
    with db.cursor() as cursor:
        with cursor.copy("COPY readings (id, value, note) FROM STDIN") as copier:
            for i in range(1000):
                copier.write_row((30000 + i, i / 2, None if i % 3 else "t\tü"))
        say("copy in", cursor.rowcount)
        with cursor.copy("COPY readings (id, value, note) FROM STDIN (FORMAT BINARY)") as copier:
            copier.set_types(["int4", "float8", "text"])
            for i in range(100):
                copier.write_row((40000 + i, i / 2, "b"))
        with cursor.copy("COPY readings (id, value) FROM STDIN (FORMAT csv)") as copier:
            copier.write("50000,1.5\n500")
            copier.write("01,2.5\n")
        with cursor.copy("COPY (SELECT id, value, note FROM readings WHERE id >= %s ORDER BY id) TO STDOUT", [30990]) as copier:
            say("copy out", [list(row) for row in copier.rows()][:12])
        with cursor.copy("COPY readings (id, note) TO STDOUT (FORMAT BINARY)") as copier:
            copier.set_types(["int4", "text"])
            say("copy binary", sum(row[0] for row in copier.rows()))
        for step, lines in (("unique", "60000\t1\n1\t1\n"), ("text", "60000\tx\n")):
            try:
                with cursor.copy("COPY readings (id, value) FROM STDIN") as copier:
                    copier.write(lines)
                raise SystemExit("no error")
            except psycopg.Error as error:
                say_error("copy fails: " + step, error)
        try:
            with cursor.copy("COPY readings (id, value) FROM STDIN") as copier:
                copier.write("60000\t1\n")
                raise KeyError
        except KeyError:
            pass
        except psycopg.Error as error:
            say_error("given up", error)
        say("undone", cursor.execute("SELECT count(*) FROM readings WHERE id >= 60000").fetchone())


def others(db):
    timer = threading.Timer(0.3, db.cancel)
    timer.start()
    try:
        db.execute("SELECT pg_sleep(60)")
    except psycopg.errors.QueryCanceled as error:
        say_error("cancelled", error)
    with psycopg.connect(autocommit=True) as other:
        other.execute("LISTEN news")
        db.execute("SELECT pg_notify('news', %s)", ["zweite ü"])
        say("heard", [[n.channel, n.payload] for n in [next(other.notifies())]])
    db.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
    db.autocommit = False
    say("level", db.execute("SHOW transaction_isolation").fetchone())
    db.rollback()
    db.autocommit = True
    with db.cursor(binary=True) as cursor:
        cursor.execute("SELECT a.id, b.title, repeat(a.note, 20) FROM readings a JOIN books b ON b.id = a.id %% 30 + 1 WHERE a.id <= %s ORDER BY 1", [5000])
        rows = cursor.fetchall()
        say("large", [len(rows), sum(len(r[2] or "") for r in rows)])
    say("two-phase", db.info.transaction_status.name)


def main():
    say("driver", f"{psycopg.__version__}, libpq {psycopg.pq.version() // 10000}")
    with psycopg.connect(autocommit=True, application_name="psycopg") as db:
        for part in (types, pipelines, statements, copy, others):
            part(db)


main()
