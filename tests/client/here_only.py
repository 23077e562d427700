"""The tests of this folder that are not run over HTTP, by the reason why not: a file, or a test of it."""

from __future__ import annotations

#: What only an engine in this process has, or what asks no client.
REASONS: dict[str, tuple[str, ...]] = {
    "what an engine does outside of its runs, by settings of its process: a client sees attempts as of any task": (
        "test_event_sources.py",
        "test_http_hostile_servers.py",
        "test_http_hosts.py",
        "test_http_poll.py",
        "test_http_requests.py",
        "test_http_tls.py",
        "test_jdbc.py",
        "test_kafka.py",
        "test_plugins.py",
        "test_sinks.py",
    ),
    "how several processes of one store know of each other": (
        "test_client_explain.py::test_no_engine",
        "test_client_standing.py",
        "test_clocks.py",
        "test_embedded_client.py::test_a_closed_store_is_taken_up_by_the_next_client",
        "test_embedded_client.py::test_reading_starts_no_engine",
        "test_embedded_client.py::test_two_clients_of_one_file_see_each_others_runs",
        "test_trusted_waits.py",
    ),
    "how the engine of this process ends, and what it keeps in memory": (
        "test_async_client.py::test_a_closed_loop_is_no_trouble_to_the_engine",
        "test_async_client.py::test_a_wait_that_is_cancelled_leaves_nothing_behind",
        "test_client_waits.py::test_a_shared_store_gives_others_a_moment",
        "test_embedded_endings.py",
        "test_many_failures_seen_off.py",
        "test_recent_runs.py",
        "test_retention_policies.py::test_an_engine_looks_at_the_policies_again_and_again",
        "test_retention_policies.py::test_what_a_policy_lets_go_is_deleted_by_a_running_engine",
    ),
    "what a server does not do, as docs/remote.md says: it validates all the same, and archives where its store is": (
        "test_client_checks.py::test_a_callers_will_starts_a_workflow_with_errors",
        "test_client_retention.py::test_a_disk_that_is_full_keeps_the_runs",
        "test_client_retention.py::test_an_archive_that_cannot_be_made_keeps_the_runs",
        "test_client_retention.py::test_an_archive_that_was_cut_off_is_read_as_far_as_it_goes",
        "test_client_retention.py::test_what_is_pruned_can_be_archived_first",
    ),
    "how a store keeps secrets": (
        "test_secrets.py::test_keys_are_changed_one_after_the_other",
        "test_secrets.py::test_one_sealed_value_does_not_stand_for_another",
        "test_secrets.py::test_without_a_key_nothing_is_kept",
    ),
    "`.run()`, which brings an engine of its own": (
        "test_client_fakes.py",
        "test_client_results.py::test_a_misspelt_record_is_not_taken_for_none",
        "test_client_results.py::test_a_record_or_none_arrives_as_what_it_was",
        "test_client_undoing.py::test_a_short_run_waits_for_what_undoes_it",
        "test_client_waits.py::test_each_failure_is_a_line_in_the_log",
        "test_client_waits.py::test_run_says_at_once_what_nobody_does",
        "test_client_waits.py::test_what_follows_a_failure_that_ends_nothing",
        "test_embedded_client.py::test_the_short_form_runs_in_memory",
        "test_webhooks.py::test_a_path_at_which_nothing_can_be_is_refused",
    ),
    "how a client is made, or what is refused before one is asked": (
        "test_async_client.py::test_a_client_is_used_inside_of_its_block",
        "test_async_client.py::test_the_async_client_has_every_verb_with_the_same_parameters",
        "test_async_client.py::test_the_embedded_client_takes_what_the_interface_says",
        "test_async_client.py::test_the_schedules_have_the_same_verbs_everywhere",
        "test_client_checks.py::test_a_loop_over_a_list_without_a_condition_is_only_warned_of",
        "test_client_sagas.py::test_circles_of_workflows_are_not_undone_across_calls",
        "test_client_sagas.py::test_mistakes_in_what_undoes_are_refused_at_their_line",
        "test_client_sagas.py::test_wrong_settings_are_refused_at_the_decorator",
        "test_client_schedules.py::test_only_a_workflow_is_started",
        "test_client_schedules.py::test_what_is_wrong_with_a_schedule_is_told_with_the_name_of_its_workflow",
        "test_client_typed.py::test_without_a_client_it_is_a_step",
        "test_embedded_callers.py::test_a_place_where_no_store_can_be_is_named",
        "test_embedded_client.py::test_an_unknown_store_lists_the_known_ones",
        "test_event_handlers.py::test_a_source_is_something_that_listens",
        "test_wrong_settings.py",
    ),
}

#: Each of them, with its reason.
HERE_ONLY: dict[str, str] = {place: reason for reason, places in REASONS.items() for place in places}
