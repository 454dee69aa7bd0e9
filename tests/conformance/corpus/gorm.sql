# GORM and sqlx in Go: SELECT *, quoted tables, parameters, ORDER BY primary key.
SELECT * FROM "orders" WHERE "orders"."id" = $1 ORDER BY "orders"."id" LIMIT $2 --$ ["1", "1"]
SELECT * FROM "orders" WHERE status = $1 AND customer_id = $2 --$ ["open", "1"]
SELECT * FROM "orders" WHERE status <> 'lost' AND "orders"."note" IS NULL ORDER BY "orders"."id" DESC
SELECT * FROM "customers" WHERE name LIKE $1 OR country IN ($2,$3) --$ ["%acme%", "DE", "FR"]
SELECT * FROM "customers" WHERE "customers"."id" IN ($1,$2,$3) --$ ["1", "2", "3"]
SELECT * FROM "orders" WHERE "orders"."customer_id" = $1 --$ ["2"]
SELECT "orders"."id","orders"."status","Customer"."id" AS "Customer__id","Customer"."name" AS "Customer__name" FROM "orders" LEFT JOIN "customers" "Customer" ON "orders"."customer_id" = "Customer"."id" WHERE "Customer"."country" = $1 --$ ["DE"]
SELECT orders.id, customers.name FROM "orders" left join customers on customers.id = orders.customer_id
SELECT count(*) FROM "orders" WHERE status = $1 --$ ["open"]
SELECT COUNT(DISTINCT("customer_id")) FROM "orders"
SELECT status, sum(id) as total FROM "orders" GROUP BY "status" HAVING sum(id) > $1 --$ ["3"]
SELECT DISTINCT "status" FROM "orders" ORDER BY status
SELECT * FROM (SELECT status, count(*) AS n FROM "orders" GROUP BY "status") as u WHERE n > 1
SELECT * FROM "customers" WHERE credit > (SELECT AVG(credit) FROM "customers")
SELECT "id","email" FROM "users" LIMIT 10 OFFSET 0
SELECT * FROM "orders" WHERE id = $1 FOR UPDATE --$ ["1"]
SELECT * FROM orders WHERE (customer_id, status) IN (($1, $2), ($3, $4)) --$ ["1", "open", "2", "paid"]
SELECT * FROM orders WHERE id = ANY($1) --$ ["{1,2,3}"]
SELECT o.* FROM orders o WHERE ($1::text IS NULL OR o.status = $1) ORDER BY o.id LIMIT $2 --$ [null, "5"]
SELECT o.* FROM orders o WHERE o.status = COALESCE($1, o.status) --$ ["paid"]
INSERT INTO "customers" ("name","country","credit") VALUES ($1,$2,$3) RETURNING "id" --$ ["G", "DE", "1"]
INSERT INTO "customers" ("name","country","id") VALUES ($1,$2,$3),($4,$5,$6) RETURNING "id" --$ ["G", "DE", "801", "H", "FR", "802"]
INSERT INTO "products" ("sku","name","price","attributes") VALUES ($1,$2,$3,$4) ON CONFLICT ("org_id","sku") DO UPDATE SET "name"="excluded"."name","price"="excluded"."price" RETURNING "id" --$ ["sku-4", "G", "1", "{}"]
INSERT INTO "products" ("sku","name","price") VALUES ($1,$2,$3) ON CONFLICT DO NOTHING RETURNING "id" --$ ["sku-4", "G", "1"]
UPDATE "orders" SET "status"=$1,"note"=$2 WHERE "id" = $3 --$ ["paid", "x", "1"]
UPDATE "orders" SET "status"=$1 WHERE status = $2 AND "id" = $3 --$ ["paid", "open", "1"]
UPDATE "customers" SET "credit"=credit * $1 + $2 WHERE "id" = $3 --$ ["2", "1", "1"]
UPDATE "customers" SET "name"=(SELECT email FROM users WHERE users.id = customers.manager_id) WHERE manager_id IS NOT NULL
UPDATE "orders" SET "status"='paid' WHERE 1 = 1
DELETE FROM "orders" WHERE "orders"."id" = $1 --$ ["1"]
DELETE FROM "orders" WHERE status = $1 RETURNING "id" --$ ["lost"]
SAVEPOINT sp0x1
SELECT CURRENT_DATABASE() --~
SELECT count(*) FROM information_schema.tables WHERE table_schema = CURRENT_SCHEMA() AND table_name = 'orders' AND table_type = 'BASE TABLE'
