// Sequelize: models with relations, eager loading, hooks, upsert, optimistic locking, managed transactions.

import { DataTypes, Op, Sequelize, Transaction, fn, col, literal } from "sequelize";
import { empty, fails, sample, say, version } from "./transcript.mjs";

const sequelize = new Sequelize({
  dialect: "postgres",
  host: process.env.PGHOST,
  port: process.env.PGPORT,
  username: process.env.PGUSER,
  password: process.env.PGPASSWORD,
  database: process.env.PGDATABASE,
  logging: false,
  pool: { max: 3 },
  define: { timestamps: false, freezeTableName: true },
});
say("driver", version("sequelize"));
const { ARRAY, BIGINT, BLOB, BOOLEAN, DATE, DATEONLY, DECIMAL, DOUBLE, INTEGER, JSONB, SMALLINT, STRING, TEXT, TIME, UUID } = DataTypes;
const Author = sequelize.define(
  "authors",
  { id: { type: BIGINT, primaryKey: true, autoIncrement: true }, email: { type: TEXT, allowNull: false }, name: TEXT, born: DATEONLY },
  { version: "version" },
);
const Book = sequelize.define("books", {
  id: { type: BIGINT, primaryKey: true, autoIncrement: true },
  title: TEXT,
  price: DECIMAL(8, 2),
  published: DATEONLY,
  tags: { type: ARRAY(TEXT), defaultValue: [] },
  in_print: { type: BOOLEAN, defaultValue: true },
});
Author.hasMany(Book, { foreignKey: "author_id" });
Book.belongsTo(Author, { foreignKey: "author_id" });
const Stock = sequelize.define("stock", { sku: { type: TEXT, primaryKey: true }, quantity: INTEGER });
const Document = sequelize.define("documents", { id: { type: UUID, primaryKey: true }, title: TEXT, version: INTEGER });
const Reading = sequelize.define("readings", { id: { type: INTEGER, primaryKey: true }, value: DOUBLE, note: TEXT });
const Sample = sequelize.define("samples", {
  id: { type: INTEGER, primaryKey: true },
  small: SMALLINT,
  big: BIGINT,
  amount: DECIMAL(20, 6),
  ratio: DOUBLE,
  words: TEXT,
  code: STRING(20),
  flag: BOOLEAN,
  day: DATEONLY,
  hour: TIME,
  at: DATE,
  uid: UUID,
  bytes: BLOB,
  doc: JSONB,
  numbers: ARRAY(INTEGER),
  names: ARRAY(TEXT),
});
const json = (rows) => JSON.parse(JSON.stringify(rows));

await sequelize.authenticate();
const { wall, ...without } = sample;
const { wall: _, ...emptyWithout } = empty;
await Sample.bulkCreate([without, emptyWithout]);
say("types", json(await Sample.findAll({ where: { id: { [Op.gte]: 1000 } }, order: ["id"] })));
say("json", json(await Sample.findAll({ attributes: ["id"], where: { doc: { b: { c: true } }, numbers: { [Op.contains]: [1] } } })));

const author = await Author.create(
  { email: "new@x", name: "Néw", books: Array.from({ length: 5 }, (_, i) => ({ title: `Title ${i}`, price: 9.99, tags: ["a", "b,c"] })) },
  { include: Book },
);
say("created", [author.id > 1000, author.books.every((b) => b.author_id === author.id && b.in_print), author.version]);
const shape = (rows) => json(rows).map((a) => [a.email, a.books.map((b) => [b.title, b.price, b.tags])]);
say(
  "eager",
  shape(
    await Author.findAll({
      include: [{ model: Book, required: false, where: { price: { [Op.lt]: 20 } } }],
      order: ["email", [Book, "title", "ASC"]],
    }),
  ),
);
say(
  "separate",
  shape(await Author.findAll({ include: [{ model: Book, separate: true, order: ["title"], limit: 2 }], order: ["email"], limit: 3 })),
);
say("lazy", (await (await Book.findByPk(7)).getAuthor()).name);
for (let page = 0; page < 3; page++) {
  const { count, rows } = await Book.findAndCountAll({
    include: { model: Author, where: { id: { [Op.lt]: 4 } } },
    order: [["title", "DESC"]],
    limit: 4,
    offset: 4 * page,
  });
  say("page", [count, rows.map((b) => [b.title, b.author.name])]);
}
say(
  "aggregate",
  json(
    await Author.findAll({
      attributes: ["name", [fn("count", col("books.id")), "n"], [fn("sum", col("books.price")), "total"]],
      include: { model: Book, attributes: [] },
      group: ["authors.id", "authors.name"],
      having: literal("count(books.id) >= 0"),
      order: ["name"],
      raw: true,
    }),
  ),
);
say("counts", [
  await Book.count({ where: { id: { [Op.lt]: 1000 } } }),
  await Book.max("price"),
  await Book.sum("price", { where: { author_id: 2 } }),
  await Book.count({ col: "author_id", distinct: true }),
]);
say(
  "operators",
  (
    await Book.findAll({
      where: {
        [Op.or]: [{ title: { [Op.iLike]: "%.1" } }, { price: { [Op.between]: [10, 14] } }, { tags: { [Op.overlap]: ["tag9"] } }],
        id: { [Op.notIn]: [3] },
      },
      order: ["id"],
    })
  ).map((b) => b.title),
);
const document = await Document.findOne({ order: ["id"] });
for (let i = 0; i < 2; i++) {
  const [row] = await Document.upsert({ id: document.id, title: "up", version: 7 + i });
  say("upsert", [row.title, row.version]);
}
// findOrCreate makes a function in pg_temp, which is DDL.
const [found, created] = await Author.findCreateFind({ where: { email: "author1@x" }, defaults: { name: "x" } });
say("findCreateFind", [
  found.name,
  created,
  (await Author.findCreateFind({ where: { email: "author1@x" }, defaults: { name: "y" } }))[0].name,
]);
say("update", [
  await Author.update({ name: "Renamed" }, { where: { id: 5 } }),
  await Stock.increment({ quantity: 5 }, { where: { sku: "sku1" } })
    .then(() => Stock.findByPk("sku1"))
    .then((s) => s.quantity),
  await Book.destroy({ where: { id: 30 } }),
]);
say(
  "bulk",
  (
    await Stock.bulkCreate(
      [
        { sku: "sku1", quantity: 0 },
        { sku: "skuN", quantity: 3 },
      ],
      { ignoreDuplicates: true },
    )
  ).length,
);
const mine = await Author.findByPk(1);
await (await Author.findByPk(1)).update({ name: "Theirs" });
await mine.update({ name: "Mine" }).then(
  () => say("no error"),
  (error) => say("optimistic", error.name),
);

await sequelize
  .transaction(async (transaction) => {
    await Author.update({ name: "gone" }, { where: { id: 2 }, transaction });
    throw new Error("given up");
  })
  .catch((error) => say("rolled back", error.message));
await sequelize.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.REPEATABLE_READ }, async (transaction) => {
  const row = await Author.findByPk(2, { transaction, lock: transaction.LOCK.UPDATE });
  await row.update({ name: "kept" }, { transaction });
  await fails("savepoint", () =>
    sequelize.transaction({ transaction }, (inner) => Author.create({ id: 1, email: "twice", name: "x" }, { transaction: inner })),
  );
  say("inside", (await Author.findByPk(2, { transaction })).name);
});
say(
  "committed",
  (await Author.findAll({ order: ["email"] })).map((a) => a.name),
);
await Reading.bulkCreate(Array.from({ length: 1500 }, (_, i) => ({ id: 10000 + i, value: i / 4 })));
say("many", [
  await Reading.count({ where: { id: { [Op.gte]: 10000 } } }),
  await Reading.sum("value", { where: { id: { [Op.gte]: 10000 } } }),
]);
for (const [step, doing] of [
  ["check", () => Book.update({ price: -1 }, { where: {} })],
  ["syntax", () => sequelize.query("SELEC 1")],
  ["foreign key", () => Book.create({ title: "x", author_id: 77 })],
]) {
  await fails(step, doing);
  say("and on", await Book.count());
}
say(
  "bound",
  (
    await sequelize.query("SELECT title FROM books WHERE author_id = $author AND price > $price ORDER BY id", {
      bind: { author: 2, price: 10 },
    })
  )[0],
);
say(
  "replaced",
  await sequelize.query("SELECT title FROM books WHERE id IN (:ids) ORDER BY id", { replacements: { ids: [1, 2] }, type: "SELECT" }),
);
say(
  "at once",
  (await Promise.all(Array.from({ length: 40 }, (_, i) => Book.findByPk(1 + (i % 29), { include: Author })))).map((b) => [
    b.title,
    b.author.email,
  ]),
);
await sequelize.close();
