"""A worker process: `python -m labelcrowd.worker --threads 4`. Run as many as there is work for.

It runs under a supervisor that starts it again: a step that kills its process is parked, but the process is gone.
dramatiq's own command would do too, but it keeps a second process only to watch the first, and ends all workers
when one dies.
"""

import argparse
import logging
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import django
from django.utils.module_loading import autodiscover_modules
from dramatiq import Worker
from dramatiq.worker import _WorkerMiddleware

from labelcrowd import broker
from labelcrowd.stopping import Stopping

log = logging.getLogger("labelcrowd.worker")  # not __name__, which is __main__ here

# Below the supervisor's patience. What still runs then is left to the next worker: every step may run twice.
SHUTDOWN_SECONDS = 8


def work(threads: int, queues: Sequence[str] = broker.QUEUES) -> None:
    """Do what the queues bring, until SIGTERM or SIGINT; then finish what was begun."""
    stopping = Stopping()
    outside = broker.OUTSIDE_THREADS if broker.OUTSIDE in queues else 0
    current = broker.broker(threads=threads + outside)
    broker.check(threads + outside)
    if count := broker.stuck():
        log.warning(
            "%d messages were taken over %s ago and never finished; the sweep sends them again",
            count,
            broker.STUCK_AFTER,
        )
    current.logger.addFilter(_is_news)
    current.emit_after("process_boot")
    ours = set(queues) - {broker.OUTSIDE}
    workers = [Worker(current, queues=ours, worker_threads=threads)] if ours else []
    if outside:
        workers.append(Worker(current, queues={broker.OUTSIDE}, worker_threads=outside))
    for worker in workers:
        worker.start()
    while not stopping.wait(60):
        pass
    with ThreadPoolExecutor(len(workers)) as ending:
        list(ending.map(lambda worker: worker.stop(timeout=SHUTDOWN_SECONDS * 1000), workers))
    broker.close()


def _is_news(record: logging.LogRecord) -> bool:
    """Leave out that a broker has two Workers: ours share no queue, so each one's middleware sees to its own."""
    return not any(isinstance(each, _WorkerMiddleware) for each in record.args or ())


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m labelcrowd.worker", description=__doc__)
    parser.add_argument("--threads", type=int, default=broker.DEFAULT_THREADS)
    parser.add_argument("--queues", nargs="+", choices=broker.QUEUES, default=broker.QUEUES)
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labelcrowd.settings")
    django.setup()
    autodiscover_modules("actors")
    work(options.threads, options.queues)


if __name__ == "__main__":
    main()
