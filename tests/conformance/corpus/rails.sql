# ActiveRecord: prepared statements with $n, bare LIMIT parameters.
SELECT "orders".* FROM "orders" WHERE "orders"."id" = $1 LIMIT $2 --$ ["1", "1"]
SELECT "orders".* FROM "orders" ORDER BY "orders"."id" ASC LIMIT $1 --$ ["1"]
SELECT "orders".* FROM "orders" ORDER BY "orders"."id" DESC LIMIT $1 OFFSET $2 --$ ["5", "10"]
SELECT 1 AS one FROM "users" WHERE "users"."email" = $1 LIMIT $2 --$ ["user1@acme.example", "1"]
SELECT 1 AS one FROM "users" WHERE "users"."email" = $1 AND "users"."id" != $2 LIMIT $3 --$ ["user1@acme.example", "2", "1"]
SELECT COUNT(*) FROM "orders" WHERE "orders"."customer_id" = $1 --$ ["3"]
SELECT "orders".* FROM "orders" WHERE "orders"."customer_id" IN ($1, $2, $3) --$ ["1", "2", "3"]
SELECT "customers".* FROM "customers" INNER JOIN "orders" ON "orders"."customer_id" = "customers"."id" WHERE "orders"."status" = $1 --$ ["open"]
SELECT DISTINCT "customers".* FROM "customers" LEFT OUTER JOIN "orders" ON "orders"."customer_id" = "customers"."id" WHERE ("orders"."id" IS NULL)
SELECT "orders"."id" AS t0_r0, "orders"."status" AS t0_r1, "customers"."id" AS t1_r0, "customers"."name" AS t1_r1 FROM "orders" LEFT OUTER JOIN "customers" ON "customers"."id" = "orders"."customer_id" WHERE "customers"."country" = $1 --$ ["DE"]
SELECT "orders"."status", COUNT(*) AS "count_all" FROM "orders" GROUP BY "orders"."status"
SELECT COUNT(*) AS count_all, "orders"."status" AS orders_status FROM "orders" GROUP BY "orders"."status" HAVING (COUNT(*) > 2)
SELECT SUM("invoices"."amount") FROM "invoices" WHERE "invoices"."paid" = $1 --$ ["f"]
SELECT "users"."email" FROM "users" WHERE "users"."role" = $1 ORDER BY "users"."email" ASC --$ ["owner"]
SELECT "products".* FROM "products" WHERE "products"."price" BETWEEN $1 AND $2 --$ ["10", "60"]
SELECT "products".* FROM "products" WHERE (name ILIKE '%rope%' OR sku LIKE 'sku-1%')
SELECT "products".* FROM "products" WHERE "products"."tags" @> '{a}'
SELECT "products".* FROM "products" WHERE ('a' = ANY (tags))
SELECT "products".* FROM "products" WHERE (attributes->>'weight' = '3')
SELECT "orders".* FROM "orders" WHERE NOT ("orders"."status" = $1) AND "orders"."placed_on" >= $2 --$ ["lost", "2024-03-01"]
SELECT "orders".* FROM "orders" WHERE ("orders"."status" = $1 OR "orders"."note" IS NULL) --$ ["paid"]
SELECT "orders".* FROM "orders" WHERE "orders"."id" > $1 ORDER BY "orders"."id" ASC LIMIT $2 --$ ["4", "1000"]
SELECT "customers".*, (SELECT COUNT(*) FROM orders WHERE orders.customer_id = customers.id) AS orders_count FROM "customers"
SELECT "customers".* FROM "customers" WHERE "customers"."id" IN (SELECT "orders"."customer_id" FROM "orders" WHERE "orders"."status" = $1) --$ ["open"]
SELECT "orders".* FROM "orders" WHERE "orders"."id" = $1 LIMIT $2 FOR UPDATE --$ ["1", "1"]
SELECT MAX("orders"."placed_on") FROM "orders"
SELECT "orders"."id", "orders"."placed_on" FROM "orders" WHERE (placed_on > CURRENT_DATE - INTERVAL '100 years') ORDER BY 1
SELECT subquery.* FROM (SELECT "orders".* FROM "orders" WHERE "orders"."status" = 'open') subquery WHERE (subquery.customer_id > 2)
WITH "recent" AS (SELECT "orders".* FROM "orders" WHERE "orders"."placed_on" > '2024-05-01') SELECT "customers".* FROM "customers" INNER JOIN "recent" ON recent.customer_id = customers.id
INSERT INTO "customers" ("name", "country", "credit", "manager_id") VALUES ($1, $2, $3, $4) RETURNING "id" --$ ["New", "DE", "10.5", null]
INSERT INTO "orders" ("customer_id", "status", "placed_on", "note") VALUES ($1, $2, $3, $4) RETURNING "id" --$ ["1", "open", "2024-05-05", "x"]
INSERT INTO "orders" DEFAULT VALUES RETURNING "id"
INSERT INTO "users" ("email","full_name","role") VALUES ('x@acme.example', 'X', 'member'), ('y@acme.example', 'Y', 'member') ON CONFLICT  DO NOTHING RETURNING "id"
INSERT INTO "products" ("sku","name","price") VALUES ('sku-1', 'Anvil', 2.5) ON CONFLICT ("org_id","sku") DO UPDATE SET "name"=excluded."name","price"=excluded."price" RETURNING "id"
UPDATE "orders" SET "status" = $1 WHERE "orders"."id" = $2 --$ ["paid", "1"]
UPDATE "orders" SET "status" = $1, "note" = $2 WHERE "orders"."customer_id" = $3 --$ ["paid", null, "2"]
UPDATE "customers" SET "credit" = COALESCE("customers"."credit", 0) + $1 WHERE "customers"."id" = $2 --$ ["1", "1"]
UPDATE "orders" SET "status" = $1 WHERE "orders"."id" IN (SELECT "orders"."id" FROM "orders" INNER JOIN "customers" ON "customers"."id" = "orders"."customer_id" WHERE "customers"."country" = $2) --$ ["lost", "DE"]
DELETE FROM "orders" WHERE "orders"."id" = $1 --$ ["1"]
DELETE FROM "invoices" WHERE "invoices"."paid" = $1 --$ ["t"]
DELETE FROM "order_items" WHERE ("order_items"."order_id", "order_items"."line_no") IN (SELECT "order_items"."order_id", "order_items"."line_no" FROM "order_items" WHERE "order_items"."quantity" > 5)
SET client_min_messages TO 'warning'
SET standard_conforming_strings = on
SET SESSION timezone TO 'UTC'
SET statement_timeout = 30000
SELECT 1
BEGIN ISOLATION LEVEL SERIALIZABLE
SAVEPOINT active_record_1
SELECT t.oid, t.typname FROM pg_type as t WHERE t.typname IN ('int2', 'int4', 'int8', 'oid', 'float4', 'float8', 'numeric', 'bool', 'timestamp', 'timestamptz')
SELECT a.attname, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid), a.attnotnull, a.atttypid, a.atttypmod, c.collname, col_description(a.attrelid, a.attnum) AS comment, attidentity AS identity, attgenerated as attgenerated FROM pg_attribute a LEFT JOIN pg_attrdef d ON a.attrelid = d.adrelid AND a.attnum = d.adnum LEFT JOIN pg_type t ON a.atttypid = t.oid LEFT JOIN pg_collation c ON a.attcollation = c.oid AND a.attcollation <> t.typcollation WHERE a.attrelid = '"orders"'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum --~
SELECT pg_try_advisory_lock(4854577)
