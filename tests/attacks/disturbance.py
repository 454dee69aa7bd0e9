"""115–125: keeping others from working."""

from attack import documented, either, refused, same, shown_by, wire
from wire import query

TIMING = "Timing and resource channels"


@wire(119, "nesting, length and number beyond measure are refused, and nobody else waits")
def hostile_texts(scene):
    client, neighbour = scene.login(), scene.login("globex")
    for text in ("SELECT " + "(" * 20000 + "1" + ")" * 20000, "SELECT 1" + "+1" * 200000, "SELECT" + " -" * 50000 + "1", "SELECT " + "NOT " * 50000 + "true",
                 "SELECT " + "ARRAY[" * 10000 + "1" + "]" * 10000, "SELECT '" + "x" * (2 << 20) + "'",
                 "SELECT * FROM " + "(SELECT * FROM " * 5000 + "account" + ") x" * 5000,
                 "SELECT 1 " + "UNION SELECT 1 " * 20000, "SELECT CASE WHEN true THEN " * 5000 + "1" + " END" * 5000):
        client.send(query(text))
        assert scene.texts(neighbour.ask(query("SELECT 'here'"))) == ["here"]
        assert "E" in scene.kinds(client.until(b"Z")), text[:60]
    assert scene.texts(client.ask(query("SELECT 'still'"))) == ["still"]


@wire(115, "another session's backend")
def terminate(scene):
    victim = scene.login("globex")
    victim.ask(query("BEGIN"))
    (pid,) = scene.world.ask(scene.setup, "SELECT pid FROM pg_stat_activity WHERE usename = 'app_rw' AND state = 'idle in transaction'")[0]
    attacker = scene.login()
    for text in (f"SELECT pg_terminate_backend({pid})", f"SELECT pg_cancel_backend({pid})", f"SELECT pg_log_backend_memory_contexts({pid})",
                 f"SELECT pg_catalog.pg_terminate_backend(pid := {pid})"):
        scene.refuses(attacker, query(text))
    assert victim.ask(query("COMMIT"))[-1] == (b"Z", b"I")


ATTACKS = [
    terminate,
    refused(116, "LOCK TABLE", "BEGIN", "LOCK account"),
    refused(117, "PREPARE TRANSACTION", "BEGIN", "PREPARE TRANSACTION 'x'"),
    refused(117, "COMMIT PREPARED", "COMMIT PREPARED 'x'"),
    refused(117, "ROLLBACK PREPARED", "ROLLBACK PREPARED 'x'"),
    shown_by(118, "idle in a transaction", "integration/test_pool.py:test_an_idle_transaction_is_ended"),
    refused(118, "a replication slot", "SELECT pg_create_logical_replication_slot('s', 'test_decoding')"),
    refused(118, "a physical one", "SELECT pg_create_physical_replication_slot('s', true)"),
    hostile_texts,
    documented(119, "a heavy statement", TIMING, "it costs its own tenant's pool, and the server what it costs"),
    shown_by(119, "statements without end", "integration/test_limits.py:test_a_statement_that_runs_too_long_is_cancelled_and_the_session_goes_on",
             "integration/test_limits.py:test_a_transaction_that_takes_too_long_ends_its_session",
             "integration/test_limits.py:test_statements_at_once_have_a_limit"),
    shown_by(119, "statements without number", "integration/test_limits.py:test_statements_beyond_the_rate_wait_and_another_tenant_s_do_not",
             "integration/test_limits.py:test_results_beyond_the_rate_wait_and_another_tenant_s_do_not"),
    shown_by(120, "connections", "integration/test_pool.py:test_too_many_clients_are_told_so",
             "integration/test_pool.py:test_a_queue_has_an_end", "integration/test_bad_input.py:test_a_login_takes_no_longer_than_it_may"),
    documented(120, "a flood of guesses", "**Guessing passwords online** is not slowed down", "limits.clients and login_timeout bound it"),
    refused(121, "work_mem for everybody", "ALTER SYSTEM SET work_mem = '1GB'"),
    either(121, "one's own temp_buffers", "SET temp_buffers = '100GB'"),
    either(121, "one's own parallel workers", "SET max_parallel_workers_per_gather = 1000"),
    same(121, "statement_timeout is one's own", "SET statement_timeout = 0", "SELECT secret FROM account"),
    refused(122, "CREATE INDEX", "CREATE INDEX ON account (amount)"),
    refused(122, "VACUUM FULL", "VACUUM FULL account"),
    refused(122, "REINDEX", "REINDEX TABLE account"),
    refused(122, "CLUSTER", "CLUSTER account USING account_pkey"),
    refused(122, "REFRESH", "REFRESH MATERIALIZED VIEW account_stored"),
    refused(122, "CHECKPOINT", "CHECKPOINT"),
    documented(123, "a sequence used up", "**Sequences** are common to all tenants", "USAGE is what an INSERT needs"),
    documented(123, "a natural key taken first", "Unique constraints, sequences and identity columns that span tenants",
               "the database has to have the tenant column in its keys"),
    shown_by(124, "a guessed cancel key", "integration/test_cancel.py:test_a_wrong_secret_cancels_nothing",
             "integration/test_cancel.py:test_an_idle_client_s_cancel_does_not_hit_who_has_its_connection_now",
             "integration/test_cancel.py:test_a_storm_of_cancels_hits_nobody_else"),
    shown_by(124, "a timeout's cancel request", "integration/test_limits.py:test_a_timeout_s_late_cancel_meets_nothing_of_what_follows",
             "integration/test_limits.py:test_timeouts_by_the_hundred_hit_nobody_else"),
    either(125, "advisory locks without end", "SELECT count(pg_advisory_lock(n)) FROM generate_series(1, 100000) n"),
    either(125, "notifications without end", "SELECT count(pg_notify('x', n::text)) FROM generate_series(1, 100) n"),
]
