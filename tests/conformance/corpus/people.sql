# What people type, in migrations, scripts and consoles, and the less usual corners of the grammar.
select * from orders
select * from orders where id=1;
SELECT o.id,c.name FROM orders o,customers c WHERE o.customer_id=c.id AND c.country='DE'
SELECT o.* , c.* FROM orders o NATURAL JOIN (SELECT id AS customer_id, name FROM customers) c
SELECT * FROM orders JOIN invoices ON invoices.order_id = orders.id LEFT JOIN customers ON customers.id = orders.customer_id RIGHT JOIN users ON users.id = customers.manager_id
SELECT * FROM order_items i JOIN orders o ON o.id = i.order_id AND o.org_id = i.org_id
SELECT * FROM customers LEFT JOIN orders USING (org_id) WHERE orders.customer_id = customers.id
SELECT id, name FROM customers c WHERE c.id = (SELECT max(customer_id) FROM orders)
SELECT id FROM orders WHERE (customer_id, status) = ANY (SELECT id, 'open' FROM customers)
SELECT id FROM customers WHERE credit >= ALL (SELECT credit FROM customers WHERE credit IS NOT NULL)
SELECT id, status FROM orders ORDER BY CASE status WHEN 'open' THEN 1 WHEN 'paid' THEN 2 ELSE 3 END, id
SELECT nullif(status, 'open'), coalesce(note, '-'), greatest(id, 3), least(id, 3) FROM orders
SELECT id::text || ':' || status AS label FROM orders ORDER BY label
SELECT status, count(*) FROM orders GROUP BY status ORDER BY count(*) DESC, status LIMIT 1
SELECT (SELECT count(*) FROM orders) AS orders, (SELECT count(*) FROM customers) AS customers
SELECT EXISTS (SELECT 1 FROM orders WHERE status = 'open'), NOT EXISTS (SELECT FROM invoices)
SELECT c FROM customers c WHERE id = 1
SELECT row_to_json(c) FROM (SELECT id, name FROM customers) c
SELECT to_jsonb(o) - 'org_id' FROM orders o WHERE id < 4
SELECT (o).status, (o).id FROM (SELECT o FROM orders o) s
SELECT t.* FROM orders AS t (org, key, customer)
SELECT * FROM (VALUES (1, 'one'), (2, 'two')) AS v (n, word) JOIN orders ON orders.id = v.n
VALUES (1, 'a'), (2, 'b')
TABLE countries
TABLE users
SELECT 1; SELECT 2
SELECT * FROM orders WHERE id IN (VALUES (1), (2))
SELECT * FROM orders TABLESAMPLE BERNOULLI (100)
SELECT * FROM ONLY orders WHERE id = 1
SELECT x FROM generate_series(1, (SELECT max(id) FROM orders)) x WHERE NOT EXISTS (SELECT FROM orders WHERE id = x)
SELECT * FROM ROWS FROM (generate_series(1, 3), unnest(ARRAY['a', 'b'])) AS r (n, c)
WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 10) SELECT sum(n) FROM t
WITH a AS MATERIALIZED (SELECT * FROM orders), b AS NOT MATERIALIZED (SELECT * FROM a WHERE id > 2) SELECT count(*) FROM b
WITH moved AS (UPDATE orders SET status = 'paid' WHERE status = 'open' RETURNING id, customer_id), logged AS (INSERT INTO invoices (order_id, amount) SELECT id, 1 FROM moved RETURNING order_id) SELECT count(*) FROM logged
WITH n AS (INSERT INTO customers (name) VALUES ('cte') RETURNING id) INSERT INTO orders (customer_id) SELECT id FROM n RETURNING customer_id IS NOT NULL
INSERT INTO customers VALUES (1, 901, 'positional', 'DE', 1, NULL)
INSERT INTO customers (id, name) VALUES (902, 'x') RETURNING *
INSERT INTO customers AS c (id, name) VALUES (1, 'x') ON CONFLICT (org_id, id) DO UPDATE SET name = c.name || excluded.name RETURNING name
INSERT INTO orders SELECT org_id, id + 500, customer_id, status, placed_on, note FROM orders
INSERT INTO order_items (order_id, line_no, quantity) SELECT 1, n, n FROM generate_series(50, 55) n
INSERT INTO customers (id, name) OVERRIDING SYSTEM VALUE VALUES (903, 'x')
INSERT INTO products (sku, name, price, tags, attributes) VALUES ('p', 'P', 1.5, '{a,b}', '{"k": [1, 2]}'), ('q', 'Q', 2, ARRAY['x'], DEFAULT)
INSERT INTO products (sku, name, price, tags[1], tags[2]) VALUES ('pp', 'P', 1.5, 'a', 'b')
UPDATE orders SET (status, note) = ('paid', 'x') WHERE id = 1
UPDATE orders SET (status, note) = (SELECT 'paid', name FROM customers WHERE customers.id = orders.customer_id) WHERE id < 5
UPDATE orders o SET note = DEFAULT, status = upper(status) FROM customers c LEFT JOIN users u ON u.id = c.manager_id WHERE c.id = o.customer_id AND u.id IS NULL
UPDATE products SET tags[1] = 'z', attributes = attributes || '{"new": true}' WHERE id = 1
UPDATE products SET attributes['weight'] = '7' WHERE id = 2
UPDATE customers * SET credit = 0
DELETE FROM orders WHERE id = 1 RETURNING id, status
DELETE FROM order_items i USING orders o, customers c WHERE i.order_id = o.id AND o.customer_id = c.id AND c.country = 'PE'
DELETE FROM ONLY invoices AS i WHERE i.amount > 50
SELECT * FROM orders ORDER BY id FETCH FIRST 3 ROWS WITH TIES
SELECT * FROM orders ORDER BY id FETCH NEXT ROW ONLY
SELECT * FROM orders ORDER BY 2 USING > LIMIT ALL OFFSET 1
SELECT ALL status FROM orders
SELECT count(*) FROM orders HAVING count(*) > 0
SELECT 'a' UNION SELECT 'b' UNION ALL (SELECT status FROM orders ORDER BY id LIMIT 1) EXCEPT SELECT 'c'
SELECT interval '1 day' * 2, date '2024-01-01' - 1, timestamp '2024-01-01 10:00' AT TIME ZONE 'UTC', time '10:00'
SELECT E'tab\there', $$dollar$$, U&'\0041', B'101', X'1F', 1e3, .5, 'it''s'
SELECT position('b' in 'abc'), overlay('abc' placing 'x' from 2), trim(both from ' a '), substring('abc' from 2 for 1), extract(day from date '2024-01-02'), cast('1' as int), 'a' similar to 'b'
SELECT (array[1,2,3])[2:3], array[[1,2],[3,4]], (array[1,2])[1], 1 = any(array[1,2]), array_length(array[1], 1)
SELECT name FROM products WHERE name ~ '^R' OR name !~* 'x' OR name SIMILAR TO '(A|R)%'
SELECT name FROM products WHERE (price, id) > (10, 2) AND price IS DISTINCT FROM 5 AND (tags IS NULL) IS NOT UNKNOWN
SELECT /* comment */ id -- another
FROM orders
SELECT "id" AS "weird ""name""" FROM "public"."orders"
SELECT id FROM PUBLIC.Orders
SELECT count(*) AS "select" FROM orders AS "from"
SELECT slugify(name) FROM products
SELECT current_user IS NOT NULL, current_setting('app.org_id'), now() IS NOT NULL, version() LIKE 'PostgreSQL%'
SELECT md5(email), sha256(email::bytea), encode(email::bytea, 'base64'), gen_random_uuid() IS NOT NULL FROM users
SELECT pg_typeof(price), pg_column_size(price) > 0 FROM products LIMIT 1
SELECT * FROM open_orders WHERE customer_id IS NOT NULL
SELECT co.name, count(c.id) FROM countries co LEFT JOIN customers c ON c.country = co.code GROUP BY co.name
SELECT u.email, m.name FROM users u LEFT JOIN LATERAL (SELECT name FROM customers c WHERE c.manager_id = u.id ORDER BY id LIMIT 2) m ON true
SELECT * FROM json_to_recordset('[{"a":1,"b":"x"}]') AS x(a int, b text)
SELECT * FROM jsonb_array_elements('[1,2]') WITH ORDINALITY AS e(v, n)
SELECT * FROM regexp_split_to_table('a,b', ',') AS part
SELECT * FROM xmltable('/r/i' PASSING ('<r><i>1</i></r>'::xml) COLUMNS i int PATH '.')
SELECT string_to_array('a,b', ','), format('%s-%I-%L', 'a', 'b c', 'd'), repeat('x', 3), lpad('1', 3, '0'), initcap('abc')
SELECT count(*) FROM orders o1 CROSS JOIN orders o2
SELECT grouping(status), status, count(*) FROM orders GROUP BY GROUPING SETS (status, ())
SELECT DISTINCT ON (status) status, id FROM orders ORDER BY status, id DESC
SELECT sum(amount) FILTER (WHERE paid), sum(amount) FILTER (WHERE NOT paid) FROM invoices
SELECT id, sum(id) OVER (ORDER BY id ROWS 2 PRECEDING EXCLUDE CURRENT ROW) FROM orders
BEGIN; UPDATE orders SET status = 'paid' WHERE id = 1; ROLLBACK
BEGIN READ ONLY
START TRANSACTION ISOLATION LEVEL REPEATABLE READ
COMMIT
ROLLBACK
END
SHOW TimeZone
SET TimeZone = 'UTC'
RESET TimeZone
SET LOCAL statement_timeout = '5s'
SHOW ALL --~
RESET ALL
DISCARD ALL
CLOSE ALL
SELECT * FROM orders WHERE id = 1 FOR UPDATE OF orders NOWAIT
SELECT nonsense FROM orders
SELECT * FROM no_such_table
SELEC 1
INSERT INTO customers (id) VALUES (1)
INSERT INTO products (sku, name, price) VALUES ('n', 'N', -1)
UPDATE orders SET customer_id = 9999 WHERE id = 1
SELECT 1/0
CREATE TEMP TABLE scratch (a int)
CREATE TABLE mine (a int) --! schema changes go to PostgreSQL directly
CREATE INDEX ON orders (status) --! schema changes go to PostgreSQL directly
ALTER TABLE orders ADD COLUMN x int --! schema changes go to PostgreSQL directly
MERGE INTO customers c USING (VALUES (1, 'm')) v (id, name) ON c.id = v.id WHEN MATCHED THEN UPDATE SET name = v.name
PREPARE p AS SELECT 1
PREPARE find (int) AS SELECT id, name FROM customers WHERE id = $1; EXECUTE find(3); EXECUTE find(4); DEALLOCATE find
PREPARE "new one" AS INSERT INTO customers (id, name) VALUES ($1, $2) RETURNING name; EXECUTE "new one"(950, 'x'); EXECUTE "new one"(951, upper('y')); DEALLOCATE PREPARE "new one"
PREPARE longest (varchar(20), numeric[]) AS SELECT $1, $2; EXECUTE longest('a', '{1,2}'); DEALLOCATE longest
LISTEN jobs
NOTIFY jobs
VACUUM orders --! maintenance is the administrator's
ANALYZE orders --! maintenance is the administrator's
LOCK TABLE orders IN SHARE MODE --! a lock on a table stops every organisation
DO $$ BEGIN END $$ --! code in strings cannot be judged
