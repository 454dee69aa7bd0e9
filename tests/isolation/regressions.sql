-- Statements that have once been different, or whose kind has (see regressions.py). The oracle appends with --keep.

-- acme simple ordered
SELECT a.id, b.id FROM orders a FULL JOIN invoices b ON b.order_id = a.id ORDER BY 1, 2

-- globex simple
SELECT id FROM customers WHERE (id > 0 OR false) IS TRUE

-- acme simple ordered
SELECT t.c2 FROM orders AS t (c1, c2) LEFT JOIN invoices USING (org_id) WHERE t.c1 = 1 ORDER BY 1

-- initech prepared
SELECT count(*) FROM tickets t NATURAL JOIN tickets u

-- globex simple writes
WITH orders AS (SELECT 1) DELETE FROM orders WHERE id < 3

-- acme simple writes
INSERT INTO tickets (org_id, id, title) VALUES ('1', 90, 'x') ON CONFLICT (org_id, id) DO UPDATE SET title = excluded.title

-- acme binary types=text values=["ticket 2-1"]
SELECT * FROM tickets WHERE title = $1::text

-- acme each script inject
SELECT 1; SELECT count(*) FROM pg_temp.heap t, ledger l, heap u
