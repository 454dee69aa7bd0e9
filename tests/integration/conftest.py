import os
import signal

import pytest

import harness


def pytest_addoption(parser):
    parser.addoption("--targets", default=os.environ.get("SHOP_TARGETS", "direct,proxied"),
                     help="which ways to run tests both ways: direct, proxied or both (the default)")


def pytest_generate_tests(metafunc):
    if "target" in metafunc.fixturenames:
        metafunc.parametrize("target", metafunc.config.getoption("--targets").split(","), indirect=True)


@pytest.fixture(scope="session")
def scratch():
    harness.exit_on_signals()
    with harness.Scratch() as made:
        yield made


@pytest.fixture(scope="session")
def postgres(scratch):
    with harness.Postgres(scratch) as running:
        harness.create_shop(running)
        yield running


@pytest.fixture(scope="session")
def shop_proxy(postgres, scratch):
    with harness.Bulkhead(scratch, harness.shop_config(postgres)) as running:
        yield running


@pytest.fixture
def proxied(shop_proxy):
    """The shared shop behind a proxy in transaction mode. It must survive every test."""
    yield harness.Proxied(shop_proxy)
    assert shop_proxy.alive(), shop_proxy.log_tail()


@pytest.fixture
def direct(postgres):
    return harness.Direct(postgres)


@pytest.fixture
def target(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def own_proxy(postgres, scratch, request):
    """own_proxy(pool={...}, …) starts a proxy with a configuration of the test's own and returns the way through it."""
    started = []

    def start(server=postgres, **changes):
        bulkhead = harness.Bulkhead(scratch, harness.shop_config(server, **changes), name=f"own{scratch_number(scratch)}")
        started.append(bulkhead)
        bulkhead.start()
        return harness.Proxied(bulkhead)

    yield start
    statuses = [(b.stop(signal.SIGINT), b.log_tail()) for b in started]
    assert all(status == 0 for status, _ in statuses), statuses


def scratch_number(scratch):
    scratch.count = getattr(scratch, "count", 0) + 1
    return scratch.count
