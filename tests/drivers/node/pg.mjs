// node-postgres, with pg-cursor, pg-query-stream and pg-copy-streams: unnamed and named statements, portals, COPY, pools.

import { finished, pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import pg from "pg";
import { from, to } from "pg-copy-streams";
import Cursor from "pg-cursor";
import QueryStream from "pg-query-stream";
import { columns, empty, failures, fails, sample, say, version } from "./transcript.mjs";

const db = new pg.Client({ application_name: "node-postgres", statement_timeout: 20000 });
await db.connect();
const one = async (text, values) => Object.values((await db.query(text, values)).rows[0])[0];
say("driver", version("pg"));
say("connected", [await one("SHOW application_name"), await one("SHOW statement_timeout")]);

// Types both ways, by text and by parameters, and in binary.
const places = columns.map((_, i) => "$" + (i + 1)).join(", ");
for (const row of [sample, empty]) await db.query(`INSERT INTO samples (${columns}) VALUES (${places})`, Object.values(row));
const back = await db.query(`SELECT ${columns} FROM samples WHERE id >= $1 ORDER BY id`, [1000]);
say("types", [back.rows, back.fields.map((f) => [f.name, f.dataTypeID, f.format]), back.command, back.rowCount]);
say(
  "binary",
  (await db.query({ text: "SELECT words, flag, bytes FROM samples WHERE id >= $1 ORDER BY id", values: [1000], binary: true })).rows,
);
say(
  "arrays",
  (await db.query({ text: "SELECT id, title FROM books WHERE id = ANY($1) ORDER BY id", values: [[1, 2, 5]], rowMode: "array" })).rows,
);

// Statements.
for (let i = 1; i < 8; i++) {
  const named = {
    name: "books of",
    text: "SELECT id, title, price FROM books WHERE author_id = $1 ORDER BY id LIMIT $2",
    values: [i % 5, 3],
  };
  say("named", (await db.query(named)).rows);
}
await fails("one name for two texts", () => db.query({ name: "books of", text: "SELECT 1", values: [] }));
say(
  "script",
  (await db.query("UPDATE stock SET quantity = 9 WHERE sku = 'sku2'; SELECT 1 AS a, 2 AS a; ; DELETE FROM stock WHERE sku = 'sku3'")).map(
    (r) => [r.command, r.rowCount, r.rows],
  ),
);
say("empty", (await db.query("")).command);
const added = (
  await db.query("INSERT INTO authors (email, name) VALUES ($1, $2), ($3, $4) RETURNING id, email, version", [
    "new@x",
    "New",
    "newer@x",
    null ?? "N",
  ])
).rows;
say("returning", [added[1].id - added[0].id >= 1, added.map((r) => [r.email, r.version])]);
say(
  "upsert",
  (
    await db.query(
      "INSERT INTO stock (sku, quantity) SELECT * FROM unnest($1::text[], $2::int[]) ON CONFLICT ON CONSTRAINT stock_pkey" +
        " DO UPDATE SET quantity = stock.quantity + excluded.quantity RETURNING sku, quantity",
      [
        ["sku1", "skuX"],
        [5, 6],
      ],
    )
  ).rows,
);
// Everything at once: the client sends each when the one before is done, but the caller does not wait.
say(
  "queued",
  (await Promise.all(Array.from({ length: 20 }, (_, i) => db.query("SELECT $1::int + id AS n FROM books WHERE id = $2", [i, 1 + i])))).map(
    (r) => r.rows[0].n,
  ),
);

// Transactions.
await db.query("BEGIN");
await db.query("UPDATE authors SET name = $1 WHERE id = 1", ["gone"]);
await db.query("ROLLBACK");
say("rolled back", await one("SELECT name FROM authors WHERE id = 1"));
await db.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
await db.query("UPDATE authors SET name = $1 WHERE id = 2", ["kept"]);
await db.query("SAVEPOINT one");
await fails("in a savepoint", () => db.query("INSERT INTO authors (id, email, name) VALUES ($1, 'twice', 'x')", [1]));
await fails("aborted", () => db.query("SELECT 1"));
await db.query("ROLLBACK TO one");
await db.query("RELEASE one");
say("inside", [await one("SHOW transaction_isolation"), await one("SELECT count(*) FROM authors WHERE email = 'twice'")]);
say("committed", [(await db.query("COMMIT")).command, await one("SELECT name FROM authors WHERE id = $1", [2])]);
await db.query("BEGIN");
await fails("before COMMIT", () => db.query("SELECT 1/0"));
say("COMMIT of a failed one", (await db.query("COMMIT")).command);

for (const [step, text, values] of failures) {
  await fails(step, () => db.query(text, values));
  say("and on", await one("SELECT $1::int", [5]));
}

// Cursors and streams.
const cursor = db.query(new Cursor("SELECT id, note FROM readings WHERE id > $1 ORDER BY id", [10]));
say("cursor", [(await cursor.read(2)).map((r) => r.id), (await cursor.read(100)).length, (await cursor.read(1))[0].id]);
await cursor.close();
say("after the cursor", await one("SELECT count(*) FROM books"));
let sum = 0,
  count = 0;
for await (const row of db.query(new QueryStream("SELECT id, value FROM readings ORDER BY id", [], { batchSize: 100 }))) {
  sum += row.value;
  count++;
}
say("stream", [count, sum]);
await db.query("BEGIN");
const first = db.query(new Cursor("SELECT id FROM books ORDER BY id"));
say("cursor in a transaction", [(await first.read(3)).length]);
await first.close();
await db.query("DECLARE walk CURSOR FOR SELECT id, title FROM books ORDER BY id DESC");
say("SQL cursor", (await db.query("FETCH 3 FROM walk")).rows);
await db.query("COMMIT");
const large = await db.query(
  "SELECT a.id, b.title, repeat(a.note, 20) AS note FROM readings a JOIN books b ON b.id = a.id % 30 + 1 WHERE a.id <= $1 ORDER BY 1",
  [5000],
);
say("large", [large.rows.length, large.rows.reduce((n, r) => n + r.note.length, 0), large.rows.at(-1).title]);

// COPY.
const sink = db.query(from("COPY readings (id, value, note) FROM STDIN"));
await pipeline(
  Readable.from(Array.from({ length: 1000 }, (_, i) => `${30000 + i}\t${i / 2}\t${i % 3 ? "ü".repeat(i % 3) : "\\N"}\n`)),
  sink,
);
say("copy in", [sink.rowCount, await one("SELECT count(note) FROM readings WHERE id >= 30000")]);
let text = "";
const source = db.query(
  to("COPY (SELECT id, value, note FROM readings WHERE id >= 30000 ORDER BY id) TO STDOUT WITH (FORMAT csv, HEADER)"),
);
source.on("data", (chunk) => (text += chunk.toString("latin1")));
await finished(source);
say("copy out", [source.rowCount, text.length, text.slice(0, 80), text.slice(-40)]);
await fails("copy", () => pipeline(Readable.from(["40000\t1\n", "1\t2\n"]), db.query(from("COPY readings (id, value) FROM STDIN"))));
await fails("copy of bad text", () => pipeline(Readable.from(["40000\tx\n"]), db.query(from("COPY readings (id, value) FROM STDIN"))));
say("copy undone", await one("SELECT count(*) FROM readings WHERE id >= 40000"));

// LISTEN, timeouts, settings, a pool.
const other = new pg.Client();
await other.connect();
const heard = [];
const both = new Promise((done) => other.on("notification", (n) => heard.push([n.channel, n.payload]) === 2 && done()));
await other.query("LISTEN news");
await db.query("NOTIFY news, 'first'");
await db.query("SELECT pg_notify($1, $2)", ["news", "zweite ü"]);
await both;
say("heard", heard);
await other.end();
await db.query("SET statement_timeout = 200");
await fails("statement_timeout", () => db.query("SELECT pg_sleep($1)", [60]));
await db.query("SET statement_timeout = DEFAULT");
say("again", await one("SHOW statement_timeout"));
await db.query("SET timezone = 'Europe/Berlin'");
for (let i = 0; i < 5; i++)
  say("settings", [
    await one("SHOW timezone"),
    await one("SELECT timestamptz '2024-07-01 12:00'::text AS t"),
    await one("SELECT $1::timestamptz::text AS t", ["2024-07-01 12:00"]),
  ]);
await db.query("BEGIN");
await db.query("SET LOCAL timezone = 'Asia/Kolkata'");
say("local", await one("SHOW timezone"));
await db.query("COMMIT");
say("not local", await one("SHOW timezone"));
say("locks", [await one("SELECT pg_try_advisory_lock($1)", [7]), await one("SELECT pg_advisory_unlock($1)", [7])]);
await db.end();

const pool = new pg.Pool({ max: 4 });
say(
  "pool",
  await Promise.all(
    Array.from({ length: 60 }, (_, i) => pool.query("SELECT title FROM books WHERE id = $1", [1 + (i % 30)]).then((r) => r.rows[0].title)),
  ),
);
const client = await pool.connect();
await client.query("BEGIN");
await client.query("INSERT INTO stock (sku, quantity) VALUES ('pooled', 1)");
await client.query("COMMIT");
client.release();
await pool.end();
