# TypeORM and Knex: long aliases, distinctAlias for pages with joins.
SELECT "Order"."id" AS "Order_id", "Order"."status" AS "Order_status" FROM "orders" "Order" WHERE (("Order"."id" = $1)) LIMIT 1 --$ ["1"]
SELECT "order"."id" AS "order_id", "customer"."id" AS "customer_id", "customer"."name" AS "customer_name" FROM "orders" "order" LEFT JOIN "customers" "customer" ON "customer"."id"="order"."customer_id" WHERE "customer"."country" = $1 --$ ["DE"]
SELECT DISTINCT "distinctAlias"."order_id" AS "ids_order_id" FROM (SELECT "order"."id" AS "order_id", "items"."line_no" AS "items_line_no" FROM "orders" "order" LEFT JOIN "order_items" "items" ON "items"."order_id"="order"."id") "distinctAlias" ORDER BY "order_id" ASC LIMIT 5
SELECT COUNT(DISTINCT("order"."id")) AS "cnt" FROM "orders" "order" INNER JOIN "order_items" "items" ON "items"."order_id"="order"."id"
SELECT COUNT(1) AS "cnt" FROM "orders" "Order" WHERE (("Order"."status" = $1)) --$ ["open"]
SELECT "u"."email" FROM "users" "u" WHERE "u"."role" IN ($1, $2) AND NOT("u"."full_name" IS NULL) --$ ["owner", "member"]
SELECT "u"."id" FROM "users" "u" WHERE "u"."id" IN (SELECT "c"."manager_id" FROM "customers" "c" WHERE "c"."credit" > $1) --$ ["100"]
SELECT "o"."customer_id" AS "c", SUM("i"."amount") AS "sum" FROM "orders" "o" INNER JOIN "invoices" "i" ON "i"."order_id" = "o"."id" GROUP BY "o"."customer_id" HAVING SUM("i"."amount") > $1 --$ ["1"]
SELECT "order"."id" FROM "orders" "order" ORDER BY "order"."placed_on" DESC, "order"."id" ASC LIMIT 3 OFFSET 3
SELECT "order"."id" FROM "orders" "order" WHERE EXISTS (SELECT 1 FROM "order_items" "i" WHERE "i"."order_id" = "order"."id" AND "i"."quantity" > 3)
SELECT "order"."id" FROM "orders" "order" WHERE "order"."id" = $1 FOR UPDATE --$ ["2"]
SELECT "order"."id" FROM "orders" "order" WHERE "order"."id" = $1 FOR UPDATE OF "order" --$ ["2"]
select "o"."id", "c"."name" from "orders" as "o" inner join "customers" as "c" on "o"."customer_id" = "c"."id" where "o"."status" = $1 order by "o"."id" asc limit $2 --$ ["open", "4"]
select * from "orders" where ("status" = $1 or "note" is null) and "placed_on" > $2 --$ ["open", "2024-01-01"]
select count(*) as "n", "country" from "customers" group by "country"
select "id" from "orders" where "id" in (select "order_id" from "invoices" where "paid" = $1) union select "order_id" from "order_items" where "quantity" > $2 --$ ["t", "8"]
with "big" as (select * from "invoices" where "amount" > $1) select "order_id" from "big" --$ ["10"]
insert into "customers" ("country", "name") values ($1, $2), (DEFAULT, $3) returning "id" --$ ["DE", "K", "L"]
insert into "products" ("name", "price", "sku") values ($1, $2, $3) on conflict ("org_id", "sku") do update set "name" = excluded."name" returning * --$ ["K", "1", "sku-1"]
update "orders" set "status" = $1 where "id" = $2 returning "id" --$ ["paid", "1"]
delete from "orders" where "id" = $1 --$ ["1"]
INSERT INTO "customers"("id", "name", "country", "credit") VALUES (DEFAULT, $1, $2, DEFAULT) RETURNING "id" --$ ["T", "DE"]
UPDATE "orders" SET "status" = $1, "note" = $2 WHERE "id" IN ($3) --$ ["paid", "n", "1"]
UPDATE "customers" SET "credit" = "credit" + 1 WHERE "id" = $1 --$ ["1"]
DELETE FROM "order_items" WHERE "order_id" = $1 AND "line_no" = $2 --$ ["1", "1"]
SELECT * FROM current_schema()
SELECT version()
SELECT "table_schema", "table_name" FROM "information_schema"."tables" WHERE ("table_schema" = 'public' AND "table_name" = 'orders') --~
