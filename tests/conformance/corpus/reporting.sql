# What Metabase, Superset, Grafana and their like make of a click: wrapped subqueries, date truncation, CTEs, windows.
SELECT "source"."status" AS "status", COUNT(*) AS "count" FROM (SELECT "public"."orders"."id" AS "id", "public"."orders"."status" AS "status" FROM "public"."orders") AS "source" GROUP BY "source"."status" ORDER BY "source"."status" ASC
SELECT DATE_TRUNC('month', CAST("public"."orders"."placed_on" AS timestamp)) AS "placed_on", COUNT(*) AS "count" FROM "public"."orders" GROUP BY DATE_TRUNC('month', CAST("public"."orders"."placed_on" AS timestamp)) ORDER BY DATE_TRUNC('month', CAST("public"."orders"."placed_on" AS timestamp)) ASC
SELECT "public"."orders"."id" AS "id", "Customers"."name" AS "Customers__name" FROM "public"."orders" LEFT JOIN "public"."customers" AS "Customers" ON "public"."orders"."customer_id" = "Customers"."id" WHERE "Customers"."country" = 'DE' LIMIT 1048575
SELECT CAST(extract(dow from "public"."orders"."placed_on") AS integer) + 1 AS "day", COUNT(*) AS "count" FROM "public"."orders" GROUP BY CAST(extract(dow from "public"."orders"."placed_on") AS integer) + 1 ORDER BY 1
SELECT FLOOR(("public"."invoices"."amount" / 25.0)) * 25.0 AS "bin", COUNT(*) AS "count" FROM "public"."invoices" GROUP BY FLOOR(("public"."invoices"."amount" / 25.0)) * 25.0 ORDER BY 1
SELECT SUM(CASE WHEN "public"."invoices"."paid" = TRUE THEN 1 ELSE 0.0 END) / CASE WHEN COUNT(*) = 0 THEN NULL ELSE COUNT(*) END AS "share" FROM "public"."invoices"
SELECT status AS status, count(*) AS count FROM (select * from orders where placed_on > '2024-01-01') AS virtual_table GROUP BY status ORDER BY count DESC, status LIMIT 1000
SELECT DATE_TRUNC('week', placed_on) AS __timestamp, status AS status, COUNT(*) AS count FROM public.orders JOIN (SELECT status AS status__, COUNT(*) AS mme_inner__ FROM public.orders GROUP BY status ORDER BY mme_inner__ DESC LIMIT 50) AS series_limit ON status = status__ GROUP BY status, DATE_TRUNC('week', placed_on) ORDER BY count DESC, 1, 2
SELECT placed_on AS "time", count(*) AS value FROM orders WHERE placed_on BETWEEN '2024-01-01T00:00:00Z' AND '2024-12-31T23:59:59Z' GROUP BY 1 ORDER BY 1
SELECT floor(extract(epoch from placed_on::timestamp)/86400)*86400 AS "time", status AS metric, count(*) AS n FROM orders GROUP BY 1, 2 ORDER BY 1, 2
WITH days AS (SELECT generate_series('2024-01-01'::date, '2024-01-31'::date, '1 day'::interval)::date AS day) SELECT d.day, count(o.id) FROM days d LEFT JOIN orders o ON o.placed_on = d.day GROUP BY d.day ORDER BY d.day
SELECT c.country, sum(i.amount) AS revenue, sum(sum(i.amount)) OVER () AS total, round(100 * sum(i.amount) / nullif(sum(sum(i.amount)) OVER (), 0), 1) AS share FROM invoices i JOIN orders o ON o.id = i.order_id JOIN customers c ON c.id = o.customer_id GROUP BY c.country ORDER BY revenue DESC
SELECT month, revenue, revenue - lag(revenue) OVER (ORDER BY month) AS change FROM (SELECT date_trunc('month', due) AS month, sum(amount) AS revenue FROM invoices GROUP BY 1) m ORDER BY month
SELECT name, total, ntile(4) OVER (ORDER BY total, name) AS quartile FROM (SELECT c.name, count(o.id) AS total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.name) s
SELECT coalesce(c.country, '(none)') AS country, coalesce(o.status, '(all)') AS status, count(*) FROM orders o LEFT JOIN customers c ON c.id = o.customer_id GROUP BY CUBE (c.country, o.status)
SELECT country, status, count(*), grouping(country, status) FROM orders JOIN customers ON customers.id = customer_id GROUP BY GROUPING SETS ((country), (status), ())
SELECT p.name, sum(i.quantity * i.unit_price) AS turnover FROM order_items i JOIN products p ON p.id = i.product_id GROUP BY p.name ORDER BY turnover DESC NULLS LAST, p.name LIMIT 10
SELECT * FROM (SELECT o.*, row_number() OVER (PARTITION BY customer_id ORDER BY placed_on DESC, id DESC) AS rn FROM orders o) x WHERE rn = 1
SELECT first_value(status) OVER w, last_value(status) OVER w, nth_value(id, 2) OVER w FROM orders WINDOW w AS (PARTITION BY customer_id ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
SELECT avg(amount) OVER (ORDER BY due RANGE BETWEEN INTERVAL '30 days' PRECEDING AND CURRENT ROW) FROM invoices WHERE due IS NOT NULL
SELECT percentile_disc(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY amount) FROM invoices
SELECT mode() WITHIN GROUP (ORDER BY status) FROM orders
SELECT corr(quantity, unit_price), regr_slope(quantity, unit_price), stddev_samp(quantity), variance(quantity) FROM order_items
SELECT width_bucket(amount, 0, 100, 4) AS bucket, count(*), min(amount), max(amount) FROM invoices GROUP BY 1 ORDER BY 1
SELECT to_char(placed_on, 'YYYY-MM') AS month, count(*) FILTER (WHERE status = 'paid') AS paid, count(*) AS all FROM orders GROUP BY 1 ORDER BY 1
SELECT c.name, o.n, i.s FROM customers c LEFT JOIN (SELECT customer_id, count(*) AS n FROM orders GROUP BY 1) o ON o.customer_id = c.id LEFT JOIN (SELECT o.customer_id, sum(amount) AS s FROM invoices i JOIN orders o ON o.id = i.order_id GROUP BY 1) i USING (customer_id)
SELECT jsonb_object_agg(status, n) FROM (SELECT status, count(*) AS n FROM orders GROUP BY 1) s
SELECT t.tag, count(*) FROM products CROSS JOIN LATERAL unnest(tags) AS t(tag) GROUP BY t.tag ORDER BY 1
SELECT key, avg(value::numeric) FROM products, jsonb_each_text(attributes) WHERE key = 'weight' GROUP BY key
SELECT regexp_replace(email, '@.*', '') AS login, split_part(email, '@', 2) AS domain FROM users ORDER BY 1
SELECT age(date '2024-12-31', placed_on), placed_on + interval '1 month', date_part('quarter', placed_on) FROM orders ORDER BY id
SELECT to_tsvector('english', name) @@ plainto_tsquery('english', 'rope') AS hit, ts_rank(to_tsvector('english', name), plainto_tsquery('english', 'rope')) FROM products
SELECT min(placed_on), max(placed_on), count(*), count(DISTINCT customer_id), count(note) FROM orders
SELECT bool_and(paid), bool_or(paid), every(paid) FROM invoices
SELECT array_to_string(array_agg(DISTINCT status ORDER BY status), '|') FROM orders
SELECT xmlagg(xmlelement(name o, id) ORDER BY id) FROM orders
SELECT crosstab.* FROM (SELECT customer_id, sum((status = 'open')::int) AS open, sum((status = 'paid')::int) AS paid FROM orders GROUP BY customer_id) AS crosstab
BEGIN; DECLARE walk CURSOR FOR SELECT * FROM orders WHERE id < 4 ORDER BY id FOR UPDATE; FETCH 2 FROM walk; UPDATE orders SET note = 'seen' WHERE CURRENT OF walk; FETCH walk; DELETE FROM orders WHERE CURRENT OF walk; ROLLBACK
DECLARE report NO SCROLL CURSOR WITHOUT HOLD FOR SELECT * FROM orders
SET statement_timeout TO 60000
SET TIME ZONE 'Europe/Berlin'
SET DateStyle TO ISO
SET LOCAL work_mem = '16MB'
EXPLAIN SELECT * FROM orders --! plans tell of the rows of every organisation
COPY (SELECT * FROM orders) TO STDOUT WITH CSV HEADER
