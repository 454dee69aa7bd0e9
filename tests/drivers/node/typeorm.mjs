// TypeORM: entities with relations, query builders, upsert, version columns, subscribers of streams, nested transactions.

import typeorm from "typeorm";
import { empty, fails, sample, say, version } from "./transcript.mjs";

const { DataSource, EntitySchema, In, LessThan, Like, MoreThanOrEqual, Raw } = typeorm;
const id = { type: "bigint", primary: true, generated: "increment" };
const text = { type: "text" };
const Author = new EntitySchema({
  name: "Author",
  tableName: "authors",
  columns: { id, email: text, name: text, born: { type: "date", nullable: true }, version: { type: "int", version: true } },
  relations: { books: { type: "one-to-many", target: "Book", inverseSide: "author", cascade: true } },
});
const Book = new EntitySchema({
  name: "Book",
  tableName: "books",
  columns: {
    id,
    title: text,
    price: { type: "numeric", precision: 8, scale: 2, nullable: true },
    published: { type: "date", nullable: true },
    tags: { type: "text", array: true, default: "{}" },
    in_print: { type: "boolean", default: true },
  },
  relations: { author: { type: "many-to-one", target: "Author", joinColumn: { name: "author_id" }, inverseSide: "books" } },
});
const Stock = new EntitySchema({
  name: "Stock",
  tableName: "stock",
  columns: { sku: { ...text, primary: true }, quantity: { type: "int" } },
});
const Document = new EntitySchema({
  name: "Document",
  tableName: "documents",
  columns: { id: { type: "uuid", primary: true }, title: text, version: { type: "int", default: 1 } },
});
const Reading = new EntitySchema({
  name: "Reading",
  tableName: "readings",
  columns: { id: { type: "int", primary: true }, value: { type: "double precision" }, note: { ...text, nullable: true } },
});
const types = {
  id: "int",
  small: "smallint",
  big: "bigint",
  amount: "numeric",
  ratio: "double precision",
  words: "text",
  code: "varchar",
  flag: "boolean",
  day: "date",
  hour: "time",
  at: "timestamptz",
  wall: "timestamp",
  uid: "uuid",
  bytes: "bytea",
  doc: "jsonb",
  numbers: "int",
  names: "text",
};
const Sample = new EntitySchema({
  name: "Sample",
  tableName: "samples",
  columns: Object.fromEntries(
    Object.entries(types).map(([name, type]) => [
      name,
      { type, primary: name === "id", nullable: true, array: name === "numbers" || name === "names" },
    ]),
  ),
});

const source = new DataSource({
  type: "postgres",
  host: process.env.PGHOST,
  port: +process.env.PGPORT,
  username: process.env.PGUSER,
  password: process.env.PGPASSWORD,
  database: process.env.PGDATABASE,
  entities: [Author, Book, Stock, Document, Reading, Sample],
  poolSize: 3,
  installExtensions: false,
  applicationName: "typeorm",
});
await source.initialize();
say("driver", version("typeorm"));
const [authors, books, stock, documents, readings] = [Author, Book, Stock, Document, Reading].map((entity) => source.getRepository(entity));

await source.getRepository(Sample).save([{ ...sample, wall: new Date("1999-12-31T23:59:59") }, empty]);
say("types", await source.getRepository(Sample).find({ where: { id: MoreThanOrEqual(1000) }, order: { id: "ASC" } }));
const author = await authors.save({
  email: "new@x",
  name: "Néw",
  born: "1980-01-01",
  books: Array.from({ length: 5 }, (_, i) => ({ title: `Title ${i}`, price: 9.99, tags: ["a", "b,c"] })),
});
say("saved", [author.id > 1000, author.version, author.books.every((b) => b.id > 1000 && b.in_print)]);
const shape = (rows) => rows.map((a) => [a.email, a.version, a.books.map((b) => [b.title, b.price, b.tags])]);
for (const relationLoadStrategy of ["join", "query"]) {
  say(
    "eager",
    shape(await authors.find({ relations: { books: true }, order: { email: "ASC", books: { title: "ASC" } }, relationLoadStrategy })),
  );
}
say(
  "where in a relation",
  (await books.find({ where: { author: { name: Like("%.2") }, price: LessThan(30) }, order: { id: "ASC" } })).map((b) => b.title),
);
for (let page = 0; page < 3; page++) {
  const [rows, count] = await books.findAndCount({
    relations: { author: true },
    where: { id: LessThan(1000) },
    order: { title: "DESC" },
    take: 4,
    skip: 4 * page,
  });
  say("page", [count, rows.map((b) => [b.title, b.author.name])]);
}
say(
  "skip and take with joins",
  shape(
    await authors
      .createQueryBuilder("a")
      .leftJoinAndSelect("a.books", "b", "b.price < :price", { price: 20 })
      .orderBy("a.email")
      .addOrderBy("b.title")
      .skip(1)
      .take(2)
      .getMany(),
  ),
);
say(
  "aggregate",
  await authors
    .createQueryBuilder("a")
    .leftJoin("a.books", "b")
    .select("a.name", "name")
    .addSelect("count(b.id)", "n")
    .addSelect("sum(b.price)", "total")
    .groupBy("a.id")
    .addGroupBy("a.name")
    .having("count(b.id) >= :n", { n: 0 })
    .orderBy("name")
    .getRawMany(),
);
say(
  "subquery",
  await books
    .createQueryBuilder("b")
    .select("b.title")
    .where((q) => "b.price = " + q.subQuery().select("max(x.price)").from(Book, "x").where("x.author = b.author").getQuery())
    .orderBy("b.title")
    .getMany(),
);
say(
  "cte",
  await books
    .createQueryBuilder("b")
    .addCommonTableExpression(
      source
        .createQueryBuilder()
        .select("x.author_id", "author_id")
        .addSelect("avg(x.price)", "mean")
        .from(Book, "x")
        .groupBy("x.author_id"),
      "means",
    )
    .innerJoin("means", "means", "means.author_id = b.author_id")
    .select("b.title", "title")
    .where("b.price > means.mean AND b.id < 1000")
    .orderBy("b.title")
    .getRawMany(),
);
say("counts", [
  await books.count(),
  await books.countBy({ id: In([1, 2, 99]) }),
  await books.sum("price", { id: LessThan(10) }),
  await books.maximum("price"),
  await books.exists({ where: { title: Raw((alias) => `${alias} ILIKE :x`, { x: "%TITLE%" }) } }),
]);
const document = (await documents.find({ order: { id: "ASC" } }))[0];
for (let i = 0; i < 2; i++) {
  await documents.upsert([{ id: document.id, title: "up " + i, version: 7 + i }], ["id"]);
  say("upsert", await documents.findOneBy({ id: document.id }).then((d) => [d.title, d.version]));
}
say(
  "or nothing",
  (
    await stock
      .createQueryBuilder()
      .insert()
      .values([
        { sku: "sku1", quantity: 0 },
        { sku: "skuN", quantity: 3 },
      ])
      .orIgnore()
      .execute()
  ).raw.length,
);
say("update", [
  (await authors.update({ id: 5 }, { name: "Renamed" })).affected,
  (await stock.increment({ sku: "sku1" }, "quantity", 5)).affected,
  (await books.delete({ id: 30 })).affected,
  (await books.createQueryBuilder().update().set({ in_print: false }).where("author_id = 2").returning(["title", "in_print"]).execute())
    .raw,
]);
const mine = await authors.findOneBy({ id: 1 });
await authors.save({ ...(await authors.findOneBy({ id: 1 })), name: "Theirs" });
await fails("optimistic", () => source.manager.findOne(Author, { where: { id: 1 }, lock: { mode: "optimistic", version: mine.version } }));

await source
  .transaction(async (manager) => {
    await manager.update(Author, { id: 2 }, { name: "gone" });
    throw new Error("given up");
  })
  .catch((error) => say("rolled back", error.message));
await source.transaction("REPEATABLE READ", async (manager) => {
  say("for update", (await manager.findOne(Author, { where: { id: 2 }, lock: { mode: "pessimistic_write" } })).name);
  await manager.update(Author, { id: 2 }, { name: "kept" });
  await fails("savepoint", () =>
    manager.transaction((inner) => inner.query("INSERT INTO authors (id, email, name) VALUES ($1, 'twice', 'x')", [1])),
  );
  say("inside", [(await manager.findOneBy(Author, { id: 2 })).name, await manager.query("SHOW transaction_isolation")]);
});
say(
  "committed",
  (await authors.find({ order: { email: "ASC" } })).map((a) => [a.name, a.version]),
);
await readings.insert(Array.from({ length: 1500 }, (_, i) => ({ id: 10000 + i, value: i / 4 })));
say("many", [await readings.countBy({ id: MoreThanOrEqual(10000) }), await readings.sum("value", { id: MoreThanOrEqual(10000) })]);
await readings.save(
  Array.from({ length: 250 }, (_, i) => ({ id: 20000 + i, value: i, note: "n" })),
  { chunk: 100 },
);
for (const [step, doing] of [
  [
    "check",
    () =>
      books.update({}, { price: -1 }).catch((e) => {
        if (e.code) throw e;
        return books.createQueryBuilder().update().set({ price: -1 }).execute();
      }),
  ],
  ["syntax", () => source.query("SELEC $1", [1])],
  ["foreign key", () => books.insert({ title: "x", author: { id: 77 } })],
]) {
  await fails(step, doing);
  say("and on", await books.count());
}
say(
  "at once",
  (
    await Promise.all(Array.from({ length: 40 }, (_, i) => books.findOne({ where: { id: 1 + (i % 29) }, relations: { author: true } })))
  ).map((b) => [b.title, b.author.email]),
);
await source.destroy();
