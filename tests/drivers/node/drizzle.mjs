// Drizzle on node-postgres and on postgres.js: relational queries with lateral joins, prepared statements, upsert, transactions.

import { and, asc, avg, count, desc, eq, exists, gt, gte, inArray, lt, max, relations, sql, sum } from "drizzle-orm";
import { drizzle as onNodePostgres } from "drizzle-orm/node-postgres";
import { drizzle as onPostgres } from "drizzle-orm/postgres-js";
import {
  alias,
  bigint,
  boolean,
  date,
  doublePrecision,
  integer,
  jsonb,
  numeric,
  pgTable,
  smallint,
  text,
  time,
  timestamp,
  union,
  uuid,
  varchar,
} from "drizzle-orm/pg-core";
import pg from "pg";
import postgres from "postgres";
import { fails, sample, say, version } from "./transcript.mjs";

const id = () => bigint("id", { mode: "number" }).primaryKey().generatedByDefaultAsIdentity();
const authors = pgTable("authors", {
  id: id(),
  email: text("email").notNull(),
  name: text("name").notNull(),
  born: date("born"),
  version: integer("version").notNull().default(1),
});
const books = pgTable("books", {
  id: id(),
  authorId: bigint("author_id", { mode: "number" }).notNull(),
  title: text("title").notNull(),
  price: numeric("price", { precision: 8, scale: 2 }),
  published: date("published"),
  tags: text("tags").array().notNull().default([]),
  inPrint: boolean("in_print").notNull().default(true),
});
const stock = pgTable("stock", { sku: text("sku").primaryKey(), quantity: integer("quantity").notNull() });
const documents = pgTable("documents", {
  id: uuid("id").primaryKey(),
  title: text("title").notNull(),
  version: integer("version").notNull().default(1),
});
const readings = pgTable("readings", { id: integer("id").primaryKey(), value: doublePrecision("value").notNull(), note: text("note") });
const samples = pgTable("samples", {
  id: integer("id").primaryKey(),
  small: smallint("small"),
  big: bigint("big", { mode: "bigint" }),
  amount: numeric("amount"),
  ratio: doublePrecision("ratio"),
  words: text("words"),
  code: varchar("code", { length: 20 }),
  flag: boolean("flag"),
  day: date("day"),
  hour: time("hour"),
  at: timestamp("at", { withTimezone: true }),
  wall: timestamp("wall", { mode: "string" }),
  uid: uuid("uid"),
  doc: jsonb("doc"),
  names: text("names").array(),
});
const authorsRelations = relations(authors, ({ many }) => ({ books: many(books) }));
const booksRelations = relations(books, ({ one }) => ({ author: one(authors, { fields: [books.authorId], references: [authors.id] }) }));
const schema = { authors, books, stock, documents, readings, samples, authorsRelations, booksRelations };

async function walk(db, base) {
  const { bytes, numbers, ...row } = sample;
  await db.insert(samples).values([{ ...row, id: base, big: BigInt(sample.big), names: ["plain", "with, comma"] }, { id: base + 1 }]);
  say("types", await db.select().from(samples).where(gte(samples.id, base)).orderBy(samples.id));
  const [author] = await db
    .insert(authors)
    .values({ email: `new${base}@x`, name: "Néw", born: "1980-01-01" })
    .returning();
  const made = await db
    .insert(books)
    .values(Array.from({ length: 5 }, (_, i) => ({ authorId: author.id, title: `Title ${i}`, price: "9.99", tags: ["a", "b,c"] })))
    .returning({ title: books.title, tags: books.tags, inPrint: books.inPrint });
  say("returning", [author.id > 1000, author.version, made]);
  say(
    "relational",
    await db.query.authors.findMany({
      columns: { email: true },
      with: {
        books: { columns: { title: true, price: true }, orderBy: [asc(books.title)], limit: 3, where: (b, { lt }) => lt(b.price, "30") },
      },
      orderBy: [asc(authors.email)],
    }),
  );
  say(
    "first",
    await db.query.books.findFirst({
      where: eq(books.id, 7),
      with: { author: { columns: { name: true }, extras: { loud: sql`upper(${authors.name})`.as("loud") } } },
    }),
  );
  say(
    "join",
    await db
      .select({ title: books.title, name: authors.name })
      .from(books)
      .innerJoin(authors, eq(authors.id, books.authorId))
      .where(lt(books.id, 9))
      .orderBy(books.id),
  );
  const other = alias(books, "other");
  say(
    "self join",
    await db
      .select({ a: books.title, b: other.title })
      .from(books)
      .leftJoin(other, and(eq(other.authorId, books.authorId), eq(other.id, sql`${books.id} + 4`)))
      .where(lt(books.id, 9))
      .orderBy(books.id),
  );
  for (let page = 0; page < 3; page++)
    say(
      "page",
      await db
        .select({ title: books.title, all: sql`count(*) over ()` })
        .from(books)
        .where(lt(books.id, 1000))
        .orderBy(desc(books.title))
        .limit(4)
        .offset(4 * page),
    );
  say(
    "aggregate",
    await db
      .select({ name: authors.name, n: count(books.id), total: sum(books.price), last: max(books.published) })
      .from(authors)
      .leftJoin(books, eq(books.authorId, authors.id))
      .groupBy(authors.id, authors.name)
      .having(({ n }) => gte(n, 0))
      .orderBy(authors.name, authors.id),
  );
  const means = db.$with("means").as(
    db
      .select({ authorId: books.authorId, mean: avg(books.price).as("mean") })
      .from(books)
      .groupBy(books.authorId),
  );
  say(
    "cte",
    await db
      .with(means)
      .select({ title: books.title })
      .from(books)
      .innerJoin(means, eq(means.authorId, books.authorId))
      .where(and(gt(books.price, means.mean), lt(books.id, 1000)))
      .orderBy(books.title),
  );
  say(
    "exists",
    await db
      .select({ name: authors.name })
      .from(authors)
      .where(exists(db.select().from(books).where(eq(books.authorId, authors.id))))
      .orderBy(authors.name, authors.id),
  );
  say(
    "union",
    await union(
      db.select({ x: books.title }).from(books).where(lt(books.id, 3)),
      db.select({ x: authors.name }).from(authors).where(lt(authors.id, 3)),
    ).orderBy(sql`title`),
  );
  const prepared = db
    .select({ title: books.title })
    .from(books)
    .where(eq(books.id, sql.placeholder("id")))
    .prepare(`one_${base}`);
  for (let i = 1; i < 8; i++) say("prepared", await prepared.execute({ id: i }));
  const [document] = await db.select().from(documents).orderBy(documents.id).limit(1);
  for (let i = 0; i < 2; i++) {
    say(
      "upsert",
      await db
        .insert(documents)
        .values({ id: document.id, title: "up" })
        .onConflictDoUpdate({ target: documents.id, set: { title: `up ${i}`, version: sql`${documents.version} + 1` } })
        .returning({ title: documents.title, version: documents.version }),
    );
  }
  say(
    "or nothing",
    await db
      .insert(stock)
      .values([
        { sku: "sku1", quantity: 0 },
        { sku: `sku${base}`, quantity: 3 },
      ])
      .onConflictDoNothing()
      .returning(),
  );
  say("update", [
    await db
      .update(authors)
      .set({ name: "Renamed", version: sql`${authors.version} + 1` })
      .where(and(eq(authors.id, 5), eq(authors.version, 1)))
      .returning({ version: authors.version }),
    await db
      .delete(books)
      .where(inArray(books.id, [29, 30]))
      .returning({ title: books.title }),
  ]);
  await db
    .transaction(async (t) => {
      await t.update(authors).set({ name: "gone" }).where(eq(authors.id, 2));
      t.rollback();
    })
    .catch((error) => say("rolled back", error.message));
  await db.transaction(
    async (t) => {
      say("for update", await t.select({ name: authors.name }).from(authors).where(eq(authors.id, 2)).for("update"));
      await t
        .update(authors)
        .set({ name: `kept ${base}` })
        .where(eq(authors.id, 2));
      await fails("savepoint", () => t.transaction((s) => s.insert(authors).values({ id: 1, email: "twice", name: "x" })));
    },
    { isolationLevel: "repeatable read", accessMode: "read write" },
  );
  say(
    "committed",
    (await db.select().from(authors).orderBy(authors.email)).map((a) => [a.name, a.version]),
  );
  await db.insert(readings).values(Array.from({ length: 1000 }, (_, i) => ({ id: 10 * base + i, value: i / 4 })));
  say(
    "many",
    await db
      .select({ n: count(), s: sum(readings.value) })
      .from(readings)
      .where(gte(readings.id, 10 * base)),
  );
  for (const [step, doing] of [
    ["check", () => db.update(books).set({ price: "-1" })],
    ["syntax", () => db.execute(sql`SELEC ${1}`)],
    ["foreign key", () => db.insert(books).values({ title: "x", authorId: 77 })],
  ]) {
    await fails(step, doing);
    say("and on", await db.$count(books));
  }
  say(
    "at once",
    (
      await Promise.all(
        Array.from({ length: 40 }, (_, i) => db.query.books.findFirst({ where: eq(books.id, 1 + (i % 28)), with: { author: true } })),
      )
    ).map((b) => [b.title, b.author.email]),
  );
}

say("driver", version("drizzle-orm"));
const pool = new pg.Pool({ max: 3 });
await walk(onNodePostgres(pool, { schema }), 1000);
await pool.end();
const client = postgres({ max: 3 });
await walk(onPostgres(client, { schema }), 2000);
await client.end();
