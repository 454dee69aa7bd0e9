"""The configuration read anew by a running proxy: all of it or nothing, and nobody in the middle of something is disturbed."""

import signal
import threading
import time

import psycopg
import pytest

import harness
import wire
from certificates import Authority
from harness import sqlstate, wait_until
from throwaway import to_yaml
from wire import Wire, query


ADMIN = {"users": {"ops": {"password": {"plain": harness.PASSWORD}, "may": "show"}}}


class Reloadable:
    def __init__(self, target, postgres):
        self.target, self.bulkhead, self.postgres = target, target.bulkhead, postgres

    def write(self, listen=None, **changes):
        listen = listen or [{"address": f"127.0.0.1:{self.bulkhead.port}"},
                            {"unix": str(self.bulkhead.socket_dir), "port": self.bulkhead.port}]
        text = to_yaml({"version": 1, "listen": listen, **harness.shop_config(self.postgres, **{"admin": ADMIN, **changes})})
        self.bulkhead.config_path.write_text(text)

    def wait_for_a_waiter(self):
        """A statement has been sent, and has neither been answered nor reached a server."""
        with psycopg.connect(host="127.0.0.1", port=self.bulkhead.port, user="ops", password=harness.PASSWORD, dbname="bulkhead",
                             autocommit=True, row_factory=psycopg.rows.dict_row) as console:
            wait_until(lambda: "waiting" in [row["state"] for row in console.execute("SHOW CLIENTS").fetchall()], 10, "a client that waits")

    def hup(self, says="reloaded"):
        begin = len(self.bulkhead.log())
        self.bulkhead.send_signal(signal.SIGHUP)
        wait_until(lambda: f" {says}" in self.bulkhead.log()[begin:], 10, lambda: f"{says}\n{self.bulkhead.log_tail()}")
        return self.bulkhead.log()[begin:]

    def reload(self, says="reloaded", **changes):
        self.write(**changes)
        return self.hup(says)


@pytest.fixture
def running(own_proxy, postgres):
    return Reloadable(own_proxy(admin=ADMIN), postgres)


def config_of(postgres):
    return harness.shop_config(postgres)


def refused(connection):
    with pytest.raises(psycopg.Error) as caught:
        connection.execute("SELECT 1")
    return caught.value


def sent_away(client):
    """It has been told why."""
    messages = [client.receive()]
    with pytest.raises((wire.Closed, ConnectionError)):
        client.receive()
    problem = wire.error(messages)
    assert (problem["S"], problem["C"]) == ("FATAL", "57P01"), problem


def test_what_changes_is_logged_without_secrets(running, postgres):
    users = config_of(postgres)["users"]
    users["acme_app"] = {"tenant": "acme", "password": {"plain": "another horse"}}
    users["newcomer"] = {"tenant": "globex", "password": {"plain": "hush"}}
    log = running.reload(pool={"mode": "transaction", "size": 3}, users=users)
    assert 'pool.size: \\"5\\" -> \\"3\\"' in log or 'pool.size: "5" -> "3"' in log, log
    assert "users.acme_app.password.plain: another value of a secret" in log
    assert 'users.newcomer.tenant: ' in log
    assert "horse" not in log and "hush" not in log
    with running.target.psycopg("globex", user="newcomer", password="hush") as connection:
        assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(2,)]
    with pytest.raises(psycopg.OperationalError):
        running.target.psycopg()
    with running.target.psycopg(password="another horse") as connection:
        assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(1,)]


def test_a_faulty_file_changes_nothing(running):
    with running.target.psycopg() as connection:
        running.write(pool={"mode": "transaction", "size": 0}, users={"x": {"tenant": "nobody", "password": "y"}})
        log = running.hup("not reloaded")
        assert "pool.size: found" in log and "nobody" in log, "every fault, with its place"
        assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(1,)]
    running.bulkhead.config_path.write_text("{")
    running.hup("not reloaded")
    running.bulkhead.config_path.unlink()
    running.hup("not reloaded")
    with running.target.psycopg("globex") as connection:
        assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(2,)]


@pytest.mark.parametrize("changes", [{"threads": 7}, {"tenancy": {"mode": "observe"}}, {"log": {"format": "json"}}])
def test_what_needs_a_new_process_is_refused(running, changes):
    log = running.reload("not reloaded", **changes)
    assert next(iter(changes)) in log


def test_an_idle_session_meets_the_new_role_at_once(running, postgres):
    users = config_of(postgres)["users"]
    users["acme_app"]["role"] = "reader"
    with running.target.psycopg() as connection:
        connection.execute("UPDATE orders SET note = note WHERE id = 1")
        running.reload(users=users, roles={"reader": {"allow": ["select"]}})
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE orders SET note = note WHERE id = 1")
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (16,)
        running.reload()
        connection.execute("UPDATE orders SET note = note WHERE id = 1")


def test_what_was_prepared_is_judged_anew(running):
    with running.target.psycopg() as connection:
        connection.prepare_threshold = 0
        assert connection.execute("SELECT count(*) FROM countries").fetchone() == (5,)
        assert connection.execute("SELECT count(*) FROM orders WHERE id > %s", [0]).fetchone() == (16,)
        running.reload(tables={"public.open_orders": {"access": "tenant"}})
        with pytest.raises(psycopg.Error) as caught:
            connection.execute("SELECT count(*) FROM countries")
        assert sqlstate(caught.value) == "42501"
        assert connection.execute("SELECT count(*) FROM orders WHERE id > %s", [0]).fetchone() == (16,)


def test_a_transaction_ends_under_the_policy_it_has_begun_under(running, postgres):
    users = config_of(postgres)["users"]
    users["acme_app"]["role"] = "reader"
    with running.target.psycopg(autocommit=False) as connection:
        connection.execute("SELECT count(*) FROM orders")
        running.reload(users=users, roles={"reader": {"allow": ["select"]}})
        connection.execute("UPDATE orders SET note = note WHERE id = 1")
        connection.commit()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE orders SET note = note WHERE id = 1")
        connection.rollback()


def test_sessions_whose_user_or_tenant_has_gone_end_at_a_transaction_s_end(running, postgres):
    config = config_of(postgres)
    with Wire(running.target) as idle, Wire(running.target) as open_, Wire(running.target, "globex") as other, \
            Wire(running.target, "initech") as gone:
        open_.ask(query("BEGIN"))
        for client in (idle, open_, other, gone):
            client.rows("SELECT count(*) FROM orders")
        users = {name: user for name, user in config["users"].items() if name == "globex_app"}
        tenants = {name: tenant for name, tenant in config["tenants"].items() if name != "initech"}
        running.reload(users=users, tenants=tenants)
        sent_away(idle)
        sent_away(gone)
        assert open_.rows("SELECT DISTINCT org_id FROM orders") == [[b"1"]]
        open_.send(query("COMMIT"))
        assert wire.kinds(open_.until(b"Z")) == "CZ"
        sent_away(open_)
        assert other.rows("SELECT DISTINCT org_id FROM orders") == [[b"2"]]


def test_another_organisation_under_the_same_name_is_another_tenant(running):
    with Wire(running.target) as client:
        client.rows("SELECT 1")
        running.reload(tenants={"acme": {"org": 3}, "globex": {"org": 2}, "initech": {"org": 1}})
        sent_away(client)
    with running.target.psycopg() as connection:
        assert connection.execute("SELECT DISTINCT org_id FROM orders").fetchall() == [(3,)]


def test_a_session_with_another_session_variable_ends(running):
    """Its connections' row-level security would read another one."""
    with Wire(running.target) as client:
        client.rows("SELECT 1")
        running.reload(tenancy={"column": "org_id", "session_variable": "app.tenant", "without_row_security": "accept"})
        sent_away(client)


def test_a_tenant_moves_to_another_database_without_an_error(running, postgres):
    """shop_norls has the same rows; a table tells where one is."""
    main = config_of(postgres)["servers"]["main"]
    servers = {"main": main, "other": {**main, "database": "shop_norls"}}
    tenants = {"acme": {"org": 1, "server": "other"}, "globex": {"org": 2, "server": "main"}}
    users = {f"{name}_app": {"tenant": name, "password": {"plain": harness.PASSWORD}} for name in tenants}
    stop = threading.Event()
    seen, errors = set(), []

    def work(tenant, keywords):
        try:
            with psycopg.connect(**keywords, autocommit=True) as connection:
                while not stop.is_set():
                    with connection.transaction():
                        first = connection.execute("SELECT current_database()").fetchone()[0]
                        connection.execute("UPDATE orders SET note = note WHERE id = 1")
                        assert connection.execute("SELECT current_database()").fetchone()[0] == first
                    seen.add((tenant, first))
        except Exception as error:  # noqa: BLE001
            errors.append(repr(error))

    keywords = {tenant: running.target.keywords(tenant) for tenant in tenants}
    threads = [threading.Thread(target=work, args=(tenant, keywords[tenant])) for tenant in ("acme", "acme", "globex")]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: {("acme", "shop"), ("globex", "shop")} <= seen or errors, 10, lambda: f"{seen} {errors}")
        running.reload(servers=servers, tenants=tenants, users=users)
        wait_until(lambda: ("acme", "shop_norls") in seen or errors, 10, lambda: f"{seen} {errors}")
        running.reload()
        seen.clear()
        wait_until(lambda: {("acme", "shop"), ("globex", "shop")} <= seen or errors, 10, lambda: f"{seen} {errors}")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert errors == []
    assert ("globex", "shop_norls") not in seen


def test_who_waits_for_a_connection_goes_on_waiting_in_the_new_pool(own_proxy, postgres):
    running = Reloadable(own_proxy(pool={"mode": "transaction", "size": 1}, admin=ADMIN), postgres)
    holder = running.target.psycopg(autocommit=False)
    holder.execute("SELECT 1")
    with running.target.psycopg() as waiter:
        answer = []
        thread = threading.Thread(target=lambda: answer.append(waiter.execute("SELECT current_database()").fetchone()))
        thread.start()
        running.wait_for_a_waiter()
        main = config_of(postgres)["servers"]["main"]
        running.reload(servers={"main": {**main, "database": "shop_norls"}})
        thread.join(10)
        assert answer == [("shop_norls",)], "the old one is still taken"
        assert holder.execute("SELECT current_database()").fetchone() == ("shop",)
        holder.commit()
        assert holder.execute("SELECT current_database()").fetchone() == ("shop_norls",)
        holder.close()


def test_what_ties_a_session_to_a_database_that_is_left_ends_it(running, postgres):
    main = config_of(postgres)["servers"]["main"]
    with Wire(running.target) as tied:
        tied.ask(query("LISTEN news"))
        running.reload(pool={"mode": "transaction", "size": 4})
        assert tied.rows("SELECT count(*) FROM orders") == [[b"16"]], "nothing of it has changed"
        running.reload(servers={"main": {**main, "database": "shop_norls"}})
        sent_away(tied)


def test_a_smaller_pool_closes_what_is_too_much(running, postgres):
    connections = [running.target.psycopg(autocommit=False) for _ in range(5)]
    for connection in connections:
        connection.execute("SELECT 1")
    before = harness.server_connections(postgres)
    running.reload(pool={"mode": "transaction", "size": 2})
    for connection in connections:
        connection.rollback()
    wait_until(lambda: harness.server_connections(postgres) <= before - 3, 10,
               lambda: f"{before}, now {harness.server_connections(postgres)}")
    for connection in connections:
        connection.close()


def test_doors_open_and_close(running, postgres):
    port = harness.free_port()
    old = {"address": f"127.0.0.1:{running.bulkhead.port}"}
    with running.target.psycopg() as connection:
        running.reload(listen=[old, {"address": f"127.0.0.1:{port}"}])
        with running.target.psycopg(port=port) as through_new:
            assert through_new.execute("SELECT 1").fetchone() == (1,)
        running.write(listen=[old, {"address": f"127.0.0.1:{postgres.port}"}])
        assert "could not listen" in running.hup("not reloaded")
        running.reload(listen=[{"address": f"127.0.0.1:{port}"}])
        with pytest.raises(psycopg.OperationalError):
            running.target.psycopg()
        assert connection.execute("SELECT 1").fetchone() == (1,), "who is in stays in"
        with running.target.psycopg(port=port) as through_new:
            assert through_new.execute("SELECT 1").fetchone() == (1,)


def test_a_door_keeps_its_own_tls_wherever_it_stands(running, scratch):
    """And the place of one that has closed means nothing to those who still come in by the others."""
    pair = Authority(scratch.path / "doors").issue("server", "/CN=localhost")
    plain, secret, last = ({"address": f"127.0.0.1:{port}"} for port in (running.bulkhead.port, harness.free_port(), harness.free_port()))
    secret["tls"] = pair.tls("require")
    last["tls"] = pair.tls("allow")

    def takes(door, sslmode):
        try:
            with running.target.psycopg(port=int(door["address"].partition(":")[2]), sslmode=sslmode) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    for listen in ([plain, secret, last], [last, secret, plain], [last, plain], [secret, last], [secret], [plain, secret]):
        running.reload(listen=listen)
        found = {name: [takes(door, mode) for mode in ("disable", "require")]
                 for name, door in (("plain", plain), ("secret", secret), ("last", last)) if door in listen}
        expected = {"plain": [True, False], "secret": [False, True], "last": [True, True]}
        assert found == {name: expected[name] for name in found}


def test_many_reloads_under_load(running, postgres):
    """Every one is a new policy with new caches, pools that go on, prepared statements that are judged anew."""
    stop = threading.Event()
    errors, counts = [], [0] * 6

    def work(number):
        tenant = list(harness.TENANTS)[number % 3]
        try:
            with running.target.psycopg(tenant) as connection:
                connection.prepare_threshold = number % 2
                while not stop.is_set():
                    rows = connection.execute("SELECT DISTINCT org_id FROM orders WHERE id > %s", [0]).fetchall()
                    assert rows == [(harness.TENANTS[tenant],)]
                    with connection.pipeline():
                        cursors = [connection.execute("SELECT org_id FROM orders LIMIT 1") for _ in range(5)]
                    assert {cursor.fetchone() for cursor in cursors} == set(rows)
                    counts[number] += 1
        except Exception as error:  # noqa: BLE001
            errors.append(repr(error))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    try:
        for round_ in range(30):
            before = list(counts)
            running.reload(pool={"mode": "transaction", "size": 1 + round_ % 5, "idle_timeout": f"{round_ + 1}s"})
            wait_until(lambda: errors or all(now > then for now, then in zip(counts, before)), 10, lambda: f"{counts} {errors}")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert errors == []


def test_watched_file(own_proxy, postgres, scratch):
    bulkhead = harness.Bulkhead(scratch, harness.shop_config(postgres), name="watched", arguments=["--watch"])
    with bulkhead:
        running = Reloadable(harness.Proxied(bulkhead), postgres)
        running.write(pool={"mode": "transaction", "size": 9})
        wait_until(lambda: " reloaded" in bulkhead.log(), 10, bulkhead.log_tail)
        running.bulkhead.config_path.write_text("not: whole")
        wait_until(lambda: "not reloaded" in bulkhead.log(), 10, bulkhead.log_tail)


def test_limits_hold_for_sessions_that_are_there(running):
    def rows_per_second(connection, seconds):
        count, until = 0, time.monotonic() + seconds
        while time.monotonic() < until:
            connection.execute("SELECT 1")
            count += 1
        return count / seconds

    with running.target.psycopg() as one, running.target.psycopg() as two:
        one.execute("SELECT pg_sleep(0.5)")
        running.reload(limits={"statement_timeout": "200ms"})
        with pytest.raises(psycopg.errors.QueryCanceled):
            one.execute("SELECT pg_sleep(60)")
        users = config_of(running.postgres)["users"]
        users["acme_app"]["limits"] = {"statements_per_second": 3}
        running.reload(users=users)
        one.execute("SELECT pg_sleep(0.5)")
        assert rows_per_second(two, 2) <= (3 + 2 * 3 + 1) / 2
        running.reload(limits={"statements": 1, "queue_timeout": "1s"})
        one.execute("BEGIN")
        sleeping = threading.Thread(target=lambda: one.execute("SELECT pg_sleep(4)"))
        sleeping.start()
        wait_until(lambda: running.postgres.psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "1", 10, "a sleep")
        assert sqlstate(refused(two)) == "53400"
        sleeping.join()


def test_who_waits_for_its_turn_gets_it_when_the_limit_goes(running):
    running.reload(limits={"statements_per_second": 1, "queue_timeout": "60s"})
    with running.target.psycopg() as connection:
        connection.execute("SELECT 1;" * 100)
        waiting = threading.Thread(target=lambda: connection.execute("SELECT 2"))
        began = time.monotonic()
        waiting.start()
        running.wait_for_a_waiter()
        running.reload()
        waiting.join(30)
        assert not waiting.is_alive() and time.monotonic() - began < 60
