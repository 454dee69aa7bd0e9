// Kysely on node-postgres with pg-cursor: a typed query builder, JSON aggregation, streams, upsert, transactions.

import { Kysely, PostgresDialect, sql } from "kysely";
import { jsonArrayFrom, jsonObjectFrom } from "kysely/helpers/postgres";
import pg from "pg";
import Cursor from "pg-cursor";
import { columns, empty, fails, sample, say, version } from "./transcript.mjs";

const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ max: 3 }), cursor: Cursor }) });
say("driver", version("kysely"));
await db
  .insertInto("samples")
  .values([{ ...sample, doc: JSON.stringify(sample.doc) }, empty])
  .execute();
say("types", await db.selectFrom("samples").select(columns).where("id", ">=", 1000).orderBy("id").execute());
const author = await db
  .insertInto("authors")
  .values({ email: "new@x", name: "Néw" })
  .returning(["id", "version"])
  .executeTakeFirstOrThrow();
say("returning", [
  author.id > 1000,
  author.version,
  await db
    .insertInto("books")
    .values(Array.from({ length: 5 }, (_, i) => ({ author_id: author.id, title: `Title ${i}`, price: 9.99, tags: ["a", "b,c"] })))
    .returning(["title", "tags", "in_print"])
    .execute(),
]);
say(
  "join",
  await db
    .selectFrom("books as b")
    .innerJoin("authors as a", "a.id", "b.author_id")
    .leftJoin("readings as r", (j) => j.onRef("r.id", "=", "b.id").on("r.value", ">", 1))
    .select(["b.title", "a.name", "r.value"])
    .where("b.id", "<", 12)
    .orderBy("b.id")
    .execute(),
);
say(
  "nested",
  await db
    .selectFrom("authors as a")
    .select((e) => [
      "a.email",
      jsonArrayFrom(
        e.selectFrom("books as b").select(["b.title", "b.price"]).whereRef("b.author_id", "=", "a.id").orderBy("b.title").limit(3),
      ).as("books"),
      jsonObjectFrom(
        e.selectFrom("books as b").select("b.title").whereRef("b.author_id", "=", "a.id").orderBy("b.price", "desc").limit(1),
      ).as("dearest"),
    ])
    .orderBy("a.email")
    .execute(),
);
for (let page = 0; page < 3; page++)
  say(
    "page",
    await db
      .selectFrom("books")
      .select("title")
      .where("id", "<", 1000)
      .orderBy("title", "desc")
      .limit(4)
      .offset(4 * page)
      .execute(),
  );
say(
  "aggregate",
  await db
    .selectFrom("authors as a")
    .leftJoin("books as b", "b.author_id", "a.id")
    .select((e) => [
      "a.name",
      e.fn.count("b.id").as("n"),
      e.fn.sum("b.price").as("total"),
      e.fn.agg("array_agg", ["b.title"]).orderBy("b.title").as("titles"),
    ])
    .groupBy(["a.id", "a.name"])
    .having((e) => e.fn.count("b.id"), ">=", 0)
    .orderBy("a.name")
    .execute(),
);
say(
  "cte",
  await db
    .with("means", (d) =>
      d
        .selectFrom("books")
        .select((e) => ["author_id", e.fn.avg("price").as("mean")])
        .groupBy("author_id"),
    )
    .selectFrom("books")
    .innerJoin("means", "means.author_id", "books.author_id")
    .select("title")
    .whereRef("price", ">", "mean")
    .where("id", "<", 1000)
    .orderBy("title")
    .execute(),
);
say(
  "recursive",
  await db
    .withRecursive("steps(n)", (d) =>
      d
        .selectFrom("books")
        .select("id as n")
        .where("id", "=", 1)
        .unionAll(
          d
            .selectFrom("steps")
            .innerJoin("books", (j) => j.on("books.id", "=", sql`steps.n + 7`))
            .select("books.id as n"),
        ),
    )
    .selectFrom("steps")
    .select("n")
    .execute(),
);
say(
  "lateral",
  await db
    .selectFrom("authors as a")
    .innerJoinLateral(
      (e) =>
        e.selectFrom("books as b").select("b.title").whereRef("b.author_id", "=", "a.id").orderBy("b.price", "desc").limit(1).as("top"),
      (j) => j.onTrue(),
    )
    .select(["a.name", "top.title"])
    .orderBy("a.name")
    .execute(),
);
say(
  "window",
  await db
    .selectFrom("books")
    .select((e) => [
      "title",
      e.fn
        .agg("row_number")
        .over((o) => o.partitionBy("author_id").orderBy("price", "desc"))
        .as("n"),
    ])
    .where("id", "<", 9)
    .orderBy("title")
    .execute(),
);
say(
  "case",
  await db
    .selectFrom("books")
    .select((e) => e.case().when("price", ">", 20).then("big").else("small").end().as("size"))
    .where((e) =>
      e.or([
        e("id", "in", [1, 2]),
        e.not(e.exists(e.selectFrom("authors").select("id").whereRef("authors.id", "=", "author_id").where("id", "<", 99))),
      ]),
    )
    .execute(),
);
const { id } = await db.selectFrom("documents").select("id").orderBy("id").executeTakeFirst();
for (let i = 0; i < 2; i++) {
  say(
    "upsert",
    await db
      .insertInto("documents")
      .values({ id, title: "up" })
      .onConflict((c) => c.column("id").doUpdateSet((e) => ({ title: e.ref("excluded.title"), version: sql`documents.version + 1` })))
      .returning(["title", "version"])
      .execute(),
  );
}
say(
  "upsert by constraint",
  await db
    .insertInto("stock")
    .values([
      { sku: "sku1", quantity: 5 },
      { sku: "skuN", quantity: 1 },
    ])
    .onConflict((c) => c.constraint("stock_pkey").doUpdateSet({ quantity: sql`stock.quantity + excluded.quantity` }))
    .returning(["sku", "quantity"])
    .execute(),
);
say("merge", [
  String(
    (
      await db
        .mergeInto("stock as s")
        .using("books as b", (j) => j.on(sql`s.sku = 'sku' || b.id`))
        .whenMatched()
        .thenUpdateSet({ quantity: sql`b.id` })
        .whenNotMatchedAnd("b.id", "<", 8)
        .thenInsertValues({ sku: sql`'merged' || b.id`, quantity: 0 })
        .executeTakeFirst()
    ).numChangedRows,
  ),
  await db.selectFrom("stock").select(["sku", "quantity"]).orderBy("sku").execute(),
]);
say("update", [
  await db
    .updateTable("authors")
    .set((e) => ({ name: "Renamed", version: e("version", "+", 1) }))
    .where("id", "=", 5)
    .where("version", "=", 1)
    .returning("version")
    .execute(),
  String(
    (await db.updateTable("authors").set({ name: "Lost" }).where("id", "=", 5).where("version", "=", 1).executeTakeFirst()).numUpdatedRows,
  ),
  await db
    .updateTable("books as b")
    .from("authors as a")
    .set((e) => ({ title: sql`b.title || ' by ' || a.name` }))
    .whereRef("a.id", "=", "b.author_id")
    .where("a.id", "=", 2)
    .returning("b.title")
    .execute(),
  await db
    .deleteFrom("books")
    .using("authors")
    .whereRef("authors.id", "=", "books.author_id")
    .where("books.id", ">", 28)
    .where("books.id", "<", 1000)
    .returning("title")
    .execute(),
]);
await db
  .transaction()
  .execute(async (t) => {
    await t.updateTable("authors").set({ name: "gone" }).where("id", "=", 1).execute();
    throw new Error("given up");
  })
  .catch((error) => say("rolled back", error.message));
await db
  .transaction()
  .setIsolationLevel("repeatable read")
  .execute(async (t) => {
    say("for update", await t.selectFrom("authors").select("name").where("id", "=", 2).forUpdate().execute());
    await sql`SAVEPOINT one`.execute(t);
    await fails("savepoint", () => t.insertInto("authors").values({ id: 1, email: "twice", name: "x" }).execute());
    await sql`ROLLBACK TO one`.execute(t);
    await t.updateTable("authors").set({ name: "kept" }).where("id", "=", 2).execute();
  });
say("committed", await db.selectFrom("authors").select("name").orderBy("email").execute());
await db
  .insertInto("readings")
  .columns(["id", "value", "note"])
  .expression(
    db
      .selectFrom("readings")
      .select([sql`id + 10000`.as("id"), "value", "note"])
      .where("id", "<=", 700),
  )
  .execute();
let rows = 0,
  total = 0;
for await (const row of db.selectFrom("readings").select(["id", "value"]).orderBy("id").stream(100)) {
  rows++;
  total += row.value;
}
say("stream", [rows, total]);
for await (const row of db.selectFrom("readings").select("id").orderBy("id").stream(10)) if (row.id >= 15) break;
for (const [step, doing] of [
  ["check", () => db.updateTable("books").set({ price: -1 }).execute()],
  ["syntax", () => sql`SELEC ${1}`.execute(db)],
  ["column", () => db.selectFrom("books").select("nothing").execute()],
]) {
  await fails(step, doing);
  say(
    "and on",
    await db
      .selectFrom("books")
      .select((e) => e.fn.countAll().as("n"))
      .execute(),
  );
}
say(
  "at once",
  (
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        db
          .selectFrom("books")
          .select("title")
          .where("id", "=", 1 + (i % 28))
          .execute(),
      ),
    )
  ).map((r) => r[0].title),
);
say(
  "tables",
  (await db.introspection.getTables()).map((t) => [t.name, t.columns.map((c) => c.name).filter((name) => name !== "org" + "_id")]),
);
await db.destroy();
