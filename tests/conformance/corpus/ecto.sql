# Ecto: aliases o0, s0; ANY for lists; casts with ::.
SELECT o0."id", o0."status", o0."note" FROM "orders" AS o0 WHERE (o0."id" = $1) --$ ["1"]
SELECT o0."id" FROM "orders" AS o0 WHERE (o0."status" = $1) AND (NOT (o0."note" IS NULL)) ORDER BY o0."id" DESC LIMIT 5 --$ ["open"]
SELECT o0."id" FROM "orders" AS o0 WHERE (o0."id" = ANY($1)) --$ ["{1,2,3}"]
SELECT o0."id", c1."name" FROM "orders" AS o0 INNER JOIN "customers" AS c1 ON c1."id" = o0."customer_id" WHERE (c1."country" = 'DE')
SELECT c0."id", count(o1."id") FROM "customers" AS c0 LEFT OUTER JOIN "orders" AS o1 ON o1."customer_id" = c0."id" GROUP BY c0."id"
SELECT count(*) FROM "orders" AS o0
SELECT coalesce(sum(i0."amount"), 0::decimal) FROM "invoices" AS i0 WHERE (i0."paid" = FALSE)
SELECT TRUE FROM "users" AS u0 WHERE (u0."email" = $1) LIMIT 1 --$ ["user1@acme.example"]
SELECT s0."status", s0."n" FROM (SELECT so0."status" AS "status", count(so0."id") AS "n" FROM "orders" AS so0 GROUP BY so0."status") AS s0 WHERE (s0."n" > 1)
SELECT p0."id" FROM "products" AS p0 WHERE ($1 = ANY(p0."tags")) --$ ["a"]
SELECT p0."id" FROM "products" AS p0 WHERE ((p0."attributes"#>'{"weight"}')::integer = 3)
SELECT u0."id" FROM "users" AS u0 WHERE (u0."email" ILIKE $1) --$ ["%ACME%"]
SELECT o0."id" FROM "orders" AS o0 WHERE (o0."placed_on" > $1::date) --$ ["2024-03-03"]
SELECT o0."id", row_number() OVER "w" FROM "orders" AS o0 WINDOW "w" AS (PARTITION BY o0."status" ORDER BY o0."id")
SELECT o0."id", f1."amount" FROM "orders" AS o0 LEFT OUTER JOIN LATERAL (SELECT si0."amount" AS "amount" FROM "invoices" AS si0 WHERE (si0."order_id" = o0."id") ORDER BY si0."id" LIMIT 1) AS f1 ON TRUE
WITH "late" AS (SELECT si0."id" AS "id" FROM "invoices" AS si0 WHERE (si0."due" < '2024-11-01'::date)) SELECT l0."id" FROM "late" AS l0
SELECT o0."id" FROM "orders" AS o0 WHERE (o0."id" = $1) FOR UPDATE --$ ["1"]
SELECT DISTINCT ON (o0."customer_id") o0."customer_id", o0."id" FROM "orders" AS o0 ORDER BY o0."customer_id", o0."id"
SELECT u0."full_name" FROM "users" AS u0 UNION ALL (SELECT c0."name" FROM "customers" AS c0)
SELECT o0."id" FROM "orders" AS o0 WHERE exists((SELECT 1 FROM "invoices" AS si0 WHERE (si0."order_id" = o0."id")))
INSERT INTO "customers" ("name","country") VALUES ($1,$2) RETURNING "id" --$ ["E", "DE"]
INSERT INTO "customers" ("name","country") VALUES ($1,$2),($3,$4) --$ ["E", "DE", "F", "FR"]
INSERT INTO "users" AS u0 ("email","role") VALUES ($1,$2) ON CONFLICT ("org_id","email") DO UPDATE SET "role" = $3 RETURNING "id" --$ ["user1@acme.example", "member", "owner"]
INSERT INTO "users" ("email","role") VALUES ($1,$2) ON CONFLICT ("org_id","email") DO UPDATE SET "role" = EXCLUDED."role" --$ ["user1@acme.example", "member"]
INSERT INTO "orders" ("customer_id","status") (SELECT c0."id", 'open' FROM "customers" AS c0 WHERE (c0."country" = 'DE'))
UPDATE "orders" SET "status" = $1 WHERE "id" = $2 --$ ["paid", "1"]
UPDATE "orders" AS o0 SET "status" = 'paid' WHERE (o0."status" = 'open')
UPDATE "orders" AS o0 SET "note" = c1."name" FROM "customers" AS c1 WHERE (c1."id" = o0."customer_id")
UPDATE "customers" AS c0 SET "credit" = c0."credit" + $1 WHERE (c0."id" = $2) RETURNING c0."credit" --$ ["3", "1"]
DELETE FROM "orders" WHERE "id" = $1 --$ ["1"]
DELETE FROM "invoices" AS i0 USING "orders" AS o1 WHERE (o1."id" = i0."order_id") AND (o1."status" = 'lost')
SELECT t.oid, t.typname, t.typsend, t.typreceive, t.typoutput, t.typinput, coalesce(d.typelem, t.typelem), coalesce(r.rngsubtype, 0), ARRAY (SELECT a.atttypid FROM pg_attribute AS a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) FROM pg_type AS t LEFT JOIN pg_type AS d ON t.typbasetype = d.oid LEFT JOIN pg_range AS r ON r.rngtypid = t.oid OR (t.typbasetype <> 0 AND r.rngtypid = t.typbasetype) WHERE (t.typrelid = 0) AND (t.typelem = 0 OR NOT EXISTS (SELECT 1 FROM pg_catalog.pg_type s WHERE s.typrelid != 0 AND s.oid = t.typelem)) --~
