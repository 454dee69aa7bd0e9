# Sequelize: everything inlined and quoted, nested subqueries for includes with limits.
SELECT "id", "customer_id", "status", "placed_on" FROM "orders" AS "order" WHERE "order"."id" = 1;
SELECT "id", "status" FROM "orders" AS "order" WHERE ("order"."status" = 'open' OR "order"."status" = 'paid') AND "order"."placed_on" >= '2024-02-01' ORDER BY "order"."id" ASC LIMIT 5;
SELECT count(*) AS "count" FROM "orders" AS "order";
SELECT count("order"."id") AS "count" FROM "orders" AS "order" INNER JOIN "customers" AS "customer" ON "order"."customer_id" = "customer"."id" AND "customer"."country" = 'DE';
SELECT "order"."id", "order"."status", "customer"."id" AS "customer.id", "customer"."name" AS "customer.name" FROM "orders" AS "order" LEFT OUTER JOIN "customers" AS "customer" ON "order"."customer_id" = "customer"."id";
SELECT "customer".*, "orders"."id" AS "orders.id", "orders"."status" AS "orders.status" FROM (SELECT "customer"."id", "customer"."name" FROM "customers" AS "customer" ORDER BY "customer"."id" LIMIT 3) AS "customer" LEFT OUTER JOIN "orders" AS "orders" ON "customer"."id" = "orders"."customer_id" ORDER BY "customer"."id";
SELECT "customer"."id" FROM "customers" AS "customer" WHERE ( SELECT "customer_id" FROM "orders" AS "orders" WHERE ("orders"."status" = 'open' AND "orders"."customer_id" = "customer"."id") LIMIT 1 ) IS NOT NULL ORDER BY "customer"."id" LIMIT 4;
SELECT "status", count("id") AS "n", sum("customer_id") AS "s" FROM "orders" AS "order" GROUP BY "status" ORDER BY "n" DESC, "status";
SELECT max("placed_on") AS "max" FROM "orders" AS "order";
SELECT "id" FROM "products" AS "product" WHERE "product"."tags" @> ARRAY['a']::TEXT[];
SELECT "id" FROM "products" AS "product" WHERE "product"."tags" && ARRAY['a','b']::TEXT[] AND "product"."price" > 5;
SELECT "id" FROM "products" AS "product" WHERE CAST(("product"."attributes"#>>'{weight}') AS DOUBLE PRECISION) > 2;
SELECT "id" FROM "products" AS "product" WHERE "product"."name" ILIKE '%rope%' AND "product"."name" NOT LIKE 'X%';
SELECT "id" FROM "users" AS "user" WHERE "user"."email" ~* 'USER[12]';
SELECT "id" FROM "orders" AS "order" WHERE "order"."customer_id" IN (SELECT id FROM customers WHERE country = 'FR');
SELECT "id" FROM "orders" AS "order" WHERE "order"."id" BETWEEN 2 AND 6 AND "order"."status" NOT IN ('lost');
SELECT "id" FROM "orders" AS "order" WHERE "order"."note" IS NOT NULL ORDER BY "order"."placed_on" DESC NULLS LAST, "order"."id";
INSERT INTO "customers" ("id","name","country") VALUES (DEFAULT,'S','DE') RETURNING "id","name","country";
INSERT INTO "customers" ("id","name","country") VALUES (DEFAULT,$1,$2) RETURNING "id","name","country"; --$ ["S", "DE"]
INSERT INTO "users" ("id","email","role") VALUES (DEFAULT,'s1@acme.example','member'),(DEFAULT,'s2@acme.example','member') RETURNING "id","email";
INSERT INTO "users" ("id","email","role") VALUES (DEFAULT,'user1@acme.example','member') ON CONFLICT ("org_id","email") DO UPDATE SET "role"=EXCLUDED."role" RETURNING "id";
UPDATE "orders" SET "status"=$1,"note"=$2 WHERE "id" = $3 --$ ["paid", "x", "1"]
UPDATE "orders" SET "status"=$1 WHERE "customer_id" = $2 RETURNING "id","status" --$ ["paid", "2"]
UPDATE "customers" SET "credit"="credit"+ 5 WHERE "id" = 1 RETURNING *
DELETE FROM "orders" WHERE "id" IN (SELECT "id" FROM "orders" WHERE "id" = 1 LIMIT 1)
DELETE FROM "order_items" WHERE "order_id" = 1 AND "line_no" = 1
START TRANSACTION;
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ;
SHOW SERVER_VERSION;
SELECT 1+1 AS result
SET client_min_messages TO warning
TRUNCATE "invoices"
SET TIME ZONE INTERVAL '+00:00' HOUR TO MINUTE
