// Knex on node-postgres: a query builder with transactions, batches, streams, upsert and a pool.

import Knex from "knex";
import { columns, empty, fails, sample, say, version } from "./transcript.mjs";

const knex = Knex({ client: "pg", connection: {}, pool: { min: 0, max: 3 } });
say("driver", version("knex"));

await knex("samples").insert([{ ...sample, doc: JSON.stringify(sample.doc) }, empty]);
say("types", await knex("samples").select(columns).where("id", ">=", 1000).orderBy("id"));
const [added] = await knex("authors").insert({ email: "new@x", name: "New", born: "1980-01-01" }, ["id", "email", "version"]);
say("insert", [added.id > 1000, added.email, added.version]);
const books = await knex("books")
  .insert(Array.from({ length: 5 }, (_, i) => ({ author_id: added.id, title: `Title ${i}`, price: 9.99, tags: ["a", "b,c"] })))
  .returning(["title", "tags", "in_print"]);
say("insert many", books);
say(
  "join",
  await knex("books as b").join("authors as a", "a.id", "b.author_id").select("b.title", "a.name").where("b.id", "<", 9).orderBy("b.id"),
);
say(
  "left join",
  await knex("authors")
    .leftJoin("books", "books.author_id", "authors.id")
    .select("authors.name")
    .count("books.id as n")
    .sum("price as total")
    .groupBy("authors.id", "authors.name")
    .having(knex.raw("count(books.id) >= ?", [0]))
    .orderBy("authors.name"),
);
for (let page = 0; page < 3; page++)
  say(
    "page",
    await knex("books")
      .select("title")
      .orderBy([{ column: "title", order: "desc" }])
      .limit(4)
      .offset(4 * page),
  );
say(
  "with",
  await knex
    .with("means", knex("books").select("author_id").avg("price as mean").groupBy("author_id"))
    .select("title")
    .from("books")
    .join("means", "means.author_id", "books.author_id")
    .whereRaw("price > mean")
    .andWhere("id", "<", 1000)
    .orderBy("title"),
);
say(
  "exists",
  await knex("authors")
    .whereNotExists(knex("books").select(knex.raw("1")).whereRaw("books.author_id = authors.id"))
    .pluck("name"),
);
say(
  "in",
  await knex("books")
    .whereIn("id", [1, 2, 3])
    .whereIn(
      ["id", "author_id"],
      [
        [1, 2],
        [2, 3],
      ],
    )
    .orWhere("title", "ilike", "%.30")
    .pluck("title"),
);
say(
  "union",
  await knex("books")
    .select("title")
    .where("id", "<", 3)
    .union(knex("authors").select("name").where("id", "<", 3))
    .orderBy("title"),
);
say(
  "window",
  await knex("books")
    .select("title")
    .rank("r", (w) => w.partitionBy("author_id").orderBy("price", "desc"))
    .where("id", "<", 9)
    .orderBy("title"),
);
say("json", await knex("samples").select("id").whereJsonPath("doc", "$.b.c", "=", true).whereNotNull("doc"));
const uuid =
  (
    await knex("documents")
      .min("id::text as id")
      .first()
      .catch(() => null)
  )?.id ?? (await knex("documents").select("id").orderBy("id").first()).id;
for (let i = 0; i < 2; i++) {
  say(
    "upsert",
    await knex("documents")
      .insert({ id: uuid, title: "up" })
      .onConflict("id")
      .merge({ title: "up!", version: knex.raw("documents.version + 1") })
      .returning(["title", "version"]),
  );
}
say("or nothing", (await knex("stock").insert({ sku: "sku1", quantity: 0 }).onConflict().ignore().returning("sku")).length);
say("update", [
  await knex("authors")
    .where({ id: 5, version: 1 })
    .update({ name: "Renamed", version: knex.raw("version + 1") }),
  await knex("authors").where({ id: 5, version: 1 }).update({ name: "Lost" }),
  await knex("stock").where("sku", "sku1").increment("quantity", 5),
  await knex("books").where("id", 30).del(),
]);
say("update returning", await knex("books").where("author_id", 2).update({ in_print: false }, ["title", "in_print"]));

await knex
  .transaction(async (t) => {
    await t("authors").where("id", 1).update({ name: "gone" });
    throw new Error("given up");
  })
  .catch((error) => say("rolled back", error.message));
await knex.transaction(
  async (t) => {
    say("for update", await t("authors").where("id", 2).forUpdate().pluck("name"));
    await t("authors").where("id", 2).update({ name: "kept" });
    await fails("savepoint", () => t.transaction((s) => s("authors").insert({ id: 1, email: "twice", name: "x" })));
    await t.transaction((s) => s("authors").where("id", 3).update({ name: "nested" }));
  },
  { isolationLevel: "repeatable read" },
);
say("committed", await knex("authors").orderBy("email").pluck("name"));
await knex.batchInsert(
  "readings",
  Array.from({ length: 1200 }, (_, i) => ({ id: 10000 + i, value: i / 4 })),
  300,
);
say("batch", await knex("readings").where("id", ">=", 10000).count("* as n").sum("value as s"));
await fails("batch", () =>
  knex.batchInsert(
    "readings",
    [
      { id: 20000, value: 1 },
      { id: 1, value: 1 },
    ],
    1,
  ),
);
say("batch undone", await knex("readings").where("id", ">=", 20000).count("* as n"));
for (const [step, query] of [
  ["check", () => knex("books").update({ price: -1 })],
  ["syntax", () => knex.raw("SELEC ?", [1])],
  ["column", () => knex("books").select("nothing")],
  [
    "timeout",
    () =>
      knex
        .raw("SELECT pg_sleep(60)")
        .timeout(300)
        .catch((e) => {
          throw Object.assign(new Error(e.message), { code: e.name });
        }),
  ],
]) {
  await fails(step, query);
  say("and on", await knex("books").count("* as n"));
}
let sum = 0;
for await (const row of knex("readings").select("id", "value").orderBy("id").stream()) sum += row.value;
say("stream", sum);
say("first", [
  await knex("books").orderBy("id").first("title"),
  await knex("books").max("price as m").first(),
  await knex("books").countDistinct("author_id as n").first(),
]);
say(
  "at once",
  (
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        knex("books")
          .where("id", 1 + (i % 29))
          .first("title"),
      ),
    )
  ).map((r) => r.title),
);
say("tables", await knex.schema.hasTable("books"));
say(
  "columns",
  Object.keys(await knex("stock").columnInfo()).filter((name) => name !== "org" + "_id"),
);
await knex.destroy();
