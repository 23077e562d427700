"""
Real processes on a real store, under faults: nothing that was accepted is lost, nothing committed is done again.

Run it as ``python -m podium.testing.torture --backend sqlite|postgresql|mysql --minutes 3``. Engine processes start and
work on runs of every structure, one of them as if on another machine whose clock is 5 s ahead, while faults of one kind
after the other are injected. The table says for each kind how many there were, and what became of the runs:

* lost: accepted runs that are not there, or did not end as they should;
* repeated: runs that were made twice for one idempotency key, committed results that changed, steps that ran again
  after their result was committed;
* stuck: starts that were never accepted, or runs that did not end, within two minutes after the fault was over.
"""
