"""What the programs of the peers share: a chain of steps, each adding one, run one after the other and by threads."""

import json
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from statistics import median

#: Steps of a chain.
LENGTH = 5


def measured(name: str, run: Callable[[int], int], threads: Sequence[int] = (4, 16)) -> None:
    """
    Print a peer's figures as one line of JSON: its best rate, one run at a time or by threads, and the median of one.

    Args:
        name: The peer.
        run: Runs the chain with a number, and gives that number plus the steps; every result is kept before it goes on.
        threads: With how many threads its rate is tried beside.
    """
    numbers = count()

    def checked(_: int) -> float:
        number, began = next(numbers), time.perf_counter()
        if run(number) != number + LENGTH:
            raise AssertionError(f"{name} gave something else than {number + LENGTH}")
        return time.perf_counter() - began

    runs = int(os.environ["PEER_RUNS"])
    for warm in range(10):
        checked(warm)
    alone = [checked(number) for number in range(runs)]
    rates = {1: runs / sum(alone)}
    for at_once in threads:
        with ThreadPoolExecutor(at_once) as pool:
            began = time.perf_counter()
            list(pool.map(checked, range(runs)))
            rates[at_once] = runs / (time.perf_counter() - began)
    print(json.dumps({"rate": max(rates.values()), "p50_ms": median(alone) * 1_000}))
