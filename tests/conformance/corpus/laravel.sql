# Laravel's Eloquent over PDO: lower-case keywords, quoted names.
select * from "orders" where "orders"."id" = $1 limit 1 --$ ["1"]
select * from "orders" where "status" = $1 and "placed_on" >= $2 order by "id" desc --$ ["open", "2024-02-01"]
select * from "orders" where "status" in ($1, $2) and "note" is not null --$ ["open", "paid"]
select count(*) as aggregate from "orders"
select count(*) as aggregate from "users" where "email" = $1 --$ ["user1@acme.example"]
select sum("amount") as aggregate from "invoices" where "paid" = $1 --$ ["f"]
select exists(select * from "users" where "email" = $1) as "exists" --$ ["user1@acme.example"]
select * from "customers" where exists (select * from "orders" where "customers"."id" = "orders"."customer_id" and "status" = $1) --$ ["open"]
select * from "customers" where not exists (select * from "orders" where "customers"."id" = "orders"."customer_id")
select "customers".*, (select count(*) from "orders" where "customers"."id" = "orders"."customer_id") as "orders_count" from "customers"
select "customers".*, (select sum("orders"."id") from "orders" where "customers"."id" = "orders"."customer_id") as "orders_sum_id" from "customers" order by "orders_sum_id" desc nulls last
select * from "customers" where (select count(*) from "orders" where "customers"."id" = "orders"."customer_id") >= 2
select * from "order_items" where "order_items"."order_id" in (1, 2, 3)
select "orders".*, "customers"."name" as "customer_name" from "orders" inner join "customers" on "orders"."customer_id" = "customers"."id" where "customers"."country" = $1 --$ ["FR"]
select "products".*, "order_items"."order_id" as "pivot_order_id", "order_items"."product_id" as "pivot_product_id" from "products" inner join "order_items" on "products"."id" = "order_items"."product_id" where "order_items"."order_id" = $1 --$ ["2"]
select * from "products" where "name"::text ilike $1 limit 15 offset 0 --$ ["%rope%"]
select * from "products" where "attributes"->>'weight' = $1 --$ ["3"]
select * from "products" where ("attributes")::jsonb @> $1 --$ ["{\"weight\": 3}"]
select * from "orders" where "placed_on"::date = $1 --$ ["2024-03-11"]
select * from "orders" where extract(year from "placed_on") = $1 --$ ["2024"]
select * from "orders" where "id" between $1 and $2 and ("status" = $3 or "status" = $4) --$ ["1", "9", "open", "paid"]
select "status", count(*) as total from "orders" group by "status" having count(*) > $1 --$ ["1"]
select distinct "country" from "customers" order by "country" asc
select * from "orders" where "id" > $1 order by "id" asc limit 100 --$ ["0"]
select * from "orders" where "id" = $1 for update --$ ["1"]
select * from "orders" where "id" = $1 for share --$ ["1"]
(select "email" from "users") union (select "name" from "customers")
insert into "customers" ("name", "country", "credit") values ($1, $2, $3) returning "id" --$ ["L", "DE", "1"]
insert into "order_items" ("order_id", "line_no", "product_id", "quantity") values ($1, $2, $3, $4), ($5, $6, $7, $8) --$ ["1", "91", "1", "1", "1", "92", "2", "1"]
insert into "users" ("email", "role") values ($1, $2) on conflict do nothing --$ ["user1@acme.example", "member"]
insert into "users" ("email", "role") values ($1, $2) on conflict ("org_id", "email") do update set "role" = "excluded"."role" --$ ["user1@acme.example", "owner"]
insert into "invoices" ("order_id", "amount") select "id", 1 from "orders" where "status" = $1 --$ ["paid"]
update "orders" set "status" = $1, "note" = $2 where "id" = $3 --$ ["paid", "n", "1"]
update "customers" set "credit" = "credit" + 5, "name" = $1 where "id" = $2 --$ ["L", "1"]
update "orders" set "status" = $1 where "ctid" in (select "orders"."ctid" from "orders" inner join "customers" on "customers"."id" = "orders"."customer_id" where "customers"."country" = $2) --$ ["lost", "DE"]
update "products" set "attributes" = jsonb_set("attributes"::jsonb, '{"weight"}', $1) where "id" = $2 --$ ["5", "1"]
delete from "orders" where "id" = $1 --$ ["1"]
delete from "orders" where "ctid" in (select "orders"."ctid" from "orders" where "status" = $1 limit 2) --$ ["lost"]
delete from "sessions_that_are_not_there" where "last_activity" <= $1 --$ ["1"]
set names 'utf8'
set time zone 'UTC'
SAVEPOINT trans2
truncate "order_items" restart identity cascade --! sequences are common to all organisations
