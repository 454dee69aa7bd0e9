// postgres.js: Parse, Describe and Flush before each Bind, statements with random names, pipelines, portals by Flush, COPY, listen.

import postgres from "postgres";
import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { columns, empty, failures, fails, sample, say, version } from "./transcript.mjs";

const options = { onnotice: () => {}, max: 1, connection: { application_name: "postgres.js" } };
const sql = postgres({ ...options });
say("driver", version("postgres"));
const one = async (query) => Object.values((await query)[0])[0];
say("connected", await one(sql`SHOW application_name`));

for (const row of [sample, empty]) await sql`INSERT INTO samples ${sql({ ...row, doc: row.doc && sql.json(row.doc) }, columns)}`;
const back = await sql`SELECT ${sql(columns)} FROM samples WHERE id >= ${1000} ORDER BY id`;
say("types", [back, back.columns.map((c) => [c.name, c.type]), back.command, back.count]);
say("arrays", await sql`SELECT id, title FROM books WHERE id = ANY(${[1, 2, 5]}) AND author_id IN ${sql([1, 2, 3])} ORDER BY id`.values());

for (let i = 1; i < 8; i++)
  say("prepared", await sql`SELECT id, title, price FROM books WHERE author_id = ${i % 5} ORDER BY id LIMIT ${3}`);
say(
  "described",
  (await sql`SELECT id, title, price FROM books WHERE id = ${1}`.describe()).columns.map((c) => [c.name, c.type]),
);
say(
  "simple",
  (await sql`UPDATE stock SET quantity = 9 WHERE sku = 'sku2'; SELECT 1 AS a; DELETE FROM stock WHERE sku = 'sku3'`.simple()).map((r) => [
    r.command,
    r.count,
  ]),
);
const added = await sql`INSERT INTO authors ${sql([
  { email: "new@x", name: "New" },
  { email: "newer@x", name: "N" },
])} RETURNING id, email, version`;
say("returning", [added[0].id > 1000, added.map((r) => [r.email, r.version])]);
say(
  "upsert",
  await sql`INSERT INTO stock ${sql([
    { sku: "sku1", quantity: 5 },
    { sku: "skuX", quantity: 6 },
  ])}
  ON CONFLICT ON CONSTRAINT stock_pkey DO UPDATE SET quantity = stock.quantity + excluded.quantity RETURNING sku, quantity`,
);
say("update", (await sql`UPDATE authors SET ${sql({ name: "Renamed", version: 2 })} WHERE id = ${5} AND version = ${1}`).count);
say(
  "pipelined",
  (await Promise.all(Array.from({ length: 40 }, (_, i) => sql`SELECT ${i}::int + id AS n FROM books WHERE id = ${1 + (i % 30)}`))).map(
    (r) => r[0].n,
  ),
);
const mixed = await Promise.allSettled([
  sql`SELECT 1 AS a`,
  sql`SELECT 1 / (id - ${1}) FROM books`,
  sql`SELECT ${"x"}::text AS a`,
  sql`SELECT nothing`,
  sql`SELECT 2 AS a`,
]);
say(
  "pipelined with errors",
  mixed.map((r) => r.reason?.code ?? r.value[0].a),
);

try {
  await sql.begin(async (t) => {
    await t`UPDATE authors SET name = 'gone' WHERE id = 1`;
    throw new Error("given up");
  });
} catch (error) {
  say("rolled back", [error.message, await one(sql`SELECT name FROM authors WHERE id = ${1}`)]);
}
await sql.begin("isolation level repeatable read", async (t) => {
  await t`UPDATE authors SET name = 'kept' WHERE id = ${2}`;
  await fails("savepoint", () => t.savepoint(async (s) => s`INSERT INTO authors (id, email, name) VALUES (${1}, 'twice', 'x')`));
  say("inside", [await one(t`SHOW transaction_isolation`), await one(t`SELECT name FROM authors WHERE id = 2`)]);
});
say("committed", await one(sql`SELECT name FROM authors WHERE id = ${2}`));
say(
  "array of statements",
  (await sql.begin((t) => [t`SELECT count(*) FROM books`, t`SELECT ${7}::int AS n`])).map((r) => r[0]),
);

for (const [step, text, values] of failures) {
  await fails(step, () => sql.unsafe(text, values));
  say("and on", await one(sql`SELECT ${5}::int`));
}

let seen = [];
await sql`SELECT id, note FROM readings WHERE id <= ${333} ORDER BY id`.cursor(50, (rows) => {
  seen.push(rows.length);
});
for await (const [row] of sql`SELECT id FROM books ORDER BY id`.cursor()) if (seen.push(row.id) > 12) break;
say("cursor", seen);
let sum = 0;
await sql`SELECT value FROM readings ORDER BY id`.forEach((row) => {
  sum += row.value;
});
say("forEach", sum);
const large =
  await sql`SELECT a.id, b.title, repeat(a.note, 20) AS note FROM readings a JOIN books b ON b.id = a.id % 30 + 1 WHERE a.id <= ${5000} ORDER BY 1`;
say("large", [large.length, large.reduce((n, r) => n + r.note.length, 0)]);

await pipeline(
  Readable.from(Array.from({ length: 1000 }, (_, i) => `${30000 + i}\t${i / 2}\t${i % 3 ? "ü".repeat(i % 3) : "\\N"}\n`)),
  await sql`COPY readings (id, value, note) FROM STDIN`.writable(),
);
say("copy in", await one(sql`SELECT count(note) FROM readings WHERE id >= ${30000}`));
let text = "";
const source = await sql`COPY (SELECT id, value, note FROM readings WHERE id >= 30000 ORDER BY id) TO STDOUT WITH (FORMAT csv)`.readable();
source.on("data", (chunk) => (text += chunk.toString("latin1")));
await finished(source);
say("copy out", [text.length, text.slice(-40)]);

const heard = [];
const both = new Promise((done) =>
  sql
    .listen("news", (payload) => heard.push(payload) === 2 && done())
    .then(async () => {
      await sql.notify("news", "first");
      await sql`SELECT pg_notify(${"news"}, ${"zweite ü"})`;
    }),
);
await both;
say("heard", heard);

// What is cancelled has to be under way: the first row is here when the second is sent, while the third is made. On a connection of its
// own: PostgreSQL signals twice, and the driver does not wait for the second, which may meet what comes next.
const sleeper = postgres({ ...options });
const sleeping = sleeper`SELECT repeat('x', 20000), CASE i WHEN 3 THEN pg_sleep(60)::text END FROM (VALUES (1), (2), (3)) v (i)`;
await fails("cancelled", () => sleeping.forEach(() => sleeping.cancel()));
await sleeper.end();
await sql`SET statement_timeout = 200`;
await fails("statement_timeout", () => sql`SELECT pg_sleep(60)`);
await sql`RESET statement_timeout`;
await sql`SET timezone = 'Europe/Berlin'`;
for (let i = 0; i < 5; i++) say("settings", [await one(sql`SHOW timezone`), await one(sql`SELECT ${new Date(0)}::timestamptz::text AS t`)]);
await sql.end();

const pool = postgres({ ...options, max: 4, prepare: false, fetch_types: false });
say(
  "pool, not prepared",
  (await Promise.all(Array.from({ length: 60 }, (_, i) => pool`SELECT title FROM books WHERE id = ${1 + (i % 30)}`))).map(
    (r) => r[0].title,
  ),
);
await pool.end();
