"""
The statuses of tasks and runs, and the words of definitions that have a fixed choice.

Conductor: ``common/metadata/tasks/Task.java`` and ``common/run/Workflow.java``.
"""

from __future__ import annotations

from enum import StrEnum


class TaskStatus(StrEnum):
    """Where one attempt of one task stands."""

    #: Waits for a worker, or for the moment it becomes due.
    SCHEDULED = "SCHEDULED"
    #: A worker has it, or it waits for something outside.
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    #: An optional task that failed for good; the flow went on.
    COMPLETED_WITH_ERRORS = "COMPLETED_WITH_ERRORS"
    #: An operator asked to skip it before it was scheduled.
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"
    FAILED_WITH_TERMINAL_ERROR = "FAILED_WITH_TERMINAL_ERROR"
    TIMED_OUT = "TIMED_OUT"
    CANCELED = "CANCELED"

    # Attributes instead of properties: the engine asks millions of times.
    def __init__(self, value: str) -> None:
        #: Nothing changes this attempt any more.
        self.is_terminal: bool = value not in {"SCHEDULED", "IN_PROGRESS"}
        #: Not terminally bad; also true for the two live statuses, as in Conductor.
        self.is_successful: bool = value not in {"FAILED", "FAILED_WITH_TERMINAL_ERROR", "TIMED_OUT", "CANCELED"}
        #: A failed attempt with this status may be followed by another.
        self.is_retriable: bool = value not in {"SKIPPED", "FAILED_WITH_TERMINAL_ERROR", "CANCELED"}


#: The statuses that a worker may report (Conductor: ``TaskResult.Status``).
REPORTABLE = frozenset(
    {
        TaskStatus.IN_PROGRESS,
        TaskStatus.COMPLETED,
        TaskStatus.FAILED,
        TaskStatus.FAILED_WITH_TERMINAL_ERROR,
        TaskStatus.CANCELED,
    },
)


class RunStatus(StrEnum):
    """Where a workflow run stands."""

    RUNNING = "RUNNING"
    #: What runs may finish; nothing new is scheduled until it is resumed.
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    TERMINATED = "TERMINATED"

    def __init__(self, value: str) -> None:
        #: The run has ended; only an operator can take it up again.
        self.is_terminal: bool = value not in {"RUNNING", "PAUSED"}
        #: The run ended well.
        self.is_successful: bool = value == "COMPLETED"


class TaskType(StrEnum):
    """
    The task types that Podium's engine knows.

    ``WorkflowTask.type`` is a plain string on the wire: every type that is not listed here is a worker task whose queue
    is the type's name (Conductor: ``TaskType.java``, ``UserDefinedTaskMapper.java``).
    """

    SIMPLE = "SIMPLE"
    DYNAMIC = "DYNAMIC"
    FORK_JOIN = "FORK_JOIN"
    FORK_JOIN_DYNAMIC = "FORK_JOIN_DYNAMIC"
    JOIN = "JOIN"
    EXCLUSIVE_JOIN = "EXCLUSIVE_JOIN"
    SWITCH = "SWITCH"
    DECISION = "DECISION"
    DO_WHILE = "DO_WHILE"
    SUB_WORKFLOW = "SUB_WORKFLOW"
    START_WORKFLOW = "START_WORKFLOW"
    SET_VARIABLE = "SET_VARIABLE"
    TERMINATE = "TERMINATE"
    WAIT = "WAIT"
    HUMAN = "HUMAN"
    EVENT = "EVENT"
    HTTP = "HTTP"
    INLINE = "INLINE"
    LAMBDA = "LAMBDA"
    JSON_JQ_TRANSFORM = "JSON_JQ_TRANSFORM"
    NOOP = "NOOP"
    YIELD = "YIELD"
    WAIT_FOR_WEBHOOK = "WAIT_FOR_WEBHOOK"
    PULL_WORKFLOW_MESSAGES = "PULL_WORKFLOW_MESSAGES"
    HTTP_POLL = "HTTP_POLL"
    KAFKA_PUBLISH = "KAFKA_PUBLISH"
    JDBC = "JDBC"
    GET_WORKFLOW = "GET_WORKFLOW"


class TaskTimeoutPolicy(StrEnum):
    """What a task's timeout does."""

    RETRY = "RETRY"
    TIME_OUT_WF = "TIME_OUT_WF"
    ALERT_ONLY = "ALERT_ONLY"


class WorkflowTimeoutPolicy(StrEnum):
    """What a workflow's timeout does."""

    TIME_OUT_WF = "TIME_OUT_WF"
    ALERT_ONLY = "ALERT_ONLY"


class RetryLogic(StrEnum):
    """How the delay grows from one attempt to the next."""

    FIXED = "FIXED"
    EXPONENTIAL_BACKOFF = "EXPONENTIAL_BACKOFF"
    LINEAR_BACKOFF = "LINEAR_BACKOFF"


class JoinMode(StrEnum):
    """How often Conductor looks at a JOIN; Podium's joins fire at once in both modes."""

    SYNC = "SYNC"
    ASYNC = "ASYNC"


class RateLimitPolicy(StrEnum):
    """What happens to a start above the workflow's rate limit."""

    QUEUE = "QUEUE"
    REJECT = "REJECT"


class SchemaType(StrEnum):
    """The language of a schema."""

    JSON = "JSON"
    AVRO = "AVRO"
    PROTOBUF = "PROTOBUF"


class ReturnStrategy(StrEnum):
    """What a caller gets who waits until a run waits for somebody."""

    TARGET_WORKFLOW = "TARGET_WORKFLOW"
    BLOCKING_WORKFLOW = "BLOCKING_WORKFLOW"
    BLOCKING_TASK = "BLOCKING_TASK"
    BLOCKING_TASK_INPUT = "BLOCKING_TASK_INPUT"


class IdempotencyStrategy(StrEnum):
    """What a second start with the same idempotency key does."""

    FAIL = "FAIL"
    RETURN_EXISTING = "RETURN_EXISTING"
    FAIL_ON_RUNNING = "FAIL_ON_RUNNING"
