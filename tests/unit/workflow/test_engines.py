import pytest

from radsal.core.errors import Cancelled
from radsal.workflow.engines import Engines


def workers(engines):
    return list(engines.workers)


def test_that_no_process_starts_before_it_is_needed():
    with Engines(scanners=2) as engines:
        assert [worker.pid for worker in workers(engines)] == [None] * 4


def test_that_leaving_ends_every_process_also_after_an_error():
    def fail(engines):
        engines.warm_up()
        begun.extend(worker._process for worker in workers(engines))
        assert all(process.alive for process in begun)
        raise ZeroDivisionError

    begun = []
    engines = Engines(scanners=2)
    with pytest.raises(ZeroDivisionError), engines:
        fail(engines)
    assert len(begun) == 4
    assert not any(process.alive for process in begun)
    assert [worker.alive for worker in workers(engines)] == [False] * 4


def test_that_closed_engines_stay_closed():
    engines = Engines(scanners=2)
    engines.close()
    engines.close()
    with pytest.raises(Cancelled):
        engines.warm_up()
