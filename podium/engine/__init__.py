"""
The engine: plan, decider, operators, kernel. Durable runs of workflow definitions, whatever the store.

It imports no backend, no worker and no network: what it needs from the world comes in through `podium.engine.ports`.
"""
