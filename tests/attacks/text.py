"""142–152: a text that is read in two ways."""

from attack import either, refused, same, shown_by, wire
from wire import query

FOREIGN = "(SELECT min(secret) FROM account WHERE org_id = 2)"


@wire(143, "bytes that are no UTF-8, or the halves of other encodings' characters")
def encodings(scene):
    client = scene.login()
    for raw in (b"SELECT E'\x95\\', (SELECT min(secret) FROM account) --'", b"SELECT '\xff'", b"SELECT '\xc0\xa7'", b"SELECT '\xed\xa0\x80'",
                b"SELECT \"\xf5\x80\x80\x80\"", b"SELECT '\xe2\x82'", b"SELECT 1 -- \xc3\x28"):
        answer = client.ask((b"Q", raw + b"\0"))
        assert "E" in scene.kinds(answer) and "D" not in scene.kinds(answer), raw


@wire(149, "many columns, many parameters, many rows in one text")
def many(scene):
    client = scene.login()
    for text in ("SELECT " + ",".join(["1"] * 1665), "SELECT " + "/*" * 20000 + "*/" * 20000 + "1", "SELECT " + ",".join(f"${n}::int" for n in range(1, 70000)),
                 "SELECT * FROM " + ",".join(f"account a{n}" for n in range(3000)),
                 "SELECT 1 WHERE 1 IN (" + ",".join(["2"] * 100000) + ")"):
        client.ask(query(text))  # refused here or there, or answered: nobody falls over it
    assert scene.texts(client.ask(query("SELECT 'still'"))) == ["still"]


ATTACKS = [
    refused(142, "standard_conforming_strings", "SET standard_conforming_strings = off",
            f"SELECT '\\' || ' , {FOREIGN} , '--'"),
    refused(142, "by set_config", "SELECT set_config('standard_conforming_strings', 'off', false)"),
    refused(142, "backslash_quote", "SET backslash_quote = on"),
    same(142, "backslashes are letters", "SELECT '\\' || ' , (SELECT 1) , '--'"),
    encodings,
    same(144, "escapes", f"SELECT E'\\'', {FOREIGN}, E'\\\\'"),
    same(144, "Unicode escapes with a sign of their own", f"SELECT U&'!0041' UESCAPE '!', {FOREIGN}"),
    same(144, "dollar quotes", f"SELECT $a$ '$b$' $a$, {FOREIGN}, $$--$$"),
    same(144, "nested comments", f"SELECT /* /* ' */ $$ */ {FOREIGN} -- '\n, 1"),
    same(144, "a carriage return ends a comment", f"SELECT 1 -- x\r, {FOREIGN}"),
    same(144, "strings that go on in the next line", f"SELECT 'a'\n'b', {FOREIGN}"),
    same(144, "a comment between the parts", "SELECT 'a' -- '\n 'b' FROM account WHERE org_id = 2"),
    same(144, "a predicate behind a comment's end", "SELECT secret FROM account WHERE true --"),
    same(144, "behind an open parenthesis", "SELECT secret FROM account WHERE (org_id = 2 OR true /* ) */ )"),
    either(145, "grammar of later versions", "SELECT JSON_OBJECT('a': 1)"),
    either(145, "MERGE BY SOURCE", "MERGE INTO item t USING item s ON false WHEN NOT MATCHED BY SOURCE THEN DELETE"),
    either(145, "RETURNING WITH", "UPDATE account SET amount = 1 RETURNING WITH (OLD AS o) o.secret"),
    either(145, "system_user", "SELECT system_user"),
    refused(146, "numbers that later versions read otherwise", "SELECT 1_000, 0xff", states=("42601",)),
    refused(146, "a number with a word behind it", "SELECT secret FROM account WHERE org_id=2OR true", states=("42601",)),
    same(147, "IS TRUE over OR", "SELECT secret FROM account WHERE (id > 0 OR false) IS TRUE"),
    same(147, "BETWEEN", "SELECT secret FROM account WHERE (id BETWEEN 0 AND 9) OR org_id = 2"),
    same(147, "an alias that is SQL", 'SELECT "j WHERE true --".secret FROM account a JOIN item b USING (id) AS "j WHERE true --", account '
                                      'AS "x; DELETE FROM item"'),
    same(147, "a cursor's name that is SQL", "BEGIN", 'DECLARE "c; DELETE FROM item; --" CURSOR FOR SELECT secret FROM account',
         'FETCH 1 FROM "c; DELETE FROM item; --"', "COMMIT"),
    same(147, "an argument's name that is SQL", 'SELECT make_interval("1),(SELECT min(secret) FROM account),make_interval(secs" => 1)'),
    same(147, "COLLATE, AT TIME ZONE, subscripts",
         "SELECT secret COLLATE \"C\" FROM account WHERE (secret || 'a') COLLATE \"C\" > '' OR (ARRAY[org_id])[1] = 2"),
    same(148, "hints and routing comments", f"/*+ SeqScan(account) */ SELECT /* pgdog_shard: 2 */ {FOREIGN}"),
    many,
    same(150, "statements with one fingerprint", "SELECT secret FROM account WHERE org_id = 1", "SELECT secret FROM account WHERE org_id = 2",
         "SELECT secret FROM account WHERE org_id IN (1)", "SELECT secret FROM account WHERE org_id IN (1, 2)"),
    same(150, "a comment that begins where another seems to end, in the shape of texts seen before",
         *(f"SELECT * FROM account a /*{n}*/ WHERE a.id > {n} OR true --{n}" for n in range(3)),
         "SELECT * FROM account a /*/*/ WHERE a.id > 0 OR true --*/ */"),
    shown_by(151, "one text, two tenants", "integration/test_isolation.py:test_identical_statements_have_different_answers"),
    same(151, "one text before and after a change of settings", "SELECT body FROM item", "SET enable_seqscan = off", "SELECT body FROM item"),
    shown_by(152, "names in the configuration", "unit/policy/load_test.cc:TEST"),
    refused(152, "a table nobody has listed", "SELECT * FROM unlisted"),
    same(152, "one by another spelling", 'SELECT 1 FROM "Account"'),
]
