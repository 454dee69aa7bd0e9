# What Django's ORM sends: every name quoted, server-side parameters off or on.
SELECT "orders"."org_id", "orders"."id", "orders"."customer_id", "orders"."status", "orders"."placed_on", "orders"."note" FROM "orders" WHERE "orders"."id" = 1 LIMIT 21
SELECT "users"."id", "users"."email", "users"."full_name", "users"."role" FROM "users" WHERE "users"."email" = 'user1@acme.example' LIMIT 21
SELECT (1) AS "a" FROM "users" WHERE "users"."email" = 'user1@acme.example' LIMIT 1
SELECT COUNT(*) AS "__count" FROM "orders"
SELECT COUNT(*) AS "__count" FROM "orders" WHERE "orders"."status" IN ('open', 'paid')
SELECT "orders"."id", "orders"."status" FROM "orders" INNER JOIN "customers" ON ("orders"."customer_id" = "customers"."id") WHERE "customers"."name"::text LIKE '%acme%' ORDER BY "orders"."id" ASC
SELECT "orders"."id", "customers"."id", "customers"."name", "users"."id", "users"."email" FROM "orders" LEFT OUTER JOIN "customers" ON ("orders"."customer_id" = "customers"."id") LEFT OUTER JOIN "users" ON ("customers"."manager_id" = "users"."id") ORDER BY "orders"."id" ASC
SELECT "order_items"."order_id", "order_items"."line_no", "order_items"."quantity" FROM "order_items" WHERE "order_items"."order_id" IN (1, 2, 3, 4, 5)
SELECT "customers"."id", "customers"."name", COUNT("orders"."id") AS "order_count" FROM "customers" LEFT OUTER JOIN "orders" ON ("customers"."id" = "orders"."customer_id") GROUP BY "customers"."id", "customers"."name" HAVING COUNT("orders"."id") > 1 ORDER BY "order_count" DESC, "customers"."id" ASC
SELECT "customers"."id", (SELECT U0."placed_on" FROM "orders" U0 WHERE U0."customer_id" = ("customers"."id") ORDER BY U0."placed_on" DESC, U0."id" DESC LIMIT 1) AS "last_order" FROM "customers"
SELECT "customers"."id" FROM "customers" WHERE EXISTS(SELECT 1 AS "a" FROM "orders" U0 WHERE (U0."customer_id" = ("customers"."id") AND U0."status" = 'open') LIMIT 1)
SELECT "customers"."id" FROM "customers" WHERE NOT (EXISTS(SELECT 1 AS "a" FROM "orders" U1 WHERE (U1."status" = 'lost' AND U1."customer_id" = ("customers"."id")) LIMIT 1))
SELECT "customers"."id" FROM "customers" WHERE "customers"."id" IN (SELECT U0."customer_id" FROM "orders" U0 WHERE U0."status" = 'paid')
SELECT SUM("invoices"."amount") AS "amount__sum", AVG("invoices"."amount") AS "amount__avg", MAX("invoices"."due") AS "due__max" FROM "invoices" WHERE NOT "invoices"."paid"
SELECT CASE WHEN "customers"."credit" > 500 THEN 'big' WHEN "customers"."credit" IS NULL THEN 'none' ELSE 'small' END AS "tier", COUNT("customers"."id") AS "n" FROM "customers" GROUP BY 1
SELECT DISTINCT "orders"."status" FROM "orders" ORDER BY "orders"."status" ASC
SELECT DISTINCT ON ("orders"."customer_id") "orders"."customer_id", "orders"."id" FROM "orders" ORDER BY "orders"."customer_id" ASC, "orders"."id" DESC
SELECT DATE_TRUNC('month', "orders"."placed_on"::timestamp) AS "month", COUNT(*) AS "n" FROM "orders" GROUP BY 1 ORDER BY 1 ASC
SELECT EXTRACT(YEAR FROM "orders"."placed_on") AS "year" FROM "orders" WHERE "orders"."placed_on" BETWEEN '2024-01-01'::date AND '2024-12-31'::date ORDER BY "orders"."id"
SELECT "products"."id" FROM "products" WHERE ("products"."attributes" -> 'weight') = '3'::jsonb
SELECT "products"."id" FROM "products" WHERE "products"."attributes" @> '{"weight": 2}'::jsonb
SELECT "products"."id" FROM "products" WHERE "products"."tags" && ARRAY['a', 'b']::text[]
SELECT "products"."id", UPPER("products"."name") AS "shout" FROM "products" WHERE UPPER("products"."name"::text) LIKE UPPER('%rope%') ORDER BY "products"."price" DESC NULLS LAST, "products"."id"
SELECT "orders"."id", ROW_NUMBER() OVER (PARTITION BY "orders"."customer_id" ORDER BY "orders"."placed_on" ASC, "orders"."id" ASC) AS "n" FROM "orders"
SELECT "col1" FROM (SELECT "orders"."id" AS "col1", RANK() OVER (ORDER BY "orders"."placed_on" DESC) AS "qual0" FROM "orders") "qualify" WHERE "qual0" <= 3
SELECT "users"."full_name" FROM "users" UNION SELECT "customers"."name" FROM "customers" ORDER BY (1) ASC
SELECT COUNT(*) FROM (SELECT "orders"."status" AS "col1", COUNT(*) AS "n" FROM "orders" GROUP BY 1) subquery
SELECT "orders"."id" FROM "orders" WHERE ("orders"."status" = 'open' AND ("orders"."note" IS NOT NULL OR "orders"."customer_id" IS NULL)) ORDER BY "orders"."id" DESC LIMIT 10 OFFSET 5
SELECT "orders"."id" FROM "orders" WHERE "orders"."id" = 3 FOR UPDATE
SELECT "orders"."id" FROM "orders" WHERE "orders"."status" = 'open' ORDER BY "orders"."id" LIMIT 1 FOR UPDATE SKIP LOCKED
SELECT COALESCE("customers"."credit", 0.0) + 10 AS "more" FROM "customers" ORDER BY "customers"."id" ASC
INSERT INTO "customers" ("name", "country", "credit", "manager_id") VALUES ('New', 'DE', 100, NULL) RETURNING "customers"."id"
INSERT INTO "customers" ("org_id", "name", "country") VALUES (1, 'New', 'FR') RETURNING "customers"."id"
INSERT INTO "users" ("email", "full_name", "role") VALUES ('a@acme.example', 'A', 'member'), ('b@acme.example', 'B', 'owner') RETURNING "users"."id"
INSERT INTO "users" ("email", "full_name", "role") VALUES ('user1@acme.example', 'A', 'member') ON CONFLICT DO NOTHING
INSERT INTO "users" ("email", "full_name", "role") VALUES ('user1@acme.example', 'A', 'member') ON CONFLICT("org_id", "email") DO UPDATE SET "full_name" = EXCLUDED."full_name"
UPDATE "orders" SET "status" = 'paid', "note" = 'x' WHERE "orders"."id" = 1
UPDATE "orders" SET "customer_id" = 1, "status" = 'open', "placed_on" = '2024-02-02'::date, "note" = NULL WHERE ("orders"."id" = 2)
UPDATE "customers" SET "credit" = ("customers"."credit" + 10) WHERE "customers"."country" = 'DE'
UPDATE "products" SET "price" = CASE WHEN ("products"."id" = 1) THEN 5 WHEN ("products"."id" = 2) THEN 6 ELSE NULL END WHERE "products"."id" IN (1, 2)
UPDATE "orders" SET "note" = (SELECT U0."name" FROM "customers" U0 WHERE U0."id" = ("orders"."customer_id") LIMIT 1)
UPDATE "invoices" SET "paid" = true WHERE "invoices"."order_id" IN (SELECT U0."id" FROM "orders" U0 WHERE U0."status" = 'paid')
DELETE FROM "order_items" WHERE "order_items"."order_id" IN (1, 2)
DELETE FROM "invoices" WHERE "invoices"."id" IN (SELECT U0."id" FROM "invoices" U0 INNER JOIN "orders" U1 ON (U0."order_id" = U1."id") WHERE U1."status" = 'lost')
SAVEPOINT "s140_x1"
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED
SELECT set_config('TimeZone', 'UTC', false)
SHOW server_version
