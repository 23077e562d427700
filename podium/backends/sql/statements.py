"""The SQL texts that the store runs, by what they do."""

from __future__ import annotations

from attrs import frozen

#: The columns of a run that change, in the order in which `Statements.update_run` takes them. What runs are found by is
#: not among them: a database writes an index anew for each update that names one of its columns, changed or not.
CHANGING_RUN = (
    "revision",
    "version",
    "digest",
    "status",
    "updated_at",
    "ended_at",
    "due_at",
    "holder",
    "reason",
    "data",
    "input",
    "output",
    "variables",
)

#: The columns of an attempt that change, in the order in which `Statements.update_task` takes them.
CHANGING_TASK = (
    "task_type",
    "task_def_name",
    "status",
    "scheduled_at",
    "started_at",
    "ended_at",
    "updated_at",
    "due_at",
    "open_queue",
    "open_rank",
    "reason",
    "data",
    "output",
)


# To compare and to hash 90 fields nobody needs, and to make the methods for that takes as long as to read the module.
@frozen(kw_only=True, eq=False, repr=False)
class Statements:
    """
    Every SQL text for one database, written by `podium.backends.sql.queries`.

    Parameters are positional, in the order that the field's comment gives. ``{…}`` in a text is where the store puts a
    list of parameter marks, or conditions.
    """

    #: The revision of the schema, as numbered in `podium.backends.sql.migrations`.
    revision: str
    #: The names of its tables.
    tables: tuple[str, ...]
    #: The commands that make the schema in an empty database, and stamp it with its revision.
    create: tuple[str, ...]
    #: Gives the names of all tables of the database.
    list_tables: str
    #: Gives the revision of the schema that is there, or nothing if it was never stamped.
    stored_revision: str

    #: The columns of the row. Nothing happens if the digest exists.
    keep_definition: str
    #: The columns of the row.
    insert_run: str
    #: `CHANGING_RUN`, then run_id, revision that is stored.
    update_run: str
    #: `podium.engine.rows.RUN_STEP`, then run_id, revision that is stored.
    step_run: str
    #: revision, holder, run_id, revision that is stored
    hand_over_run: str
    #: correlation_id, created_at, run_id
    move_run: str
    #: run_id
    empty_run: str
    #: run_id
    empty_run_logs: str
    #: The columns of the row.
    insert_task: str
    #: `CHANGING_TASK`, then run_id, seq.
    update_task: str
    #: `podium.engine.rows.TASK_END`, then run_id, seq.
    end_task: str
    #: run_id, seq
    delete_task: str
    #: run_id, seq
    delete_task_logs: str
    #: name, key, run_id
    insert_start_key: str
    #: run_id, name, key, run_id that is stored
    take_start_key: str
    #: name, number, run_id, seq
    free_slot: str
    #: name, number, now
    expire_slot: str
    #: The columns of the row.
    take_slot: str
    #: The columns of the row.
    insert_log: str
    #: The columns of the row.
    put_workflow: str
    #: The columns of the row.
    put_task_def: str
    #: The columns of the row.
    put_schema: str
    #: None.
    put_entry: str
    bump_registry: str
    #: The columns of the row.
    put_cached: str
    #: now
    delete_expired: str
    #: The columns of the row.
    put_message: str
    #: run_id, number
    delete_message: str
    #: run_id
    empty_inbox: str
    #: The columns of the row. Nothing happens if the event_id exists.
    keep_outbox: str
    #: event_id
    delete_outbox: str
    #: The columns of the row.
    insert_schedule: str
    #: The columns of the row without the name, then name, revision that is stored.
    update_schedule: str
    #: name
    delete_schedule: str
    #: The columns of the row.
    put_engine: str
    #: engine_id
    delete_engine: str
    #: name, version
    delete_workflow: str
    #: name
    delete_task_def: str
    #: name, version
    delete_entry: str
    delete_schema: str

    #: ``{run_ids}``
    load_runs: str
    #: ``{run_ids}``. Gives the columns of `podium.engine.rows.PulseRow`.
    pulses: str
    #: run_id
    load_tasks: str
    #: run_id, six times. Gives the first attempts of the run too, whether current or not.
    load_current_tasks: str
    #: ``{run_ids}``. Gives the first attempts of each, whether current or not.
    load_first_tasks: str
    #: ``{run_ids}``. Each gives the columns of `podium.engine.rows.HeldRun` and `HeldTask`, of the first attempts.
    load_held: str
    load_held_tasks: str
    #: ``{run_ids}``. Gives those of them that have more than the first attempts.
    long_runs: str
    #: run_id, seq
    load_task: str
    #: run_id, after, ``{base_refs}``, run_id, run_id, after, ``{base_refs}``
    load_bodies: str
    #: run_id, seq
    load_logs: str
    #: digest
    load_definition: str
    #: until, limit, until, limit, limit
    due: str
    #: queue, limit
    claim: str
    #: queue, limit
    lying_in: str
    queue_sizes: str
    #: holder, limit, holder, limit, limit
    held_runs: str
    #: limit, three times
    unheld_runs: str
    #: name, key
    run_of_key: str
    slots: str
    #: name
    slots_of: str
    #: after, twice. Gives two names, each of which may be NULL.
    awaited_limit: str
    #: ``{where}``, limit, offset
    list_runs: str
    #: For each field of `podium.engine.rows.RunFilter`, in their order, what it asks; its parameter, perhaps again.
    run_conditions: tuple[str, ...]
    #: Each with ``{where}``, ``{order}``, ``{offset}``; limit.
    search_runs: str
    search_tasks: str
    search_runs_by_tasks: str
    #: Each with ``{where}``.
    count_runs: str
    count_tasks: str
    count_runs_by_tasks: str
    #: What the fields of `podium.engine.searches` are, in the order of ``RUN_FIELDS`` and ``TASK_FIELDS``.
    run_fields: tuple[str, ...]
    task_fields: tuple[str, ...]
    #: What its ``OPS`` ask of ``{field}``, in their order; with one parameter but for ``null`` and ``not null``.
    tests: tuple[str, ...]
    #: ``{field}``. Sorts what is NULL before the rest.
    nulls_first: str
    #: How a pattern has any letters; what means something in a pattern; what it has for such a letter.
    like_any: str
    like_special: str
    like_escape: str
    #: ``{where}``, limit. Gives the columns of `podium.model.statistics.Tally`; the first one says if it is a place.
    run_statistics: str
    #: ``{places}`` twice, ``{where}``, limit, most. The same.
    task_statistics: str
    #: until twice, created_at twice, run_id, limit
    ended_runs: str
    #: until twice, name, created_at twice, run_id, limit
    ended_runs_of_name: str
    #: ``{run_ids}``. Gives the columns of `podium.backends.families.FamilyMember`.
    families: str
    #: run_id
    delete_run: str
    #: run_id
    delete_start_keys: str
    #: name, version
    workflow: str
    #: name
    newest_workflow: str
    workflows: str
    #: name
    schedule: str
    schedules: str
    #: The columns of the row. Nothing happens if the id exists.
    keep_audit: str
    #: ``{where}``, limit, offset
    audit: str
    #: For each field of `podium.engine.rows.AuditFilter`, in their order, what it asks; one parameter each.
    audit_conditions: tuple[str, ...]
    #: until
    forget_audit: str
    #: until, limit
    due_schedules: str
    next_schedule_at: str
    #: name
    task_def: str
    task_defs: str
    #: name, version
    schema: str
    #: name
    newest_schema: str
    schemas: str
    entry: str
    entries: str
    registry_version: str
    #: key, now
    cached: str
    #: run_id, after, limit
    load_messages: str
    #: limit
    unsent: str
    engines: str
