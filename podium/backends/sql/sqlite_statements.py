"""
The SQL texts for SQLite.

Written by ``python -m podium.backends.sql.generate``: change the queries.
"""

from __future__ import annotations

from podium.backends.sql.statements import Statements

STATEMENTS = Statements(
    revision="0010",
    tables=(
        "audit",
        "cached",
        "definitions",
        "engines",
        "entries",
        "logs",
        "messages",
        "meta",
        "outbox",
        "payloads",
        "runs",
        "schedules",
        "schema_version",
        "schemas",
        "slots",
        "start_keys",
        "task_defs",
        "tasks",
        "workflows",
    ),
    create=(
        (
            "CREATE TABLE schema_version ( version_num VARCHAR(32) NOT NULL, CONSTRAINT schema_version_pkc "
            "PRIMARY KEY (version_num) )"
        ),
        "INSERT INTO schema_version (version_num) VALUES ('making')",
        (
            "CREATE TABLE audit ( audit_id VARCHAR NOT NULL, at BIGINT NOT NULL, who VARCHAR NOT NULL, address "
            "VARCHAR NOT NULL, verb VARCHAR NOT NULL, kind VARCHAR NOT NULL, name VARCHAR NOT NULL, run_id "
            "VARCHAR, result VARCHAR NOT NULL, body BLOB NOT NULL, PRIMARY KEY (audit_id) )"
        ),
        "CREATE INDEX audit_by_age ON audit (at, audit_id)",
        "CREATE INDEX audit_by_object ON audit (kind, name, at, audit_id)",
        "CREATE INDEX audit_by_run ON audit (run_id) WHERE run_id IS NOT NULL",
        (
            'CREATE TABLE cached ( "key" VARCHAR NOT NULL, expires_at BIGINT NOT NULL, body BLOB NOT NULL, '
            'PRIMARY KEY ("key") )'
        ),
        "CREATE INDEX cached_by_expiry ON cached (expires_at)",
        "CREATE TABLE definitions ( digest VARCHAR NOT NULL, body BLOB NOT NULL, PRIMARY KEY (digest) )",
        (
            "CREATE TABLE engines ( engine_id VARCHAR NOT NULL, identity VARCHAR NOT NULL, heartbeat_at BIGINT "
            "NOT NULL, queues TEXT NOT NULL, PRIMARY KEY (engine_id) )"
        ),
        (
            "CREATE TABLE entries ( kind VARCHAR NOT NULL, name VARCHAR NOT NULL, changed_at BIGINT NOT NULL, "
            "body BLOB NOT NULL, PRIMARY KEY (kind, name) )"
        ),
        (
            "CREATE TABLE logs ( log_id INTEGER NOT NULL, run_id VARCHAR NOT NULL, seq BIGINT NOT NULL, "
            "created_at BIGINT NOT NULL, text VARCHAR NOT NULL, PRIMARY KEY (log_id) )"
        ),
        "CREATE INDEX logs_by_attempt ON logs (run_id, seq)",
        (
            "CREATE TABLE messages ( run_id VARCHAR NOT NULL, number BIGINT NOT NULL, created_at BIGINT NOT NULL,"
            " message_id VARCHAR NOT NULL, body BLOB NOT NULL, PRIMARY KEY (run_id, number) )"
        ),
        "CREATE TABLE meta ( name VARCHAR NOT NULL, value BIGINT NOT NULL, PRIMARY KEY (name) )",
        (
            "CREATE TABLE outbox ( event_id VARCHAR NOT NULL, holder VARCHAR NOT NULL, created_at BIGINT NOT "
            "NULL, body BLOB NOT NULL, PRIMARY KEY (event_id) )"
        ),
        "CREATE INDEX outbox_by_age ON outbox (created_at, event_id)",
        (
            "CREATE TABLE runs ( run_id VARCHAR NOT NULL, revision BIGINT NOT NULL, name VARCHAR NOT NULL, "
            "version BIGINT NOT NULL, digest VARCHAR NOT NULL, status VARCHAR NOT NULL, priority BIGINT NOT NULL,"
            " correlation_id VARCHAR, parent_id VARCHAR, parent_seq BIGINT NOT NULL, created_at BIGINT NOT NULL, "
            "updated_at BIGINT NOT NULL, ended_at BIGINT NOT NULL, due_at BIGINT, holder VARCHAR, reason TEXT, "
            "data BLOB NOT NULL, input BLOB NOT NULL, output BLOB NOT NULL, variables BLOB NOT NULL, PRIMARY KEY "
            "(run_id) )"
        ),
        "CREATE INDEX runs_by_age ON runs (created_at, run_id)",
        "CREATE INDEX runs_by_correlation ON runs (correlation_id) WHERE correlation_id IS NOT NULL",
        "CREATE INDEX runs_by_name ON runs (name, created_at, run_id)",
        "CREATE INDEX runs_by_name_and_status ON runs (name, status, created_at, run_id)",
        "CREATE INDEX runs_by_parent ON runs (parent_id) WHERE parent_id IS NOT NULL",
        "CREATE INDEX runs_by_status ON runs (status, created_at, run_id)",
        "CREATE INDEX runs_due ON runs (due_at, run_id) WHERE due_at IS NOT NULL",
        (
            "CREATE INDEX runs_ended_badly ON runs (status, ended_at, run_id) WHERE status = 'FAILED' OR status ="
            " 'TIMED_OUT' OR status = 'TERMINATED'"
        ),
        "CREATE INDEX runs_held ON runs (holder, status, run_id, ended_at) WHERE ended_at = 0",
        "CREATE INDEX runs_unheld ON runs (run_id) WHERE ended_at = 0 AND holder IS NULL",
        (
            "CREATE TABLE schedules ( name VARCHAR NOT NULL, revision BIGINT NOT NULL, workflow VARCHAR NOT NULL,"
            " due_at BIGINT, updated_at BIGINT NOT NULL, body BLOB NOT NULL, data BLOB NOT NULL, PRIMARY KEY "
            "(name) )"
        ),
        "CREATE INDEX schedules_due ON schedules (due_at, name)",
        (
            "CREATE TABLE schemas ( name VARCHAR NOT NULL, version BIGINT NOT NULL, body BLOB NOT NULL, PRIMARY "
            "KEY (name, version) )"
        ),
        (
            "CREATE TABLE slots ( name VARCHAR NOT NULL, number BIGINT NOT NULL, run_id VARCHAR NOT NULL, seq "
            "BIGINT NOT NULL, taken_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, PRIMARY KEY (name, number) ) "
            "WITHOUT ROWID"
        ),
        (
            'CREATE TABLE start_keys ( name VARCHAR NOT NULL, "key" VARCHAR NOT NULL, run_id VARCHAR NOT NULL, '
            'PRIMARY KEY (name, "key") ) WITHOUT ROWID'
        ),
        "CREATE INDEX start_keys_by_run ON start_keys (run_id)",
        "CREATE TABLE task_defs ( name VARCHAR NOT NULL, body BLOB NOT NULL, PRIMARY KEY (name) )",
        (
            "CREATE TABLE tasks ( run_id VARCHAR NOT NULL, seq BIGINT NOT NULL, ref VARCHAR NOT NULL, base_ref "
            "VARCHAR NOT NULL, iteration BIGINT NOT NULL, task_type VARCHAR NOT NULL, task_def_name VARCHAR NOT "
            "NULL, status VARCHAR NOT NULL, scheduled_at BIGINT NOT NULL, started_at BIGINT NOT NULL, ended_at "
            "BIGINT NOT NULL, updated_at BIGINT NOT NULL, due_at BIGINT, open_queue VARCHAR, open_rank BIGINT NOT"
            " NULL, reason TEXT, data BLOB NOT NULL, input BLOB NOT NULL, output BLOB NOT NULL, PRIMARY KEY "
            "(run_id, seq) )"
        ),
        "CREATE INDEX tasks_by_place ON tasks (run_id, base_ref, seq) WHERE seq > 64",
        "CREATE INDEX tasks_due ON tasks (due_at, run_id, seq) WHERE due_at IS NOT NULL",
        ("CREATE INDEX tasks_live ON tasks (run_id, seq) WHERE seq > 64 AND status IN ('SCHEDULED', 'IN_PROGRESS')"),
        "CREATE INDEX tasks_open ON tasks (open_queue, open_rank, run_id, seq) WHERE open_queue IS NOT NULL",
        (
            "CREATE TABLE workflows ( name VARCHAR NOT NULL, version BIGINT NOT NULL, created_at BIGINT NOT NULL,"
            " updated_at BIGINT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (name, version) )"
        ),
        (
            "CREATE TABLE payloads ( run_id VARCHAR NOT NULL, seq BIGINT NOT NULL, name VARCHAR NOT NULL, body "
            "BLOB NOT NULL, PRIMARY KEY (run_id, seq, name) )"
        ),
        "INSERT INTO meta (name, value) VALUES ('registry', 0)",
        (
            "CREATE TRIGGER payloads_of_runs AFTER DELETE ON runs BEGIN DELETE FROM payloads WHERE run_id = "
            "OLD.run_id AND seq = 0; END"
        ),
        (
            "CREATE TRIGGER payloads_of_tasks AFTER DELETE ON tasks BEGIN DELETE FROM payloads WHERE run_id = "
            "OLD.run_id AND seq = OLD.seq; END"
        ),
    ),
    list_tables="SELECT name FROM sqlite_master WHERE type = 'table'",
    stored_revision="SELECT schema_version.version_num FROM schema_version",
    keep_definition="INSERT INTO definitions (digest, body) VALUES (?, ?) ON CONFLICT DO NOTHING",
    insert_run=(
        "INSERT INTO runs (run_id, revision, name, version, digest, status, priority, correlation_id, "
        "parent_id, parent_seq, created_at, updated_at, ended_at, due_at, holder, reason, data, input, "
        "output, variables) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ),
    update_run=(
        "UPDATE runs SET revision=?, version=?, digest=?, status=?, updated_at=?, ended_at=?, due_at=?, "
        "holder=?, reason=?, data=?, input=?, output=?, variables=? WHERE runs.run_id = ? AND runs.revision ="
        " ?"
    ),
    step_run="UPDATE runs SET revision=?, updated_at=?, data=? WHERE runs.run_id = ? AND runs.revision = ?",
    hand_over_run="UPDATE runs SET revision=?, holder=? WHERE runs.run_id = ? AND runs.revision = ?",
    move_run="UPDATE runs SET correlation_id=?, created_at=? WHERE runs.run_id = ?",
    empty_run="DELETE FROM tasks WHERE tasks.run_id = ?",
    empty_run_logs="DELETE FROM logs WHERE logs.run_id = ?",
    insert_task=(
        "INSERT INTO tasks (run_id, seq, ref, base_ref, iteration, task_type, task_def_name, status, "
        "scheduled_at, started_at, ended_at, updated_at, due_at, open_queue, open_rank, reason, data, input, "
        "output) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ),
    update_task=(
        "UPDATE tasks SET task_type=?, task_def_name=?, status=?, scheduled_at=?, started_at=?, ended_at=?, "
        "updated_at=?, due_at=?, open_queue=?, open_rank=?, reason=?, data=?, output=? WHERE tasks.run_id = ?"
        " AND tasks.seq = ?"
    ),
    end_task=(
        "UPDATE tasks SET status=?, started_at=?, ended_at=?, updated_at=?, reason=?, data=?, output=? WHERE "
        "tasks.run_id = ? AND tasks.seq = ?"
    ),
    delete_task="DELETE FROM tasks WHERE tasks.run_id = ? AND tasks.seq = ?",
    delete_task_logs="DELETE FROM logs WHERE logs.run_id = ? AND logs.seq = ?",
    insert_start_key='INSERT INTO start_keys (name, "key", run_id) VALUES (?, ?, ?)',
    take_start_key=(
        'UPDATE start_keys SET run_id=? WHERE start_keys.name = ? AND start_keys."key" = ? AND start_keys.run_id = ?'
    ),
    free_slot="DELETE FROM slots WHERE slots.name = ? AND slots.number = ? AND slots.run_id = ? AND slots.seq = ?",
    expire_slot=(
        "DELETE FROM slots WHERE slots.name = ? AND slots.number = ? AND slots.expires_at > 0 AND slots.expires_at <= ?"
    ),
    take_slot="INSERT INTO slots (name, number, run_id, seq, taken_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
    insert_log="INSERT INTO logs (run_id, seq, created_at, text) VALUES (?, ?, ?, ?)",
    put_workflow=(
        "INSERT INTO workflows (name, version, created_at, updated_at, body) VALUES (?, ?, ?, ?, ?) ON "
        "CONFLICT (name, version) DO UPDATE SET created_at = excluded.created_at, updated_at = "
        "excluded.updated_at, body = excluded.body"
    ),
    put_task_def=(
        "INSERT INTO task_defs (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body"
    ),
    put_schema=(
        "INSERT INTO schemas (name, version, body) VALUES (?, ?, ?) ON CONFLICT (name, version) DO UPDATE SET"
        " body = excluded.body"
    ),
    put_entry=(
        "INSERT INTO entries (kind, name, changed_at, body) VALUES (?, ?, ?, ?) ON CONFLICT (kind, name) DO "
        "UPDATE SET changed_at = excluded.changed_at, body = excluded.body"
    ),
    bump_registry="UPDATE meta SET value=(meta.value + 1) WHERE meta.name = 'registry'",
    put_cached=(
        'INSERT INTO cached ("key", expires_at, body) VALUES (?, ?, ?) ON CONFLICT ("key") DO UPDATE SET '
        "expires_at = excluded.expires_at, body = excluded.body"
    ),
    delete_expired="DELETE FROM cached WHERE cached.expires_at <= ?",
    put_message=(
        "INSERT INTO messages (run_id, number, created_at, message_id, body) VALUES (?, ?, ?, ?, ?) ON "
        "CONFLICT (run_id, number) DO UPDATE SET created_at = excluded.created_at, message_id = "
        "excluded.message_id, body = excluded.body"
    ),
    delete_message="DELETE FROM messages WHERE messages.run_id = ? AND messages.number = ?",
    empty_inbox="DELETE FROM messages WHERE messages.run_id = ?",
    keep_outbox="INSERT INTO outbox (event_id, holder, created_at, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    delete_outbox="DELETE FROM outbox WHERE outbox.event_id = ?",
    insert_schedule=(
        "INSERT INTO schedules (name, revision, workflow, due_at, updated_at, body, data) VALUES (?, ?, ?, ?, ?, ?, ?)"
    ),
    update_schedule=(
        "UPDATE schedules SET revision=?, workflow=?, due_at=?, updated_at=?, body=?, data=? WHERE "
        "schedules.name = ? AND schedules.revision = ?"
    ),
    delete_schedule="DELETE FROM schedules WHERE schedules.name = ?",
    put_engine=(
        "INSERT INTO engines (engine_id, identity, heartbeat_at, queues) VALUES (?, ?, ?, ?) ON CONFLICT "
        "(engine_id) DO UPDATE SET identity = excluded.identity, heartbeat_at = excluded.heartbeat_at, queues"
        " = excluded.queues"
    ),
    delete_engine="DELETE FROM engines WHERE engines.engine_id = ?",
    delete_workflow="DELETE FROM workflows WHERE workflows.name = ? AND workflows.version = ?",
    delete_task_def="DELETE FROM task_defs WHERE task_defs.name = ?",
    delete_entry="DELETE FROM entries WHERE entries.kind = ? AND entries.name = ?",
    delete_schema="DELETE FROM schemas WHERE schemas.name = ? AND schemas.version = ?",
    load_runs=(
        "SELECT runs.run_id, runs.revision, runs.name, runs.version, runs.digest, runs.status, runs.priority,"
        " runs.correlation_id, runs.parent_id, runs.parent_seq, runs.created_at, runs.updated_at, "
        "runs.ended_at, runs.due_at, runs.holder, runs.reason, runs.data, CASE WHEN (length(runs.input) = 1) "
        "THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = runs.run_id AND payloads.seq = 0 "
        "AND payloads.name = 'input') ELSE runs.input END AS input, CASE WHEN (length(runs.output) = 1) THEN "
        "(SELECT payloads.body FROM payloads WHERE payloads.run_id = runs.run_id AND payloads.seq = 0 AND "
        "payloads.name = 'output') ELSE runs.output END AS output, CASE WHEN (length(runs.variables) = 1) "
        "THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = runs.run_id AND payloads.seq = 0 "
        "AND payloads.name = 'variables') ELSE runs.variables END AS variables FROM runs WHERE runs.run_id IN"
        " ({run_ids})"
    ),
    pulses="SELECT runs.run_id, runs.revision, runs.status FROM runs WHERE runs.run_id IN ({run_ids})",
    load_tasks=(
        "SELECT tasks.run_id, tasks.seq, tasks.ref, tasks.base_ref, tasks.iteration, tasks.task_type, "
        "tasks.task_def_name, tasks.status, tasks.scheduled_at, tasks.started_at, tasks.ended_at, "
        "tasks.updated_at, tasks.due_at, tasks.open_queue, tasks.open_rank, tasks.reason, tasks.data, CASE "
        "WHEN (length(tasks.input) = 1) THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = "
        "tasks.run_id AND payloads.seq = tasks.seq AND payloads.name = 'input') ELSE tasks.input END AS "
        "input, CASE WHEN (length(tasks.output) = 1) THEN (SELECT payloads.body FROM payloads WHERE "
        "payloads.run_id = tasks.run_id AND payloads.seq = tasks.seq AND payloads.name = 'output') ELSE "
        "tasks.output END AS output FROM tasks WHERE tasks.run_id = ? ORDER BY tasks.seq"
    ),
    load_current_tasks=(
        "WITH RECURSIVE places(place) AS (SELECT min(later.base_ref) AS place FROM tasks AS later WHERE "
        "later.run_id = ? AND later.seq > 64 UNION ALL SELECT (SELECT min(following.base_ref) AS min_1 FROM "
        "tasks AS following WHERE following.run_id = ? AND following.seq > 64 AND following.base_ref > "
        "places.place) AS anon_2 FROM places WHERE places.place IS NOT NULL) SELECT tasks.run_id, tasks.seq, "
        "tasks.ref, tasks.base_ref, tasks.iteration, tasks.task_type, tasks.task_def_name, tasks.status, "
        "tasks.scheduled_at, tasks.started_at, tasks.ended_at, tasks.updated_at, tasks.due_at, "
        "tasks.open_queue, tasks.open_rank, tasks.reason, tasks.data, CASE WHEN (length(tasks.input) = 1) "
        "THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = tasks.run_id AND payloads.seq = "
        "tasks.seq AND payloads.name = 'input') ELSE tasks.input END AS input, CASE WHEN "
        "(length(tasks.output) = 1) THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = "
        "tasks.run_id AND payloads.seq = tasks.seq AND payloads.name = 'output') ELSE tasks.output END AS "
        "output FROM tasks WHERE tasks.run_id = ? AND tasks.seq <= 64 UNION ALL SELECT tasks.run_id, "
        "tasks.seq, tasks.ref, tasks.base_ref, tasks.iteration, tasks.task_type, tasks.task_def_name, "
        "tasks.status, tasks.scheduled_at, tasks.started_at, tasks.ended_at, tasks.updated_at, tasks.due_at, "
        "tasks.open_queue, tasks.open_rank, tasks.reason, tasks.data, CASE WHEN (length(tasks.input) = 1) "
        "THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = tasks.run_id AND payloads.seq = "
        "tasks.seq AND payloads.name = 'input') ELSE tasks.input END AS input, CASE WHEN "
        "(length(tasks.output) = 1) THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = "
        "tasks.run_id AND payloads.seq = tasks.seq AND payloads.name = 'output') ELSE tasks.output END AS "
        "output FROM tasks WHERE tasks.run_id = ? AND tasks.seq IN (SELECT (SELECT max(newest.seq) AS max_1 "
        "FROM tasks AS newest WHERE newest.run_id = ? AND newest.seq > 64 AND newest.base_ref = places.place)"
        " AS anon_1 FROM places WHERE places.place IS NOT NULL UNION SELECT live.seq FROM tasks AS live WHERE"
        " live.run_id = ? AND live.seq > 64 AND live.status IN ('SCHEDULED', 'IN_PROGRESS')) ORDER BY seq"
    ),
    load_first_tasks=(
        "SELECT tasks.run_id, tasks.seq, tasks.ref, tasks.base_ref, tasks.iteration, tasks.task_type, "
        "tasks.task_def_name, tasks.status, tasks.scheduled_at, tasks.started_at, tasks.ended_at, "
        "tasks.updated_at, tasks.due_at, tasks.open_queue, tasks.open_rank, tasks.reason, tasks.data, CASE "
        "WHEN (length(tasks.input) = 1) THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = "
        "tasks.run_id AND payloads.seq = tasks.seq AND payloads.name = 'input') ELSE tasks.input END AS "
        "input, CASE WHEN (length(tasks.output) = 1) THEN (SELECT payloads.body FROM payloads WHERE "
        "payloads.run_id = tasks.run_id AND payloads.seq = tasks.seq AND payloads.name = 'output') ELSE "
        "tasks.output END AS output FROM tasks WHERE tasks.run_id IN ({run_ids}) AND tasks.seq <= 64 ORDER BY"
        " tasks.run_id, tasks.seq"
    ),
    load_held=(
        "SELECT runs.run_id, runs.revision, runs.digest, runs.status, runs.due_at, runs.holder, runs.data "
        "FROM runs WHERE runs.run_id IN ({run_ids})"
    ),
    load_held_tasks=(
        "SELECT tasks.run_id, tasks.seq, tasks.base_ref, tasks.status, tasks.due_at, tasks.open_queue, "
        "tasks.data FROM tasks WHERE tasks.run_id IN ({run_ids}) AND tasks.seq <= 64 ORDER BY tasks.run_id, "
        "tasks.seq"
    ),
    long_runs=(
        "SELECT runs.run_id FROM runs WHERE runs.run_id IN ({run_ids}) AND (EXISTS (SELECT * FROM tasks AS "
        "later WHERE later.run_id = runs.run_id AND later.seq > 64))"
    ),
    load_task=(
        "SELECT tasks.run_id, tasks.seq, tasks.ref, tasks.base_ref, tasks.iteration, tasks.task_type, "
        "tasks.task_def_name, tasks.status, tasks.scheduled_at, tasks.started_at, tasks.ended_at, "
        "tasks.updated_at, tasks.due_at, tasks.open_queue, tasks.open_rank, tasks.reason, tasks.data, CASE "
        "WHEN (length(tasks.input) = 1) THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = "
        "tasks.run_id AND payloads.seq = tasks.seq AND payloads.name = 'input') ELSE tasks.input END AS "
        "input, CASE WHEN (length(tasks.output) = 1) THEN (SELECT payloads.body FROM payloads WHERE "
        "payloads.run_id = tasks.run_id AND payloads.seq = tasks.seq AND payloads.name = 'output') ELSE "
        "tasks.output END AS output FROM tasks WHERE tasks.run_id = ? AND tasks.seq = ?"
    ),
    load_bodies=(
        "SELECT tasks.run_id, tasks.seq, tasks.ref, tasks.base_ref, tasks.iteration, tasks.task_type, "
        "tasks.task_def_name, tasks.status, tasks.scheduled_at, tasks.started_at, tasks.ended_at, "
        "tasks.updated_at, tasks.due_at, tasks.open_queue, tasks.open_rank, tasks.reason, tasks.data, CASE "
        "WHEN (length(tasks.input) = 1) THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = "
        "tasks.run_id AND payloads.seq = tasks.seq AND payloads.name = 'input') ELSE tasks.input END AS "
        "input, CASE WHEN (length(tasks.output) = 1) THEN (SELECT payloads.body FROM payloads WHERE "
        "payloads.run_id = tasks.run_id AND payloads.seq = tasks.seq AND payloads.name = 'output') ELSE "
        "tasks.output END AS output FROM tasks WHERE tasks.run_id = ? AND tasks.seq > ? AND tasks.base_ref IN"
        " ({base_refs}) AND tasks.seq <= 64 UNION ALL SELECT tasks.run_id, tasks.seq, tasks.ref, "
        "tasks.base_ref, tasks.iteration, tasks.task_type, tasks.task_def_name, tasks.status, "
        "tasks.scheduled_at, tasks.started_at, tasks.ended_at, tasks.updated_at, tasks.due_at, "
        "tasks.open_queue, tasks.open_rank, tasks.reason, tasks.data, CASE WHEN (length(tasks.input) = 1) "
        "THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = tasks.run_id AND payloads.seq = "
        "tasks.seq AND payloads.name = 'input') ELSE tasks.input END AS input, CASE WHEN "
        "(length(tasks.output) = 1) THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = "
        "tasks.run_id AND payloads.seq = tasks.seq AND payloads.name = 'output') ELSE tasks.output END AS "
        "output FROM tasks WHERE tasks.run_id = ? AND tasks.seq IN (SELECT later.seq FROM tasks AS later "
        "WHERE later.run_id = ? AND later.seq > 64 AND later.seq > ? AND later.base_ref IN ({base_refs})) "
        "ORDER BY seq"
    ),
    load_logs=(
        "SELECT logs.run_id, logs.seq, logs.created_at, logs.text FROM logs WHERE logs.run_id = ? AND "
        "logs.seq = ? ORDER BY logs.created_at, logs.log_id"
    ),
    load_definition="SELECT definitions.digest, definitions.body FROM definitions WHERE definitions.digest = ?",
    due=(
        "SELECT due.due_at, due.run_id, due.seq, runs.holder FROM (SELECT first_runs.due_at AS due_at, "
        "first_runs.run_id AS run_id, first_runs.seq AS seq FROM (SELECT runs.due_at AS due_at, runs.run_id "
        "AS run_id, 0 AS seq FROM runs WHERE runs.due_at IS NOT NULL AND runs.due_at <= ? ORDER BY "
        "runs.due_at, runs.run_id LIMIT ? OFFSET 0) AS first_runs UNION ALL SELECT first_tasks.due_at AS "
        "due_at, first_tasks.run_id AS run_id, first_tasks.seq AS seq FROM (SELECT tasks.due_at AS due_at, "
        "tasks.run_id AS run_id, tasks.seq AS seq FROM tasks WHERE tasks.due_at IS NOT NULL AND tasks.due_at "
        "<= ? ORDER BY tasks.due_at, tasks.run_id, tasks.seq LIMIT ? OFFSET 0) AS first_tasks) AS due LEFT "
        "OUTER JOIN runs ON runs.run_id = due.run_id ORDER BY due.due_at, due.run_id, due.seq LIMIT ? OFFSET "
        "0"
    ),
    claim=(
        "SELECT tasks.open_queue, tasks.open_rank, tasks.run_id, tasks.seq FROM tasks WHERE tasks.open_queue "
        "IS NOT NULL AND tasks.open_queue = ? ORDER BY tasks.open_rank, tasks.run_id, tasks.seq LIMIT ? "
        "OFFSET 0"
    ),
    lying_in=(
        "SELECT tasks.open_queue, tasks.open_rank, tasks.run_id, tasks.seq FROM tasks WHERE tasks.open_queue "
        "IS NOT NULL AND tasks.open_queue = ? ORDER BY tasks.open_rank, tasks.run_id, tasks.seq LIMIT ? "
        "OFFSET 0"
    ),
    queue_sizes=(
        "SELECT tasks.open_queue, count(*) AS count_1 FROM tasks WHERE tasks.open_queue IS NOT NULL GROUP BY "
        "tasks.open_queue"
    ),
    held_runs=(
        "SELECT held.run_id FROM (SELECT first_running.run_id AS run_id FROM (SELECT runs.run_id AS run_id "
        "FROM runs WHERE runs.ended_at = 0 AND runs.holder = ? AND runs.status = 'RUNNING' ORDER BY "
        "runs.run_id LIMIT ? OFFSET 0) AS first_running UNION ALL SELECT first_paused.run_id AS run_id FROM "
        "(SELECT runs.run_id AS run_id FROM runs WHERE runs.ended_at = 0 AND runs.holder = ? AND runs.status "
        "= 'PAUSED' ORDER BY runs.run_id LIMIT ? OFFSET 0) AS first_paused) AS held ORDER BY held.run_id "
        "LIMIT ? OFFSET 0"
    ),
    unheld_runs=(
        "SELECT held.run_id FROM (SELECT first_running.run_id AS run_id FROM (SELECT runs.run_id AS run_id "
        "FROM runs WHERE runs.ended_at = 0 AND runs.holder IS NULL AND runs.status = 'RUNNING' ORDER BY "
        "runs.run_id LIMIT ? OFFSET 0) AS first_running UNION ALL SELECT first_paused.run_id AS run_id FROM "
        "(SELECT runs.run_id AS run_id FROM runs WHERE runs.ended_at = 0 AND runs.holder IS NULL AND "
        "runs.status = 'PAUSED' ORDER BY runs.run_id LIMIT ? OFFSET 0) AS first_paused) AS held ORDER BY "
        "held.run_id LIMIT ? OFFSET 0"
    ),
    run_of_key='SELECT start_keys.run_id FROM start_keys WHERE start_keys.name = ? AND start_keys."key" = ?',
    slots=(
        "SELECT slots.name, slots.number, slots.run_id, slots.seq, slots.taken_at, slots.expires_at FROM "
        "slots ORDER BY slots.name, slots.number"
    ),
    slots_of=(
        "SELECT slots.name, slots.number, slots.run_id, slots.seq, slots.taken_at, slots.expires_at FROM "
        "slots WHERE slots.name = ? ORDER BY slots.number"
    ),
    awaited_limit=(
        "SELECT min(tasks.open_queue) AS min_1 FROM tasks WHERE tasks.open_queue IS NOT NULL AND "
        "tasks.open_queue > ? AND tasks.open_queue < '$' UNION ALL SELECT min(runs.holder) AS min_2 FROM runs"
        " WHERE runs.ended_at = 0 AND runs.holder > ? AND runs.holder < '$'"
    ),
    list_runs=(
        "SELECT runs.run_id, runs.revision, runs.name, runs.version, runs.digest, runs.status, runs.priority,"
        " runs.correlation_id, runs.parent_id, runs.parent_seq, runs.created_at, runs.updated_at, "
        "runs.ended_at, runs.due_at, runs.holder, runs.reason, runs.data, X'' AS input, X'' AS output, X'' AS"
        " variables FROM runs WHERE {where} ORDER BY runs.created_at DESC, runs.run_id DESC LIMIT ? OFFSET "
        "{offset}"
    ),
    run_conditions=(
        "runs.name = ?",
        "runs.status = ?",
        "runs.correlation_id = ?",
        "runs.parent_id = ?",
        "runs.version = ?",
        "runs.priority = ?",
        "instr(runs.reason, ?) > 0",
        "runs.created_at >= ?",
        "runs.created_at <= ?",
        "runs.updated_at >= ?",
        "runs.updated_at <= ?",
        "runs.ended_at > 0 AND runs.ended_at >= ?",
        "runs.ended_at > 0 AND runs.ended_at <= ?",
        (
            "instr(CASE WHEN (length(runs.input) = 1) THEN (SELECT payloads.body FROM payloads WHERE "
            "payloads.run_id = runs.run_id AND payloads.seq = 0 AND payloads.name = 'input') ELSE runs.input END,"
            " CAST(? AS BLOB)) > 0"
        ),
        (
            "instr(CASE WHEN (length(runs.output) = 1) THEN (SELECT payloads.body FROM payloads WHERE "
            "payloads.run_id = runs.run_id AND payloads.seq = 0 AND payloads.name = 'output') ELSE runs.output "
            "END, CAST(? AS BLOB)) > 0"
        ),
        (
            "(instr(CASE WHEN (length(runs.input) = 1) THEN (SELECT payloads.body FROM payloads WHERE "
            "payloads.run_id = runs.run_id AND payloads.seq = 0 AND payloads.name = 'input') ELSE runs.input END,"
            " CAST(? AS BLOB)) > 0 OR instr(CASE WHEN (length(runs.output) = 1) THEN (SELECT payloads.body FROM "
            "payloads WHERE payloads.run_id = runs.run_id AND payloads.seq = 0 AND payloads.name = 'output') ELSE"
            " runs.output END, CAST(? AS BLOB)) > 0 OR instr(CASE WHEN (length(runs.variables) = 1) THEN (SELECT "
            "payloads.body FROM payloads WHERE payloads.run_id = runs.run_id AND payloads.seq = 0 AND "
            "payloads.name = 'variables') ELSE runs.variables END, CAST(? AS BLOB)) > 0 OR instr(runs.reason, ?) "
            "> 0 OR instr(runs.correlation_id, ?) > 0)"
        ),
    ),
    search_runs=(
        "SELECT runs.run_id, runs.revision, runs.name, runs.version, runs.digest, runs.status, runs.priority,"
        " runs.correlation_id, runs.parent_id, runs.parent_seq, runs.created_at, runs.updated_at, "
        "runs.ended_at, runs.due_at, runs.holder, runs.reason, runs.data, CASE WHEN (length(runs.input) = 1) "
        "THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = runs.run_id AND payloads.seq = 0 "
        "AND payloads.name = 'input') ELSE runs.input END AS input, CASE WHEN (length(runs.output) = 1) THEN "
        "(SELECT payloads.body FROM payloads WHERE payloads.run_id = runs.run_id AND payloads.seq = 0 AND "
        "payloads.name = 'output') ELSE runs.output END AS output, CASE WHEN (length(runs.variables) = 1) "
        "THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = runs.run_id AND payloads.seq = 0 "
        "AND payloads.name = 'variables') ELSE runs.variables END AS variables FROM runs WHERE {where} ORDER "
        "BY {order} LIMIT ? OFFSET {offset}"
    ),
    search_tasks=(
        "SELECT tasks.run_id, tasks.seq, tasks.ref, tasks.base_ref, tasks.iteration, tasks.task_type, "
        "tasks.task_def_name, tasks.status, tasks.scheduled_at, tasks.started_at, tasks.ended_at, "
        "tasks.updated_at, tasks.due_at, tasks.open_queue, tasks.open_rank, tasks.reason, tasks.data, CASE "
        "WHEN (length(tasks.input) = 1) THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = "
        "tasks.run_id AND payloads.seq = tasks.seq AND payloads.name = 'input') ELSE tasks.input END AS "
        "input, CASE WHEN (length(tasks.output) = 1) THEN (SELECT payloads.body FROM payloads WHERE "
        "payloads.run_id = tasks.run_id AND payloads.seq = tasks.seq AND payloads.name = 'output') ELSE "
        "tasks.output END AS output FROM tasks JOIN runs AS owner ON owner.run_id = tasks.run_id WHERE "
        "{where} ORDER BY {order} LIMIT ? OFFSET {offset}"
    ),
    search_runs_by_tasks=(
        "SELECT runs.run_id, runs.revision, runs.name, runs.version, runs.digest, runs.status, runs.priority,"
        " runs.correlation_id, runs.parent_id, runs.parent_seq, runs.created_at, runs.updated_at, "
        "runs.ended_at, runs.due_at, runs.holder, runs.reason, runs.data, CASE WHEN (length(runs.input) = 1) "
        "THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = runs.run_id AND payloads.seq = 0 "
        "AND payloads.name = 'input') ELSE runs.input END AS input, CASE WHEN (length(runs.output) = 1) THEN "
        "(SELECT payloads.body FROM payloads WHERE payloads.run_id = runs.run_id AND payloads.seq = 0 AND "
        "payloads.name = 'output') ELSE runs.output END AS output, CASE WHEN (length(runs.variables) = 1) "
        "THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = runs.run_id AND payloads.seq = 0 "
        "AND payloads.name = 'variables') ELSE runs.variables END AS variables FROM runs WHERE runs.run_id IN"
        " (SELECT tasks.run_id FROM tasks JOIN runs AS owner ON owner.run_id = tasks.run_id WHERE {where}) "
        "ORDER BY {order} LIMIT ? OFFSET {offset}"
    ),
    count_runs="SELECT count(*) AS count_1 FROM runs WHERE {where}",
    count_tasks=(
        "SELECT count(*) AS count_1 FROM tasks JOIN runs AS owner ON owner.run_id = tasks.run_id WHERE {where}"
    ),
    count_runs_by_tasks=(
        "SELECT count(*) AS count_1 FROM runs WHERE runs.run_id IN (SELECT tasks.run_id FROM tasks JOIN runs "
        "AS owner ON owner.run_id = tasks.run_id WHERE {where})"
    ),
    run_fields=(
        "runs.run_id",
        "runs.name",
        "runs.version",
        "runs.status",
        "runs.priority",
        "runs.correlation_id",
        "runs.parent_id",
        "runs.created_at",
        "runs.updated_at",
        "runs.ended_at",
        "(runs.ended_at - runs.created_at)",
        "runs.reason",
        "runs.data",
        (
            "CASE WHEN (length(runs.input) = 1) THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id = "
            "runs.run_id AND payloads.seq = 0 AND payloads.name = 'input') ELSE runs.input END"
        ),
        (
            "CASE WHEN (length(runs.output) = 1) THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id ="
            " runs.run_id AND payloads.seq = 0 AND payloads.name = 'output') ELSE runs.output END"
        ),
        (
            "CASE WHEN (length(runs.variables) = 1) THEN (SELECT payloads.body FROM payloads WHERE "
            "payloads.run_id = runs.run_id AND payloads.seq = 0 AND payloads.name = 'variables') ELSE "
            "runs.variables END"
        ),
    ),
    task_fields=(
        "tasks.run_id",
        "tasks.seq",
        "tasks.ref",
        "tasks.base_ref",
        "tasks.task_type",
        "tasks.task_def_name",
        "tasks.status",
        "tasks.scheduled_at",
        "tasks.started_at",
        "tasks.ended_at",
        "tasks.updated_at",
        "(tasks.ended_at - tasks.started_at)",
        "(tasks.started_at - tasks.scheduled_at)",
        "tasks.reason",
        "tasks.data",
        (
            "CASE WHEN (length(tasks.input) = 1) THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id ="
            " tasks.run_id AND payloads.seq = tasks.seq AND payloads.name = 'input') ELSE tasks.input END"
        ),
        (
            "CASE WHEN (length(tasks.output) = 1) THEN (SELECT payloads.body FROM payloads WHERE payloads.run_id "
            "= tasks.run_id AND payloads.seq = tasks.seq AND payloads.name = 'output') ELSE tasks.output END"
        ),
        "owner.name",
        "owner.correlation_id",
    ),
    tests=(
        "{field} = ?",
        "({field} IS NULL OR {field} != ?)",
        "{field} < ?",
        "{field} <= ?",
        "{field} > ?",
        "{field} >= ?",
        "{field} IS NULL",
        "{field} IS NOT NULL",
        "{field} GLOB ?",
        "instr({field}, ?) > 0",
        "instr({field}, CAST(? AS BLOB)) > 0",
    ),
    nulls_first="{field} IS NOT NULL",
    like_any="*",
    like_special="*?[",
    like_escape="[{}]",
    run_statistics=(
        "SELECT ranked.is_place, ranked.key_name, ranked.status, count(*) AS count_1, sum(CASE WHEN "
        "(ranked.newest = 1) THEN 1 ELSE 0 END) AS sum_1, sum(CASE WHEN (ranked.newest_in_run = 1) THEN 1 "
        "ELSE 0 END) AS sum_2, min(CASE WHEN (ranked.by_took * 100 >= ranked.size * 50) THEN ranked.took END)"
        " AS min_1, min(CASE WHEN (ranked.by_took * 100 >= ranked.size * 95) THEN ranked.took END) AS min_2, "
        "max(ranked.took) AS max_1, min(CASE WHEN (ranked.by_waited * 100 >= ranked.size * 50) THEN "
        "ranked.waited END) AS min_3, min(CASE WHEN (ranked.by_waited * 100 >= ranked.size * 95) THEN "
        "ranked.waited END) AS min_4, max(ranked.waited) AS max_2 FROM (SELECT samples.is_place AS is_place, "
        "samples.key_name AS key_name, samples.status AS status, samples.took AS took, samples.waited AS "
        "waited, samples.newest AS newest, samples.newest_in_run AS newest_in_run, row_number() OVER "
        "(PARTITION BY samples.is_place, samples.key_name, samples.status ORDER BY samples.took) AS by_took, "
        "row_number() OVER (PARTITION BY samples.is_place, samples.key_name, samples.status ORDER BY "
        "samples.waited) AS by_waited, count(*) OVER (PARTITION BY samples.is_place, samples.key_name, "
        "samples.status) AS size FROM (SELECT 0 AS is_place, newest.name AS key_name, newest.status AS "
        "status, CASE WHEN (newest.created_at > 0 AND newest.ended_at > 0) THEN abs(newest.ended_at - "
        "newest.created_at) ELSE 0 END AS took, 0 AS waited, 1 AS newest, 1 AS newest_in_run FROM (SELECT "
        "runs.run_id AS run_id, runs.name AS name, runs.status AS status, runs.created_at AS created_at, "
        "runs.ended_at AS ended_at FROM runs WHERE {where} ORDER BY runs.created_at DESC, runs.run_id DESC "
        "LIMIT ? OFFSET 0) AS newest) AS samples) AS ranked GROUP BY ranked.is_place, ranked.key_name, "
        "ranked.status"
    ),
    task_statistics=(
        "SELECT ranked.is_place, ranked.key_name, ranked.status, count(*) AS count_1, sum(CASE WHEN "
        "(ranked.newest = 1) THEN 1 ELSE 0 END) AS sum_1, sum(CASE WHEN (ranked.newest_in_run = 1) THEN 1 "
        "ELSE 0 END) AS sum_2, min(CASE WHEN (ranked.by_took * 100 >= ranked.size * 50) THEN ranked.took END)"
        " AS min_1, min(CASE WHEN (ranked.by_took * 100 >= ranked.size * 95) THEN ranked.took END) AS min_2, "
        "max(ranked.took) AS max_1, min(CASE WHEN (ranked.by_waited * 100 >= ranked.size * 50) THEN "
        "ranked.waited END) AS min_3, min(CASE WHEN (ranked.by_waited * 100 >= ranked.size * 95) THEN "
        "ranked.waited END) AS min_4, max(ranked.waited) AS max_2 FROM (SELECT samples.is_place AS is_place, "
        "samples.key_name AS key_name, samples.status AS status, samples.took AS took, samples.waited AS "
        "waited, samples.newest AS newest, samples.newest_in_run AS newest_in_run, row_number() OVER "
        "(PARTITION BY samples.is_place, samples.key_name, samples.status ORDER BY samples.took) AS by_took, "
        "row_number() OVER (PARTITION BY samples.is_place, samples.key_name, samples.status ORDER BY "
        "samples.waited) AS by_waited, count(*) OVER (PARTITION BY samples.is_place, samples.key_name, "
        "samples.status) AS size FROM (SELECT attempts.is_place AS is_place, attempts.key_name AS key_name, "
        "attempts.status AS status, attempts.took AS took, attempts.waited AS waited, row_number() OVER "
        "(PARTITION BY attempts.run_id, attempts.ref ORDER BY attempts.seq DESC) AS newest, row_number() OVER"
        " (PARTITION BY attempts.is_place, attempts.key_name, attempts.run_id ORDER BY attempts.seq DESC) AS "
        "newest_in_run FROM (SELECT CASE WHEN (tasks.base_ref IN ({places})) THEN 1 ELSE 0 END AS is_place, "
        "CASE WHEN (tasks.base_ref IN ({places})) THEN tasks.base_ref ELSE tasks.task_type END AS key_name, "
        "tasks.status AS status, tasks.run_id AS run_id, tasks.ref AS ref, tasks.seq AS seq, CASE WHEN "
        "(tasks.started_at > 0 AND tasks.ended_at > 0) THEN abs(tasks.ended_at - tasks.started_at) ELSE 0 END"
        " AS took, CASE WHEN (tasks.scheduled_at > 0 AND tasks.started_at > 0) THEN abs(tasks.started_at - "
        "tasks.scheduled_at) ELSE 0 END AS waited FROM (SELECT runs.run_id AS run_id, runs.name AS name, "
        "runs.status AS status, runs.created_at AS created_at, runs.ended_at AS ended_at FROM runs WHERE "
        "{where} ORDER BY runs.created_at DESC, runs.run_id DESC LIMIT ? OFFSET 0) AS newest JOIN tasks ON "
        "tasks.run_id = newest.run_id ORDER BY newest.created_at DESC, newest.run_id DESC LIMIT ? OFFSET 0) "
        "AS attempts) AS samples) AS ranked GROUP BY ranked.is_place, ranked.key_name, ranked.status"
    ),
    ended_runs=(
        "SELECT runs.created_at, runs.run_id FROM runs WHERE runs.parent_id IS NULL AND runs.ended_at > 0 AND"
        " runs.ended_at <= ? AND runs.created_at <= ? AND runs.created_at >= ? AND (runs.created_at > ? OR "
        "runs.run_id > ?) ORDER BY runs.created_at, runs.run_id LIMIT ? OFFSET 0"
    ),
    ended_runs_of_name=(
        "SELECT runs.created_at, runs.run_id FROM runs WHERE runs.parent_id IS NULL AND runs.ended_at > 0 AND"
        " runs.ended_at <= ? AND runs.created_at <= ? AND runs.name = ? AND runs.created_at >= ? AND "
        "(runs.created_at > ? OR runs.run_id > ?) ORDER BY runs.created_at, runs.run_id LIMIT ? OFFSET 0"
    ),
    families=(
        "WITH RECURSIVE family(root, member) AS (SELECT runs.run_id AS root, runs.run_id AS member FROM runs "
        "WHERE runs.run_id IN ({run_ids}) UNION SELECT family.root AS root, child.run_id AS run_id FROM "
        "family, runs AS child WHERE child.parent_id = family.member) SELECT family.root, runs.run_id, "
        "runs.name, runs.status, parent.run_id AS parent_id, runs.revision FROM family JOIN runs ON "
        "runs.run_id = family.member LEFT OUTER JOIN runs AS parent ON parent.run_id = runs.parent_id ORDER "
        "BY family.root, runs.run_id"
    ),
    delete_run="DELETE FROM runs WHERE runs.run_id = ?",
    delete_start_keys="DELETE FROM start_keys WHERE start_keys.run_id = ?",
    workflow=(
        "SELECT workflows.name, workflows.version, workflows.created_at, workflows.updated_at, workflows.body"
        " FROM workflows WHERE workflows.name = ? AND workflows.version = ?"
    ),
    newest_workflow=(
        "SELECT workflows.name, workflows.version, workflows.created_at, workflows.updated_at, workflows.body"
        " FROM workflows WHERE workflows.name = ? ORDER BY workflows.version DESC LIMIT 1 OFFSET 0"
    ),
    workflows=(
        "SELECT workflows.name, workflows.version, workflows.created_at, workflows.updated_at, workflows.body"
        " FROM workflows ORDER BY workflows.name, workflows.version"
    ),
    schedule=(
        "SELECT schedules.name, schedules.revision, schedules.workflow, schedules.due_at, "
        "schedules.updated_at, schedules.body, schedules.data FROM schedules WHERE schedules.name = ?"
    ),
    schedules=(
        "SELECT schedules.name, schedules.revision, schedules.workflow, schedules.due_at, "
        "schedules.updated_at, schedules.body, schedules.data FROM schedules ORDER BY schedules.name"
    ),
    keep_audit=(
        "INSERT INTO audit (audit_id, at, who, address, verb, kind, name, run_id, result, body) VALUES (?, ?,"
        " ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
    ),
    audit=(
        "SELECT audit.audit_id, audit.at, audit.who, audit.address, audit.verb, audit.kind, audit.name, "
        "audit.run_id, audit.result, audit.body FROM audit WHERE {where} ORDER BY audit.at DESC, "
        "audit.audit_id DESC LIMIT ? OFFSET {offset}"
    ),
    audit_conditions=(
        "audit.who = ?",
        "audit.address = ?",
        "audit.verb = ?",
        "audit.kind = ?",
        "audit.name = ?",
        "audit.run_id = ?",
        "audit.result = ?",
        "audit.at >= ?",
        "audit.at <= ?",
    ),
    forget_audit="DELETE FROM audit WHERE audit.at <= ?",
    due_schedules=(
        "SELECT schedules.name, schedules.revision, schedules.workflow, schedules.due_at, "
        "schedules.updated_at, schedules.body, schedules.data FROM schedules WHERE schedules.due_at IS NOT "
        "NULL AND schedules.due_at <= ? ORDER BY schedules.due_at, schedules.name LIMIT ? OFFSET 0"
    ),
    next_schedule_at="SELECT min(schedules.due_at) AS min_1 FROM schedules",
    task_def="SELECT task_defs.name, task_defs.body FROM task_defs WHERE task_defs.name = ?",
    task_defs="SELECT task_defs.name, task_defs.body FROM task_defs ORDER BY task_defs.name",
    schema=(
        "SELECT schemas.name, schemas.version, schemas.body FROM schemas WHERE schemas.name = ? AND schemas.version = ?"
    ),
    newest_schema=(
        "SELECT schemas.name, schemas.version, schemas.body FROM schemas WHERE schemas.name = ? ORDER BY "
        "schemas.version DESC LIMIT 1 OFFSET 0"
    ),
    schemas=("SELECT schemas.name, schemas.version, schemas.body FROM schemas ORDER BY schemas.name, schemas.version"),
    entry=(
        "SELECT entries.kind, entries.name, entries.changed_at, entries.body FROM entries WHERE entries.kind "
        "= ? AND entries.name = ?"
    ),
    entries=(
        "SELECT entries.kind, entries.name, entries.changed_at, entries.body FROM entries WHERE entries.kind "
        "= ? ORDER BY entries.name"
    ),
    registry_version="SELECT meta.value FROM meta WHERE meta.name = 'registry'",
    cached=(
        'SELECT cached."key", cached.expires_at, cached.body FROM cached WHERE cached."key" = ? AND '
        "cached.expires_at > ?"
    ),
    load_messages=(
        "SELECT messages.run_id, messages.number, messages.created_at, messages.message_id, messages.body "
        "FROM messages WHERE messages.run_id = ? AND messages.number > ? ORDER BY messages.number LIMIT ? "
        "OFFSET 0"
    ),
    unsent=(
        "SELECT outbox.event_id, outbox.holder, outbox.created_at, outbox.body FROM outbox ORDER BY "
        "outbox.created_at, outbox.event_id LIMIT ? OFFSET 0"
    ),
    engines=(
        "SELECT engines.engine_id, engines.identity, engines.heartbeat_at, engines.queues FROM engines ORDER "
        "BY engines.engine_id"
    ),
)
