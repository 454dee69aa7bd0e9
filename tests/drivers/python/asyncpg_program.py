"""asyncpg: prepared statements with Describe and Flush, portals across Syncs, binary COPY, and introspection of types in between."""

import asyncio
import datetime
import json
import os

import asyncpg

from transcript import COLUMNS, EMPTY, SAMPLE, say, say_error


async def types(db):
    await db.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
    places = ", ".join(f"${i}" for i in range(1, len(SAMPLE) + 1))
    for row in (SAMPLE, EMPTY):
        await db.execute(f"INSERT INTO samples ({COLUMNS}) VALUES ({places})", *row.values())
    say("types", [dict(row) for row in await db.fetch(f"SELECT {COLUMNS} FROM samples WHERE id >= 1000 ORDER BY id")])
    say("types of expressions", dict(await db.fetchrow(
        "SELECT '1 day 02:00'::interval AS i, '[1,5)'::int4range AS r, ARRAY[[1,2],[3,4]] AS a, ('x', 1) AS row, '10.0.0.1'::inet::text AS n,"
        " b.* FROM (SELECT id, title FROM books WHERE id = 3) b")) | {"row": None})


async def statements(db):
    statement = await db.prepare("SELECT id, title, price FROM books WHERE author_id = $1 AND price > $2 ORDER BY id")
    say("described", [[a.name, a.type.name] for a in statement.get_attributes()])
    say("parameters", [t.name for t in statement.get_parameters()])
    for author in (1, 2, 3, 1):
        say("prepared", [list(row) for row in await statement.fetch(author, 10)])
    for i in range(12):
        say("repeated", await db.fetchval("SELECT count(*) FROM books WHERE id > $1", i))
    say("status", [await db.execute("UPDATE stock SET quantity = quantity + 1 WHERE sku = $1", "sku1"),
                   await db.execute("DELETE FROM stock WHERE sku = 'none'")])
    say("script", await db.execute("UPDATE stock SET quantity = 9 WHERE sku = 'sku2'; SELECT 1; DELETE FROM stock WHERE sku = 'sku3'"))
    say("null", await db.fetchval("SELECT $1::text IS NULL AND max(id) IS NULL FROM books WHERE false", None))
    returned = await db.fetchrow("INSERT INTO authors (email, name) VALUES ($1, $2) RETURNING id, version", "new@x", "New")
    say("returning", [returned["id"] > 1000, returned["version"],
                      await db.fetchval("SELECT email FROM authors WHERE id = $1", returned["id"])])
    say("upsert", [tuple(row) for row in await db.fetch(
        "INSERT INTO stock (sku, quantity) SELECT * FROM unnest($1::text[], $2::int[]) ON CONFLICT ON CONSTRAINT stock_pkey"
        " DO UPDATE SET quantity = stock.quantity + excluded.quantity RETURNING sku, quantity", ["sku1", "skuX"], [5, 6])])


async def transactions(db):
    try:
        async with db.transaction():
            await db.execute("UPDATE authors SET name = 'gone' WHERE id = 1")
            raise KeyError
    except KeyError:
        say("rolled back", await db.fetchval("SELECT name FROM authors WHERE id = 1"))
    async with db.transaction(isolation="repeatable_read"):
        await db.execute("UPDATE authors SET name = 'kept' WHERE id = 2")
        try:
            async with db.transaction():
                await db.execute("UPDATE authors SET name = 'lost' WHERE id = 3")
                await db.execute("INSERT INTO authors (id, email, name) VALUES (1, 'twice', 'x')")
        except asyncpg.UniqueViolationError as error:
            say_error("savepoint", error)
        say("inside", [await db.fetchval("SELECT name FROM authors WHERE id = 3"), await db.fetchval("SHOW transaction_isolation")])
    say("committed", await db.fetchval("SELECT name FROM authors WHERE id = 2"))
    async with db.transaction(readonly=True, isolation="serializable", deferrable=True):
        try:
            await db.execute("DELETE FROM stock")
        except asyncpg.PostgresError as error:
            say_error("read only", error)


async def errors(db):
    for name, text, arguments in (
            ("syntax", "SELEC 1", []), ("column", "SELECT nothing FROM books", []), ("relation", "SELECT 1 FROM nowhere", []),
            ("division", "SELECT 1 / (id - 3) FROM books ORDER BY id", []), ("check", "UPDATE books SET price = -$1", [1]),
            ("foreign key", "INSERT INTO books (author_id, title) VALUES ($1, 'x')", [77]),
            ("not null", "INSERT INTO authors (email) VALUES ('x')", []), ("cast", "SELECT $1::text::int", ["x"])):
        try:
            await db.execute(text, *arguments)
            raise SystemExit(f"{name}: no error")
        except asyncpg.PostgresError as error:
            say_error("error: " + name, error)
        say("and on", await db.fetchval("SELECT $1::int", 5))


async def batches(db):
    await db.executemany("INSERT INTO readings (id, value, note) VALUES ($1, $2, $3)", [(10000 + i, i / 4, None) for i in range(500)])
    say("executemany", tuple(await db.fetchrow("SELECT count(*), sum(value) FROM readings WHERE id >= 10000")))
    try:
        await db.executemany("INSERT INTO readings (id, value) VALUES ($1, $2)", [(20000, 1), (1, 1), (20001, 1)])
    except asyncpg.PostgresError as error:
        say_error("executemany fails", error)
    say("executemany undone", await db.fetchval("SELECT count(*) FROM readings WHERE id >= 20000"))


async def cursors(db):
    async with db.transaction():
        seen = [row["id"] async for row in db.cursor("SELECT id FROM readings WHERE id <= $1 ORDER BY id", 333, prefetch=50)]
        say("cursor", [len(seen), seen[-1]])
        cursor = await db.cursor("SELECT id, note FROM readings ORDER BY id DESC")
        say("fetch", [list(row) for row in await cursor.fetch(3)])
        say("forward", await cursor.forward(100))
        say("fetchrow", list(await cursor.fetchrow()))
    rows = await db.fetch("SELECT a.id, b.title, repeat(a.note, 20) AS note FROM readings a JOIN books b ON b.id = a.id % 30 + 1 WHERE a.id <= 5000 ORDER BY 1")
    say("large", [len(rows), sum(len(row["note"]) for row in rows), list(rows[-1])[:2]])


async def copy(db):
    say("copy in", await db.copy_records_to_table(
        "readings", records=[(30000 + i, i / 2, "ü" * (i % 3)) for i in range(1000)], columns=["id", "value", "note"]))
    out = bytearray()

    async def take(data):
        out.extend(data)
    say("copy out", [await db.copy_from_query("SELECT id, value, note FROM readings WHERE id >= $1 ORDER BY id", 30000, output=take,
        format="csv"),
                     len(out), out.decode()[-60:]])
    out.clear()
    say("copy table out", [await db.copy_from_table("stock", columns=["sku", "quantity"], output=take, format="text"),
        sorted(out.decode().splitlines())])
    try:
        await db.copy_records_to_table("readings", records=[(40000, 1.0), (1, 2.0)], columns=["id", "value"])
    except asyncpg.PostgresError as error:
        say_error("copy fails", error)
    say("copy undone", await db.fetchval("SELECT count(*) FROM readings WHERE id >= 40000"))


async def listen(db):
    other = await asyncpg.connect(ssl=False)
    heard = asyncio.Queue()
    await db.add_listener("news", lambda _connection, _pid, channel, payload: heard.put_nowait([channel, payload]))
    await other.execute("NOTIFY news, 'first'")
    await other.execute("SELECT pg_notify('news', $1)", "zweite ü")
    say("heard", [await asyncio.wait_for(heard.get(), 20) for _ in range(2)])
    await db.reset()
    await other.close()


async def cancel(db):
    try:
        await db.execute("SELECT pg_sleep(60)", timeout=0.3)
    except asyncio.TimeoutError:
        say("timeout", await db.fetchval("SELECT count(*) FROM books"))
    await db.execute("SET statement_timeout = '200ms'")
    try:
        await db.execute("SELECT pg_sleep(60)")
    except asyncpg.QueryCanceledError as error:
        say_error("statement_timeout", error)
    await db.execute("RESET statement_timeout")
    await db.execute("SET timezone = 'Europe/Berlin'")
    for _ in range(5):
        say("settings", [await db.fetchval("SHOW timezone"), await db.fetchval("SELECT now() > $1", datetime.datetime(2024, 1, 1,
            tzinfo=datetime.timezone.utc)),
                         await db.fetchval("SELECT timestamptz '2024-07-01 12:00'::text")])
    await db.execute("RESET ALL")
    say("locks", [await db.fetchval("SELECT pg_try_advisory_lock(7)"), await db.fetchval("SELECT pg_advisory_unlock(7)")])


async def pools():
    async with asyncpg.create_pool(min_size=1, max_size=4, ssl=False) as pool:
        async def one(i):
            async with pool.acquire() as db, db.transaction():
                return await db.fetchval("SELECT title FROM books WHERE id = $1", 1 + i % 30)
        say("pool", await asyncio.gather(*(one(i) for i in range(60))))


async def main():
    db = await asyncpg.connect(ssl=False, server_settings={"application_name": "asyncpg", "timezone": "UTC"})
    say("driver", asyncpg.__version__)
    say("connected", [db.get_server_version().major, db.get_settings().application_name, db.get_settings().server_encoding])
    for part in (types, statements, transactions, errors, batches, cursors, copy, listen, cancel):
        await part(db)
    await db.close()
    await pools()


os.environ.pop("PGSSLMODE", None)
asyncio.run(main())
