"""What goes wrong in one simulated run of the world: each seed draws its own mixture."""

from __future__ import annotations

from random import Random

from attrs import frozen

from podium.backends.faulty import FaultRates

#: Steps of the chooser that happen in every world, and how often compared with each other.
_ALWAYS = {"step": 40, "start": 4, "local": 22, "poll": 10, "remote": 16, "wait_short": 10, "script": 4, "hear": 6}

#: Those that a seed may switch on; each then gets a rate between a tenth of this and all of it.
_SOMETIMES = {
    "beat": 2,
    "repeat": 4,
    "drop": 2,
    "human": 3,
    "message": 2,
    "meddle": 1,
    "pause": 3,
    "resume": 4,
    "terminate": 1,
    "retry": 3,
    "restart": 1,
    "rerun": 2,
    "skip": 1,
    "reset_callbacks": 1,
    "wait_long": 2,
    "crash": 1,
    "crash_in_commit": 1,
    "stop": 1,
    "launch": 4,
    "detach": 1,
    "attach": 2,
    "register": 1,
    "schedule": 3,
}

#: What workers may say beside COMPLETED, whose weight is 10.
_BAD_NEWS = {"FAILED": 4, "FAILED_WITH_TERMINAL_ERROR": 1, "IN_PROGRESS": 2}


@frozen(kw_only=True)
class ProcessSettings:
    """How the engine processes of one seed are set."""

    #: Most events in one commit.
    group_max: int
    #: Milliseconds ahead for which timers are kept in memory.
    horizon_ms: int
    #: How many scripts do not end at once: from 0 to 1.
    slow_scripts: float
    #: How many attempts a worker takes at once, where others could take them.
    room: int


@frozen(kw_only=True)
class Swarm:
    """
    The mixture of one seed.

    Uniform noise hides bugs that need calm in one place and a storm in another, so whole kinds are switched off.
    """

    #: Most engine processes at once.
    engines_max: int
    #: Step of the chooser to its weight.
    weights: dict[str, float]
    #: Status that a worker reports to its weight.
    answers: dict[str, float]
    store: FaultRates
    habits: ProcessSettings
    #: Whether the processes can see each other die; if not, they judge by silence.
    is_one_machine: bool

    @property
    def is_calm(self) -> bool:
        """Nothing but slowness can hit: no process dies, and the store works."""
        return self.engines_max == 1 and not {"crash", "crash_in_commit", "stop", "detach"} & self.weights.keys()


def draw_swarm(rng: Random) -> Swarm:
    """Draw a mixture."""
    weights: dict[str, float] = dict(_ALWAYS)
    for name, most in _SOMETIMES.items():
        if rng.random() < 0.5:
            weights[name] = most * rng.uniform(0.1, 1.0)
    if "pause" in weights:
        weights.setdefault("resume", 2.0)
    if {"crash", "crash_in_commit", "stop"} & weights.keys():
        weights["launch"] = 4.0
    return Swarm(
        engines_max=rng.choice((1, 1, 2, 3)),
        weights=weights,
        answers={"COMPLETED": 10.0}
        | {name: most * rng.random() for name, most in _BAD_NEWS.items() if rng.random() < 0.5},
        store=FaultRates(
            refused=_rate(rng),
            lost=_rate(rng),
            done_unseen=_rate(rng) * 2,
            lost_unseen=_rate(rng),
            read=_rate(rng) / 4,
        ),
        habits=ProcessSettings(
            group_max=rng.choice((1, 3, 512, 512)),
            horizon_ms=rng.choice((0, 1_000, 10_000, 10_000, 10_000)),
            slow_scripts=rng.choice((0.0, 0.0, 0.5)),
            room=rng.choice((1, 2, 5, 1_000)),
        ),
        is_one_machine=rng.random() < 0.7,
    )


def _rate(rng: Random) -> float:
    return rng.choice((0.02, 0.1, 0.2)) if rng.random() < 0.4 else 0.0
