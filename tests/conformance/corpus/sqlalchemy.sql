# SQLAlchemy: lower-case names, labels with underscores, aliases anon_1, casts of parameters (psycopg, asyncpg).
SELECT orders.org_id AS orders_org_id, orders.id AS orders_id, orders.status AS orders_status FROM orders WHERE orders.id = $1::INTEGER --$ ["1"]
SELECT orders.id, orders.status FROM orders ORDER BY orders.id LIMIT $1::INTEGER OFFSET $2::INTEGER --$ ["3", "2"]
SELECT count(*) AS count_1 FROM (SELECT orders.id AS orders_id FROM orders WHERE orders.status = $1::VARCHAR) AS anon_1 --$ ["open"]
SELECT orders.id, customers_1.id AS id_1, customers_1.name FROM orders LEFT OUTER JOIN customers AS customers_1 ON customers_1.id = orders.customer_id
SELECT anon_1.orders_id, order_items_1.line_no FROM (SELECT orders.id AS orders_id FROM orders ORDER BY orders.id LIMIT 5) AS anon_1 LEFT OUTER JOIN order_items AS order_items_1 ON anon_1.orders_id = order_items_1.order_id ORDER BY anon_1.orders_id
SELECT order_items.order_id AS order_items_order_id, order_items.line_no FROM order_items WHERE order_items.order_id IN ($1, $2, $3) --$ ["1", "2", "3"]
SELECT customers.id FROM customers WHERE EXISTS (SELECT 1 FROM orders WHERE customers.id = orders.customer_id AND orders.status = $1::VARCHAR) --$ ["paid"]
SELECT customers.id FROM customers WHERE NOT (EXISTS (SELECT 1 FROM orders WHERE customers.id = orders.customer_id))
SELECT customers.country, count(customers.id) AS n, coalesce(sum(customers.credit), 0) AS total FROM customers GROUP BY customers.country ORDER BY n DESC, customers.country
SELECT o1.id, o2.id AS id_1 FROM orders AS o1 JOIN orders AS o2 ON o1.customer_id = o2.customer_id AND o1.id < o2.id
WITH RECURSIVE chain(id, depth) AS (SELECT users.id AS id, 0 AS depth FROM users WHERE users.id = 1 UNION ALL SELECT users.id, chain.depth + 1 FROM users JOIN chain ON users.id = chain.id + 1) SELECT chain.id, chain.depth FROM chain
WITH anon_1 AS (SELECT orders.customer_id AS customer_id, max(orders.placed_on) AS last FROM orders GROUP BY orders.customer_id) SELECT customers.name, anon_1.last FROM customers JOIN anon_1 ON customers.id = anon_1.customer_id
SELECT orders.id, row_number() OVER (PARTITION BY orders.status ORDER BY orders.id) AS anon_1 FROM orders
SELECT sum(invoices.amount) OVER (ORDER BY invoices.id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running FROM invoices
SELECT products.id FROM products WHERE products.attributes @> $1::JSONB --$ ["{\"weight\": 3}"]
SELECT products.id FROM products WHERE (products.attributes ->> $1::TEXT) = $2::VARCHAR --$ ["weight", "2"]
SELECT products.id FROM products WHERE $1::VARCHAR = ANY (products.tags) --$ ["a"]
SELECT products.id, anon_1.tag FROM products, unnest(products.tags) AS anon_1(tag)
SELECT products.id, products.price * CAST($1::NUMERIC AS NUMERIC(10, 2)) AS gross FROM products --$ ["1.19"]
SELECT lower(users.email) AS lower_1 FROM users WHERE lower(users.email) LIKE lower($1::VARCHAR) ESCAPE '/' --$ ["USER%"]
SELECT users.id FROM users WHERE users.email ILIKE $1::VARCHAR --$ ["%@ACME%"]
SELECT users.id FROM users WHERE users.full_name IS NOT NULL AND (users.role = $1::VARCHAR OR users.role = $2::VARCHAR) --$ ["owner", "member"]
SELECT orders.id FROM orders WHERE orders.placed_on BETWEEN $1::DATE AND $2::DATE --$ ["2024-01-01", "2024-06-30"]
SELECT extract(month FROM orders.placed_on) AS m, count(*) AS n FROM orders GROUP BY extract(month FROM orders.placed_on)
SELECT users.email FROM users UNION ALL SELECT customers.name FROM customers
SELECT anon_1.name FROM (SELECT users.full_name AS name FROM users INTERSECT SELECT customers.name FROM customers) AS anon_1
SELECT orders.id FROM orders WHERE (orders.id, orders.status) IN (($1, $2), ($3, $4)) --$ ["1", "open", "2", "paid"]
SELECT anon_1.id, anon_2.amount FROM (SELECT orders.id FROM orders) AS anon_1 LEFT OUTER JOIN LATERAL (SELECT invoices.amount FROM invoices WHERE invoices.order_id = anon_1.id ORDER BY invoices.id LIMIT 1) AS anon_2 ON true
SELECT array_agg(orders.id ORDER BY orders.id) AS ids FROM orders GROUP BY orders.customer_id
SELECT json_agg(json_build_object('id', orders.id, 'status', orders.status) ORDER BY orders.id) AS j FROM orders
SELECT string_agg(users.email, ', ' ORDER BY users.email) AS emails FROM users
SELECT count(*) FILTER (WHERE orders.status = 'open') AS open, count(*) FILTER (WHERE orders.status = 'paid') AS paid FROM orders
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY invoices.amount) AS median FROM invoices
SELECT customers.country, orders.status, count(*) FROM customers JOIN orders ON orders.customer_id = customers.id GROUP BY ROLLUP(customers.country, orders.status)
SELECT customers.id FROM customers FULL OUTER JOIN orders ON orders.customer_id = customers.id
SELECT orders.id FROM orders WHERE orders.id = $1::INTEGER FOR UPDATE NOWAIT --$ ["1"]
SELECT orders.id FROM orders WHERE orders.id = $1::INTEGER FOR NO KEY UPDATE OF orders --$ ["1"]
INSERT INTO customers (name, country, credit) VALUES ($1::VARCHAR, $2::VARCHAR, $3::NUMERIC(10, 2)) RETURNING customers.id --$ ["New", "DE", "5"]
INSERT INTO users (email, full_name) VALUES ($1::VARCHAR, $2::VARCHAR), ($3::VARCHAR, $4::VARCHAR) RETURNING users.id --$ ["p@acme.example", "P", "q@acme.example", "Q"]
INSERT INTO users (email, full_name) SELECT p0::VARCHAR, p1::VARCHAR FROM (VALUES ($1, $2, 0), ($3, $4, 1)) AS imp_sen(p0, p1, sen_counter) ORDER BY sen_counter RETURNING users.id, users.id AS id__1 --$ ["r@acme.example", "R", "s@acme.example", "S"]
INSERT INTO orders (customer_id, status) SELECT customers.id, $1::VARCHAR AS anon_1 FROM customers WHERE customers.credit > $2::NUMERIC --$ ["open", "100"]
INSERT INTO products (sku, name, price) VALUES ($1::VARCHAR, $2::VARCHAR, $3::NUMERIC) ON CONFLICT (org_id, sku) DO UPDATE SET price = excluded.price WHERE products.price < excluded.price RETURNING products.id, products.price --$ ["sku-2", "Rope", "999"]
UPDATE orders SET status=$1::VARCHAR WHERE orders.id = $2::INTEGER --$ ["paid", "1"]
UPDATE customers SET credit=(coalesce(customers.credit, $1::NUMERIC) + $2::NUMERIC) WHERE customers.country = $3::VARCHAR RETURNING customers.id, customers.credit --$ ["0", "5", "FR"]
UPDATE orders SET note=customers.name FROM customers WHERE customers.id = orders.customer_id
UPDATE products SET attributes=jsonb_set(products.attributes, '{weight}', to_jsonb(9)) WHERE products.id = 1
DELETE FROM order_items WHERE order_items.order_id = $1::INTEGER AND order_items.line_no = $2::INTEGER --$ ["1", "1"]
DELETE FROM invoices USING orders WHERE orders.id = invoices.order_id AND orders.status = $1::VARCHAR RETURNING invoices.id --$ ["lost"]
WITH gone AS (DELETE FROM invoices WHERE invoices.paid RETURNING invoices.amount) SELECT sum(gone.amount) FROM gone
SELECT pg_catalog.version()
SHOW transaction isolation level
SHOW standard_conforming_strings
SELECT current_schema()
SELECT CAST('test plain returns' AS VARCHAR(60)) AS anon_1
SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_class.relname = 'orders' AND pg_catalog.pg_class.relkind = ANY (ARRAY['r', 'p', 'f', 'v', 'm']) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != 'pg_catalog' --~
