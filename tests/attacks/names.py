"""25–58: which relation a name means, and where in a statement one can stand."""

from attack import documented, either, harmless, refused, same, wire
from wire import bind, close, execute, parse, query

SUB = "(SELECT min(secret) FROM account WHERE org_id = 2)"


@wire(41, "one name, two statements: judged at Parse, exchanged by Close and Parse")
def exchanged(scene):
    client = scene.login()
    client.ask(parse("SELECT secret FROM account", "s"), (b"S", b""))
    assert scene.texts(client.ask(bind(statement="s"), execute(), close(b"S", "s"),
                                  parse("SELECT secret FROM account WHERE org_id = 2", "s"), bind(statement="s"), execute(),
                                  (b"S", b""))) == scene.own("secret")


@wire(42, "many statements in one string, the second one foreign")
def second_statement(scene):
    client = scene.login()
    assert scene.texts(client.ask(query("SELECT 'a'; SELECT secret FROM account WHERE org_id = 2; SELECT 'b'"))) == ["a", "b"]
    scene.refuses(client, query("SELECT 1; SET app.org_id = '2'; SELECT secret FROM account"))


@wire(47, "prepared on one table, executed on another of that name")
def time_of_check(scene):
    client = scene.login()
    client.ask(query("CREATE TEMP TABLE account (org_id bigint, id bigint, secret text)"))  # allowed or not
    client.ask(parse("SELECT secret FROM account", "s"), (b"S", b""))
    scene.refuses(client, query("SET search_path = pg_temp, public"))
    scene.refuses(client, query("ALTER TABLE account RENAME TO other"))
    assert scene.texts(client.ask(bind(statement="s"), execute(), (b"S", b""))) == scene.own("secret")


# Conditions that name the organisation and confine nothing, or another relation than it seems: in mode validate to be refused, or to be
# right. `account` and `item` have the same ids in both organisations.
CONDITIONS = {
    "OR": "account.org_id = 1 OR amount > 0", "OR behind AND": "account.org_id = 1 AND true OR true",
    "NOT": "NOT account.org_id = 1", "not distinct": "account.org_id IS NOT DISTINCT FROM 1 OR account.id = 1",
    "a test of the comparison": "(account.org_id = 1) IS NOT NULL", "its opposite": "(account.org_id = 1) IS NOT UNKNOWN",
    "CASE": "CASE WHEN account.org_id = 1 THEN true ELSE true END", "COALESCE": "coalesce(account.org_id = 1, true)",
    "a range": "account.org_id BETWEEN 1 AND 2", "a list": "account.org_id IN (1, 2)", "an array": "account.org_id = ANY ('{1,2}')",
    "ALL": "account.org_id = ALL ('{}'::bigint[])", "a row": "(account.org_id, account.id) >= (1, 1)", "with its schema": "public.account.org_id >= 1",
    "itself": "account.org_id = account.org_id", "the comparison compared": "(account.org_id = 1) = (account.org_id = 1)",
    "the other of two": "EXISTS (SELECT FROM item account WHERE account.org_id = 1)",
    "a subquery's": "account.id IN (SELECT id FROM item WHERE item.org_id = 1)",
    "a subquery's, correlated": "EXISTS (SELECT FROM item WHERE item.id = account.id AND item.org_id = 1)",
    "negated": "NOT EXISTS (SELECT FROM item WHERE item.org_id = account.org_id AND item.org_id = 1)",
}
ONLY_LOOK = {
    **{name: f"SELECT secret FROM account WHERE {condition}" for name, condition in CONDITIONS.items()},
    **{f"{name}, in UPDATE": f"UPDATE account SET amount = 6 WHERE {condition}" for name, condition in CONDITIONS.items()},
    "of one side": "SELECT a.secret, i.body FROM account a JOIN item i ON a.id = i.id WHERE a.org_id = 1",
    "of the outer side": "SELECT a.secret, i.body FROM account a LEFT JOIN item i ON a.id = i.id AND a.org_id = i.org_id AND i.org_id = 1",
    "of the inner side": "SELECT a.secret, i.body FROM account a RIGHT JOIN item i ON a.id = i.id AND i.org_id = 1 WHERE a.org_id = 1",
    "of a FULL JOIN": "SELECT a.secret, i.body FROM account a FULL JOIN item i ON a.id = i.id AND a.org_id = 1 AND i.org_id = 1",
    "by ids alone": "SELECT a.secret FROM item i JOIN account a USING (id) WHERE i.org_id = 1",
    "in ON of LEFT JOIN": "SELECT a.secret FROM account a LEFT JOIN country ON a.org_id = 1",
    "in HAVING": "SELECT max(secret) FROM account GROUP BY org_id HAVING org_id = 1",
    "in FILTER": "SELECT count(*) FILTER (WHERE org_id = 1), max(secret) FROM account",
    "in DISTINCT ON": "SELECT DISTINCT ON (org_id = 1) secret FROM account ORDER BY org_id = 1, id",
    "of one arm": "SELECT secret FROM account WHERE org_id = 1 UNION ALL SELECT secret FROM account",
    "around a LIMIT": "SELECT secret FROM (SELECT * FROM account ORDER BY id LIMIT 3) a WHERE org_id = 1",
    "around an aggregate": "SELECT s FROM (SELECT 1 AS org_id, string_agg(secret, ',') AS s FROM account) a WHERE org_id = 1",
    "of a CTE's other user": "WITH c AS (SELECT * FROM account) SELECT (SELECT max(secret) FROM c) FROM c WHERE org_id = 1",
    "of a CTE's name": "WITH c AS (SELECT 1 AS org_id) SELECT a.secret FROM account a, c WHERE c.org_id = 1",
    "of an alias' column": "SELECT a.secret FROM account a (org, org_id, email, secret) WHERE a.org_id = 1",
    "of a source": "UPDATE account SET secret = item.body FROM item WHERE item.org_id = 1 AND account.id = item.id",
    "of what is used": "DELETE FROM item USING account WHERE account.org_id = 1 AND account.id = item.id",
    "of the rows inserted": "INSERT INTO item (org_id, id, body) SELECT 1, id + 40, secret FROM account",
    "of a conflict": "INSERT INTO account (org_id, id, email) VALUES (1, 1, 'x') ON CONFLICT (org_id, id) DO UPDATE SET "
                     "secret = (SELECT max(secret) FROM account a WHERE account.org_id = 1)",
}

ATTACKS = [
    *(same(30, f"what only looks confined: {name}", text) for name, text in ONLY_LOOK.items()),
    same(25, "a CTE's name as the target of DELETE", "WITH account AS (SELECT 1) DELETE FROM account"),
    same(25, "of UPDATE", "WITH account AS (SELECT 1 AS id) UPDATE account SET amount = 7"),
    same(25, "of INSERT", "WITH item AS (SELECT 1 AS id) INSERT INTO item (id) SELECT id + 90 FROM item"),
    same(25, "of a modifying CTE", "WITH item AS (SELECT 1), d AS (DELETE FROM item RETURNING *) SELECT count(*) FROM d"),
    same(26, "a CTE's body sees the table", "WITH account AS (SELECT * FROM account) SELECT secret FROM account"),
    same(26, "an earlier sibling, too", "WITH a AS (SELECT secret FROM account), account AS (SELECT 1) SELECT * FROM a"),
    same(26, "with RECURSIVE it is the CTE",
         "WITH RECURSIVE a AS (SELECT * FROM account), account AS (SELECT 5 AS n) SELECT * FROM a"),
    same(26, "the scope ends with its query",
         "SELECT * FROM (WITH account AS (SELECT 1) SELECT * FROM account) s, (SELECT secret FROM account) t"),
    same(26, "a nested WITH", "WITH a AS (WITH account AS (SELECT 1) SELECT * FROM account) SELECT secret FROM account, a"),
    same(27, "a qualified name is never a CTE", "WITH account AS (SELECT 1) SELECT secret FROM public.account"),
    refused(28, "an alias that looks allowed", "SELECT secret FROM unlisted AS account"),
    same(28, "a protected table by another's name", "SELECT country.secret FROM account AS country"),
    same(29, "column aliases that exchange id and org_id",
         "SELECT secret FROM account AS a (id, org_id) WHERE a.org_id = 1"),
    same(29, "the same on the nullable side",
         "SELECT a.secret FROM country LEFT JOIN account AS a (id, org_id) ON a.org_id = 2"),
    same(29, "an alias that is the tenant column's name", "SELECT x.* FROM account AS x (a, b, c, org_id)"),
    same(30, "an alias over a join", "SELECT j.secret FROM (account a JOIN item i ON a.id = i.id) AS j"),
    same(30, "an alias of USING", "SELECT secret, j.id FROM account a JOIN item i USING (id) AS j"),
    same(30, "an alias with columns over a join", "SELECT * FROM (account a CROSS JOIN country) AS j (b, c, d, org_id)"),
    same(31, "NATURAL JOIN with a chosen tenant", "SELECT secret FROM account NATURAL JOIN (VALUES (2::bigint)) v (org_id)"),
    same(31, "USING", "SELECT secret FROM (VALUES (2::bigint)) v (org_id) LEFT JOIN account USING (org_id)"),
    same(31, "FULL JOIN USING", "SELECT * FROM (VALUES (2::bigint)) v (org_id) FULL JOIN account USING (org_id)"),
    same(32, "org_id captured from without",
         "SELECT 2 AS org_id, (SELECT count(*) FROM account WHERE org_id = o.org_id) FROM (SELECT 2::bigint AS org_id) o"),
    same(32, "the outer level's own org_id is not the inner's", "SELECT (SELECT count(*) FROM item) FROM account o"),
    same(33, "TABLE", "TABLE account"),
    refused(33, "SELECT INTO", "SELECT * INTO taken FROM account"),
    refused(33, "CREATE TABLE AS", "CREATE TABLE taken AS SELECT * FROM account"),
    same(33, "the whole row", "SELECT a FROM account a"),
    same(33, "a field of it", "SELECT (a).secret FROM account a"),
    either(33, "the function notation of a field", "SELECT secret(a) FROM account a"),
    same(33, "every column", "SELECT a.* FROM account a"),
    same(33, "row_to_json", "SELECT row_to_json(a) FROM account a"),
    *(same(34, f"a subquery in {where}", text) for where, text in {
        "LIMIT": "SELECT 1 FROM country LIMIT (SELECT count(*) FROM account WHERE org_id = 2)",
        "OFFSET": "SELECT id FROM account ORDER BY id OFFSET (SELECT count(*) FROM account WHERE org_id = 2)",
        "VALUES": f"VALUES (1, {SUB})",
        "the target list": f"SELECT {SUB}",
        "RETURNING": f"UPDATE account SET amount = 3 WHERE id = 1 RETURNING {SUB}",
        "FILTER": f"SELECT count(*) FILTER (WHERE {SUB} IS NULL) FROM account",
        "a window": f"SELECT rank() OVER (PARTITION BY {SUB} ORDER BY id) FROM account",
        "a window's frame": "SELECT sum(id) OVER (ORDER BY id ROWS (SELECT count(*) FROM account WHERE org_id = 2) PRECEDING)"
                            " FROM account",
        "WINDOW": f"SELECT count(*) OVER w FROM account WINDOW w AS (ORDER BY {SUB})",
        "GROUP BY": f"SELECT count(*) FROM account GROUP BY {SUB}",
        "HAVING": f"SELECT count(*) FROM account HAVING {SUB} IS NULL",
        "ON CONFLICT": "INSERT INTO account (id, email) VALUES (1, 'x') ON CONFLICT (org_id, id) DO UPDATE SET amount = 4 "
                       f"WHERE {SUB} IS NULL",
        "a multiple assignment": "UPDATE account SET (secret, amount) = (SELECT min(secret), 5 FROM account WHERE org_id = 2)",
        "JOIN ON": f"SELECT a.id FROM account a LEFT JOIN item i ON {SUB} IS NULL ORDER BY 1",
        "ORDER BY": f"SELECT id FROM account ORDER BY {SUB}, id",
        "DISTINCT ON": f"SELECT DISTINCT ON ({SUB}) 1 FROM account",
        "ROWS FROM": "SELECT * FROM ROWS FROM (generate_series(1, (SELECT count(*) FROM account WHERE org_id = 2))) AS g (n)",
        "TABLESAMPLE": "SELECT count(*) FROM account TABLESAMPLE SYSTEM ((SELECT count(*) FROM account WHERE org_id = 2) * 0 + 100)",
        "CASE": f"SELECT CASE WHEN EXISTS (SELECT FROM account WHERE org_id = 2) THEN {SUB} END",
        "ARRAY": "SELECT ARRAY(SELECT secret FROM account WHERE org_id = 2)",
        "a row comparison": "SELECT (1, 'x') IN (SELECT id, secret FROM account WHERE org_id = 2)",
        "COALESCE": f"SELECT coalesce({SUB}, 'none')",
        "a subscript": "SELECT (ARRAY['a', 'b'])[(SELECT count(*) FROM account WHERE org_id = 2)]",
        "a named argument": "SELECT make_interval(secs => (SELECT count(*) FROM account WHERE org_id = 2))",
        "INSERT": f"INSERT INTO item (id, body) VALUES (77, {SUB})",
        "an INDIRECTION": "SELECT ((SELECT a FROM account a WHERE org_id = 2 LIMIT 1)).secret",
        "XMLTABLE": "SELECT * FROM XMLTABLE('/r' PASSING (SELECT xmlelement(name r, min(secret)) FROM account WHERE org_id = 2) "
                    "COLUMNS a text PATH '.')",
        "GROUPING SETS": "SELECT id, count(*) FROM account GROUP BY GROUPING SETS ((id), ((SELECT count(*) FROM account)))",
        "an aggregate's ORDER BY": f"SELECT string_agg(secret, ',' ORDER BY {SUB}, id) FROM account"}.items()),
    same(35, "UNION", "SELECT 'a' UNION SELECT secret FROM account WHERE org_id = 2"),
    same(35, "parenthesised arms", "(SELECT secret FROM account) EXCEPT ((SELECT 'a') UNION ALL (SELECT body FROM item ORDER BY 1 LIMIT 1))"),
    same(35, "VALUES and TABLE arms", "VALUES (1::bigint, 2::bigint, 'e', 's', 3) UNION ALL TABLE account"),
    same(36, "LATERAL", "SELECT s.* FROM account a, LATERAL (SELECT secret FROM account b WHERE b.org_id <> a.org_id) s"),
    same(36, "recursive", "WITH RECURSIVE r (n, s) AS (SELECT 1::bigint, 'x' UNION ALL SELECT id + 1, secret FROM account, r "
                          "WHERE id = n AND org_id >= 1) SELECT * FROM r"),
    same(36, "correlated", "SELECT id FROM account a WHERE EXISTS (SELECT FROM item i WHERE i.org_id <> a.org_id)"),
    same(37, "DELETE in a CTE", "WITH d AS (DELETE FROM item WHERE org_id = 2 RETURNING *) SELECT * FROM d"),
    same(37, "INSERT in a CTE", "WITH i AS (INSERT INTO item (id, body) SELECT id + 50, secret FROM account RETURNING *) SELECT * FROM i"),
    same(37, "UPDATE in a CTE", "WITH u AS (UPDATE account SET amount = 9 RETURNING *) SELECT secret FROM u"),
    either(38, "COPY of a table", "COPY account TO STDOUT"),
    either(38, "COPY of a query", "COPY (SELECT secret FROM account WHERE org_id = 2) TO STDOUT"),
    either(38, "COPY of a write", "COPY (UPDATE account SET amount = 1 RETURNING secret) TO STDOUT"),
    refused(38, "COPY to a program", "COPY account TO PROGRAM 'cat'"),
    refused(38, "COPY to a file", "COPY account TO '/tmp/x'"),
    refused(39, "EXPLAIN ANALYZE of a write", "EXPLAIN ANALYZE DELETE FROM account"),
    refused(39, "EXPLAIN of CREATE TABLE AS", "EXPLAIN CREATE TABLE taken AS SELECT * FROM account"),
    refused(39, "EXPLAIN of DECLARE", "EXPLAIN DECLARE c CURSOR FOR SELECT * FROM account"),
    same(40, "a cursor", "BEGIN", "DECLARE c CURSOR FOR SELECT secret FROM account", "FETCH ALL FROM c", "COMMIT"),
    same(40, "a scrolling one", "BEGIN", "DECLARE c SCROLL CURSOR FOR SELECT secret FROM account ORDER BY id", "MOVE LAST IN c",
         "FETCH BACKWARD 3 FROM c", "COMMIT"),
    same(40, "one that is held", "DECLARE c CURSOR WITH HOLD FOR SELECT secret FROM account", "FETCH ALL FROM c", "CLOSE c"),
    either(40, "WHERE CURRENT OF", "BEGIN", "DECLARE c CURSOR FOR SELECT * FROM account WHERE id = 1 FOR UPDATE", "FETCH c",
           "UPDATE account SET amount = 8 WHERE CURRENT OF c", "COMMIT"),
    either(40, "WHERE CURRENT OF a foreign row", "BEGIN", "DECLARE c CURSOR FOR SELECT * FROM account WHERE org_id = 2 FOR UPDATE", "FETCH c",
           "DELETE FROM account WHERE CURRENT OF c", "COMMIT"),
    either(41, "PREPARE and EXECUTE in one string", "PREPARE p AS UPDATE account SET amount = $1; EXECUTE p(5); DEALLOCATE p"),
    refused(41, "a foreign organisation as an argument", "PREPARE p AS INSERT INTO item (id, org_id) VALUES ($1, $2)", "EXECUTE p(77, 2)"),
    refused(41, "one that is computed", "PREPARE p AS INSERT INTO item (id, org_id) VALUES ($1, $2)", "EXECUTE p(77, 1 + 1)"),
    either(41, "PREPARE and EXECUTE in SQL", "PREPARE p (bigint) AS SELECT secret FROM account WHERE org_id = $1", "EXECUTE p (2)"),
    exchanged,
    second_statement,
    same(43, "a partition by its name", "SELECT body FROM event_2024"),
    same(43, "a child by its name", "SELECT body FROM child"),
    same(43, "ONLY", "SELECT body FROM ONLY parent"),
    same(43, "the partitioned parent", "SELECT body FROM event"),
    same(43, "with children, by the old star", "SELECT body FROM parent *"),
    same(43, "a write to a partition", "UPDATE event_2024 SET body = 'mine'"),
    same(43, "a DELETE through the parent", "DELETE FROM parent"),
    refused(43, "a child of a shared and of a protected table", "SELECT body FROM draft_template"),
    refused(43, "its shared parent", "SELECT body FROM template"),
    same(43, "its protected parent", "SELECT body FROM draft"),
    refused(43, "a child of two tables with different tenant columns", "SELECT body FROM by_both"),
    same(44, "TABLESAMPLE", "SELECT secret FROM account TABLESAMPLE SYSTEM (100)"),
    same(44, "a foreign row by ctid", "SELECT secret FROM account WHERE ctid = '(0,3)' AND org_id = 2"),
    same(44, "tableoid", "SELECT tableoid::regclass, secret FROM account"),
    documented(44, "gaps between one's own ctids", "What PostgreSQL counts for everybody",
               "a ctid tells how many rows were written before, as a sequence does"),
    refused(45, "search_path", "SET search_path = evil, public"),
    refused(45, "CREATE SCHEMA", "CREATE SCHEMA evil"),
    refused(45, "set_config of search_path", "SELECT set_config('search_path', 'evil', false)"),
    refused(46, "a temporary view of the same name",
            "CREATE TEMP VIEW account AS SELECT 1 AS org_id, id, secret FROM public.account", "SELECT * FROM account"),
    refused(46, "a temporary table of the same name", "CREATE TEMP TABLE account (org_id bigint, id bigint)"),
    time_of_check,
    same(48, "an operator of the same name is not the predicate's", "SELECT secret FROM account"),
    refused(48, "the shadowing operator itself", "SELECT secret FROM account WHERE org_id OPERATOR(evil.=) 2"),
    refused(48, "CREATE OPERATOR", "CREATE OPERATOR public.= (leftarg = int, rightarg = int, procedure = always)"),
    refused(49, "CREATE FUNCTION current_setting", "CREATE FUNCTION current_setting(text) RETURNS text LANGUAGE sql AS 'SELECT ''2'''"),
    same(50, "organisations that a collation takes for equal", "SELECT org_id, body FROM named"),
    same(50, "with a spelling of one's own", "SELECT body FROM named WHERE org_id IN ('1 ', '01', '1')"),
    same(50, "a write to them", "UPDATE named SET body = 'mine'"),
    refused(50, "a new spelling", "INSERT INTO named (org_id, id, body) VALUES ('1 ', 2, 'x')"),
    same(51, "equal to NULL", "SELECT secret FROM account WHERE org_id = NULL OR org_id IS NULL"),
    same(52, "Unicode escapes", 'SELECT secret FROM U&"\\0061ccount"'),
    same(52, "capitals", "SELECT SECRET FROM Public.ACCOUNT"),
    refused(52, "a name that PostgreSQL would cut", f"SELECT 1 FROM account{'t' * 70}", states=("42622",)),
    refused(52, "a quoted one, cut to another's name", f'SELECT secret FROM "account{"_" * 70}"', states=("42622",)),
    refused(53, "a view with its owner's rights", "SELECT secret FROM account_as_owner"),
    refused(53, "a materialised view", "SELECT secret FROM account_stored"),
    same(53, "a view with the invoker's", "SELECT secret FROM account_as_invoker"),
    refused(54, "SECURITY DEFINER", "SELECT secret FROM everything()"),
    refused(54, "in the target list", "SELECT (everything()).secret"),
    refused(55, "DO", "DO $$ BEGIN DELETE FROM account; END $$"),
    refused(55, "an SQL function that reads", "CREATE FUNCTION f() RETURNS SETOF account LANGUAGE sql AS 'SELECT * FROM account'"),
    refused(56, "dblink", "SELECT * FROM dblink('dbname=bank', 'SELECT secret FROM account') AS t (s text)"),
    refused(56, "a foreign server", "CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw"),
    refused(56, "IMPORT FOREIGN SCHEMA", "IMPORT FOREIGN SCHEMA public FROM SERVER s INTO public"),
    harmless(57, "pg_policies", "a policy names the variable, which SHOW tells anyway", "SELECT qual FROM pg_policies"),
    either(57, "function bodies", "SELECT prosrc FROM pg_proc WHERE proname = 'everything'"),
    refused(57, "pg_shadow", "SELECT passwd FROM pg_shadow"),
    refused(57, "pg_authid", "SELECT rolpassword FROM pg_catalog.pg_authid"),
    refused(57, "user mappings", "SELECT umoptions FROM pg_user_mappings"),
    either(58, "JSON_TABLE", "SELECT * FROM JSON_TABLE('[1]', '$[*]' COLUMNS (a int PATH '$'))"),
    either(58, "old and new in RETURNING", "UPDATE account SET amount = 2 RETURNING old.secret, new.secret"),
    either(58, "MERGE_ACTION", "MERGE INTO account a USING item i ON a.id = i.id WHEN MATCHED THEN DELETE RETURNING merge_action()"),
]
