"""psql, the way people use it."""

import re
import subprocess

import pytest


def psql(target, *commands, stdin="", tenant="acme", **changes):
    arguments = [a for command in commands for a in ("-c", command)]
    return subprocess.run(["psql", "-X", "-A", "-v", "VERBOSITY=verbose", *arguments],
                          input=stdin, capture_output=True, text=True, timeout=60, check=False,
                          env=target.environment(tenant, **changes))


@pytest.mark.parametrize("command, wanted", [
    (r"\d", "orders"), (r"\dt", "order_items"), (r"\d orders", "placed_on"), (r"\d+ customers", "credit"),
    (r"\d open_orders", "customer_id"), (r"\di", "orders_pkey"), (r"\dv", "open_orders"), (r"\ds", "orders_id_seq"),
    (r"\l", "shop"), (r"\du", "app_rw"), (r"\df", "slugify"), (r"\df+ slugify", "immutable"), (r"\dn", "public"),
    (r"\dT", ""), (r"\dp orders", "app_rw"), (r"\dx", "plpgsql"), (r"\conninfo", "connected"), (r"\sf slugify", "FUNCTION"),
    (r"\encoding", "UTF8"),
])
def test_backslash_commands(target, command, wanted):
    done = psql(target, command)
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert wanted.lower() in done.stdout.lower()


def test_sizes_are_refused_cleanly(proxied):
    """What `\\dt+` asks measures everybody's rows."""
    done = psql(proxied, stdin="\\dt+\nSELECT 'still here';\n")
    assert "42501" in done.stderr and "still here" in done.stdout


def test_describing_shows_the_same_as_directly(proxied, direct):
    """But for what makes a private database private."""

    def described(target):
        return re.sub(r".*(org_id\|bigint|_own|Policies|POLICY|USING|Policy|current_setting|Check constraints).*\n", "",
                      psql(target, r"\d orders", r"\d customers").stdout)

    assert described(proxied) == described(direct)


def test_a_script(target):
    done = psql(target, stdin="""
        \\set ON_ERROR_STOP 1
        BEGIN;
        INSERT INTO customers (id, name) VALUES (970, 'O''Hara');
        SELECT name FROM customers WHERE id = 970 \\gset
        \\echo :name
        ROLLBACK;
        SELECT count(*) FROM orders; SELECT 'ü';
        \\set FETCH_COUNT 3
        SELECT id FROM orders ORDER BY id;
        SELECT id, status FROM orders WHERE id = 1 \\gdesc
        """)
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert "O'Hara" in done.stdout and "(16 rows)" in done.stdout and "bigint" in done.stdout


def test_errors_point_at_the_place(proxied, direct):
    statement = "SELECT 'ä', id FROM orders o WHERE o.nosuch = 1"
    assert psql(proxied, statement).stderr == psql(direct, statement).stderr


def test_a_refusal_in_a_script_does_not_end_it(proxied):
    done = psql(proxied, stdin="SELECT * FROM audit_trail;\nSELECT 'still here';\n")
    assert done.returncode == 0 and "still here" in done.stdout
    assert "42501" in done.stderr and "HINT" in done.stderr and "LINE 1: SELECT * FROM audit_trail" in done.stderr


def test_a_refused_copy_is_refused_cleanly(proxied, tmp_path):
    """A refusal is an error like any other and the session goes on."""
    into = tmp_path / "out.csv"
    (tmp_path / "in.csv").write_text("1,2\n")
    done = psql(proxied, stdin=f"\\copy audit_trail to '{into}' csv\n\\copy countries from '{tmp_path}/in.csv' csv\n"
                               "SELECT 'still here';\n")
    assert "still here" in done.stdout, done.stderr
    assert done.stderr.count("0A000") + done.stderr.count("42501") >= 2, done.stderr
    assert not into.exists() or not into.read_text()
