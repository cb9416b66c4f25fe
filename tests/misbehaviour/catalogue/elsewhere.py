"""Rows that tests elsewhere try, with their node ids, and rows that are left out, with the reason.

Archives and names are the door's, pages and exports the formats', faults of the machine those of
the results folder: they need no hand-in that runs, and have long been tried beside their modules.
"""

from __future__ import annotations

from tests.misbehaviour.catalogue.rows import Row, row

DOOR = "tests/test_door.py::"
YARD = "tests/sandbox/test_docker_shipyard.py::"
FILES = "tests/sandbox/test_dockerfile.py::"
FAULTS = "tests/test_faults.py::"
OUTAGES = "tests/test_outages.py::"
CRASHES = "tests/test_crash_points.py::"
DOCKER = "tests/sandbox/test_docker.py::TestDocker::"
CI = "tests/labs/test_ci_cd.py::"
READERS = "tests/misbehaviour/catalogue/test_readers.py::"

MALFORMED: tuple[Row, ...] = (
    row(
        79,
        "paths that lead out of an archive",
        by=(
            f"{DOOR}test_a_bad_name_is_refused_and_shown_escaped",
            f"{DOOR}test_whatever_its_name_an_entry_stays_inside_or_is_refused",
        ),
    ),
    row(
        80,
        "links, pipes, devices, sparse and setuid files",
        by=(
            f"{DOOR}test_a_special_entry_of_a_tar_is_refused",
            f"{DOOR}test_a_special_entry_of_a_zip_is_refused",
            f"{DOOR}test_sparse_files_are_refused_in_the_old_and_the_new_form",
            f"{DOOR}test_a_setuid_file_in_a_tar_is_refused_and_a_setgid_folder_is_not",
        ),
    ),
    row(
        81,
        "bombs: zeros, nested, overlapping, lying sizes",
        by=(
            f"{DOOR}test_a_hundred_mebibytes_of_zeros_are_stopped_by_counting",
            f"{DOOR}test_entries_that_share_their_bytes_are_refused_before_anything_is_unpacked",
            f"{DOOR}test_a_zip_that_says_a_smaller_size_than_it_has_is_stopped",
            f"{DOOR}test_a_list_of_a_million_names_is_refused_with_little_memory",
            "tests/misbehaviour/catalogue/test_fuzz.py",
        ),
    ),
    row(
        82,
        "twins: the same name, another case, another form",
        by=(
            f"{DOOR}test_twins_are_refused_and_both_names_are_shown",
            f"{DOOR}test_the_same_name_twice_is_refused",
        ),
    ),
    row(
        83,
        "names with line ends, directions, escapes, quotes",
        by=(
            f"{DOOR}test_a_bad_name_is_refused_and_shown_escaped",
            f"{DOOR}test_a_name_with_a_nul_is_refused_and_never_cut",
            f"{DOOR}test_a_tar_name_that_is_not_utf8_is_refused",
        ),
    ),
    row(
        85,
        "empty, missing, a folder in its place, a gigabyte, not readable",
        by=(
            f"{DOOR}test_an_empty_required_file_is_refused",
            f"{DOOR}test_a_folder_that_is_named_like_the_required_file_is_refused",
            f"{DOOR}test_a_file_of_a_gigabyte_is_stopped_at_the_limit",
            f"{DOOR}test_a_file_without_permission_to_read_is_refused",
            f"{DOOR}test_every_missing_file_is_named_and_the_advice_says_what_to_hand_in",
        ),
    ),
    row(
        87,
        "a repository with hooks, submodules, links",
        by=(f"{READERS}test_a_repository_in_a_hand_in_is_left_out_unread",),
    ),
    row(
        88,
        "YAML that builds objects, doubles, contains itself",
        by=(
            f"{READERS}test_a_workflow_that_is_a_trap_gets_its_line",
            f"{READERS}test_no_yaml_of_a_student_is_read_on_the_trusted_side",
            "tests/misbehaviour/catalogue/test_fuzz.py",
        ),
    ),
    row(
        90,
        "a manifest that is wrong itself",
        by=(
            "tests/test_manifest.py::test_an_impossible_value_is_refused_where_it_stands",
            "tests/test_manifest.py::test_two_checks_of_one_id_are_refused",
            "tests/test_manifest.py::test_checks_that_wait_for_each_other_are_refused_by_name",
            "tests/test_lab_reader.py::test_a_check_whose_test_is_gone_is_refused_with_both_lists",
        ),
    ),
)
NOTEBOOKS_FILE = "tests/misbehaviour/test_notebooks.py"
NOTEBOOKS: tuple[Row, ...] = tuple(
    row(number, title, by=(NOTEBOOKS_FILE,))
    for number, title in {
        91: "forged outputs and counts in stored cells",
        92: "edits, removes, doubles graded cells; changes ids and points",
        93: "shell lines, magics, extensions, transformers",
        94: "names another kernel or command",
        95: "redefines names that later checks use",
        96: "works out of order only",
        97: "500 MB, 100000 cells, odd versions, clashing ids",
        98: "HTML, scripts and widgets in stored outputs",
        99: "an endless cell, a dead kernel, SystemExit",
        100: "writes to Out, _ and display hooks",
    }.items()
)
PAGES: tuple[Row, ...] = (
    row(
        109,
        "markup and scripts in every text of a student",
        by=(
            "tests/formats/test_html.py::test_what_students_write_makes_no_element_and_no_attribute",
            "tests/formats/test_html.py::test_what_students_write_makes_no_element_on_the_class_page",
            "tests/formats/test_charts.py::test_hostile_names_stay_text_in_every_chart",
        ),
    ),
    row(
        110,
        "escapes that steer a terminal",
        by=(
            "tests/formats/test_terminal.py::test_nothing_that_a_student_writes_commands_the_terminal",
            "tests/cli/test_main.py::test_text_of_students_in_an_error_commands_no_terminal",
        ),
    ),
    row(
        111,
        "lines that look like records",
        by=(
            "tests/test_results.py::test_a_line_of_runs_jsonl_is_exactly_one_run",
            "tests/test_handins.py::test_names_from_outside_survive_the_ledger",
        ),
    ),
    row(
        112,
        "markup in what other platforms show",
        by=(
            "tests/formats/test_github.py::test_text_of_a_student_cannot_begin_a_command",
            "tests/formats/test_github.py::test_a_message_stays_in_its_code_block_and_a_title_in_its_cell",
            "tests/formats/test_moodle.py::test_feedback_says_how_the_grade_came_about_and_repeats_nothing_that_code_printed",
        ),
    ),
    row(
        113,
        "formulas in tables",
        by=(
            "tests/formats/test_csv.py::test_no_text_can_act_as_a_formula",
            "tests/formats/test_csv.py::test_the_name_of_a_check_cannot_break_the_header",
            "tests/formats/test_csv.py::test_what_is_written_comes_back",
        ),
    ),
    row(
        114,
        "tables that come back changed",
        by=(
            "tests/formats/test_csv.py::test_a_file_that_is_something_else_is_refused_with_its_line",
            "tests/formats/test_canvas.py::test_a_file_that_is_no_gradebook_is_refused_with_its_place",
            "tests/formats/test_moodle.py::test_a_sheet_that_is_none_is_refused_with_its_place",
            "tests/test_cohort.py::test_an_override_above_the_points_of_the_lab_is_refused_before_grading",
        ),
    ),
    row(
        115,
        "paths that lead out, in addresses of downloads",
        left_out="It needs a web service that answers requests; there is none yet. Pages are files.",
    ),
    row(
        116,
        "another student's pages and runs",
        left_out="It needs a web service with accounts; there is none yet. Who may read a folder is up to the machine.",
    ),
    row(
        117,
        "feedback that is huge or odd",
        by=(
            "tests/test_report.py::test_huge_and_odd_texts_are_capped_and_visible",
            "tests/formats/test_html.py::test_a_page_keeps_its_size_whatever_was_printed",
            "tests/test_plaintext.py",
        ),
    ),
    row(
        118,
        "what means something to a shell, a pattern, a template",
        by=(
            "tests/formats/test_secrets.py::test_any_text_of_a_student_can_be_written",
            "tests/formats/test_terminal.py::test_markup_and_emoji_codes_of_students_stay_text",
            "tests/formats/test_nbgrader.py::test_a_path_may_hold_what_means_something_in_an_address",
        ),
    ),
)
IMAGES: tuple[Row, ...] = (
    row(
        119,
        "bases outside of the list, other syntaxes",
        by=(
            f"{FILES}test_what_is_refused_and_what_is_said_about_it",
            f"{FILES}test_whatever_is_accepted_begins_each_stage_with_an_allowed_base",
            "tests/misbehaviour/catalogue/test_fuzz.py",
        ),
    ),
    row(
        120,
        "mounts, networks, addresses, other images",
        by=(f"{FILES}test_what_is_refused_and_what_is_said_about_it",),
    ),
    row(
        121,
        "links and bombs in the context",
        by=(
            "tests/sandbox/test_builder.py::test_the_context_holds_the_plan_and_the_files_and_is_the_same_each_time",
            f"{DOOR}test_a_link_to_a_file_is_refused",
            f"{DOOR}test_too_much_is_refused_in_every_form",
        ),
    ),
    row(
        122,
        "steps that take memory, processes, disk, time, output",
        by=(f"{YARD}test_a_build_is_stopped_at_its_limits",),
    ),
    row(
        123,
        "huge layers, many files",
        by=(
            f"{YARD}test_a_build_is_stopped_at_its_limits",
            f"{FILES}test_what_is_refused_and_what_is_said_about_it",
        ),
    ),
    row(
        124,
        "root, setuid, volumes, health checks, stop signals",
        by=(
            f"{YARD}test_a_container_has_the_fences_of_a_worker_and_no_init",
            f"{YARD}test_root_under_another_name_is_not_run",
        ),
    ),
    row(
        125,
        "its own programs in place of those of the system",
        by=(
            f"{YARD}test_an_image_that_cannot_be_started_is_a_result",
            f"{YARD}test_a_service_for_itself_alone_does_not_answer",
        ),
    ),
    row(
        126,
        "links in place of /dev, /proc, /etc",
        left_out="An image cannot be refused for it before it runs: the engine's runtime is trusted to resolve such links inside the container. Keep it patched; it is named among the risks that remain.",
    ),
    row(
        127,
        "names its image as ours or as another's",
        by=(
            f"{YARD}test_the_labels_of_ours_cannot_be_taken_over",
            f"{YARD}test_layers_of_one_run_are_not_used_in_another",
        ),
    ),
)
WORKFLOWS: tuple[Row, ...] = (
    row(
        128,
        "triggers, tokens and injections of the dangerous kind",
        by=(
            f"{CI}test_a_few_wrong_examples_lose_what_they_declare",
            f"{CI}test_the_injected_title_acts_inside_quotes_and_outside",
            f"{CI}test_every_check_is_lost_by_a_wrong_example",
        ),
    ),
    row(
        129,
        "other people's actions, not pinned",
        by=(f"{CI}test_every_check_is_lost_by_a_wrong_example",),
    ),
    row(130, "steps that are hostile themselves", by=("tests/misbehaviour/test_examples.py",)),
    row(
        131,
        "forged results of steps, continue-on-error, || true",
        by=(
            f"{CI}test_every_check_is_lost_by_a_wrong_example",
            "tests/misbehaviour/test_examples.py",
        ),
    ),
    row(132, "skips the tests", by=(f"{CI}test_every_check_is_lost_by_a_wrong_example",)),
    row(
        133,
        "expressions, matrices, jobs without end",
        by=(
            "tests/misbehaviour/test_examples.py",
            f"{READERS}test_a_workflow_that_is_a_trap_gets_its_line",
        ),
    ),
    row(
        134,
        "YAML that two programs read in two ways",
        by=(
            f"{READERS}test_a_workflow_that_is_a_trap_gets_its_line",
            f"{CI}test_a_few_wrong_examples_lose_what_they_declare",
        ),
    ),
)
OPERATION: tuple[Row, ...] = (
    row(
        135,
        "kill -9 of the supervisor at every write",
        by=(
            f"{CRASHES}test_after_kill_9_the_next_start_completes_the_work",
            f"{FAULTS}test_after_kill_9_the_second_start_completes_the_batch",
            f"{FAULTS}test_kill_9_at_every_single_write_loses_nothing",
        ),
    ),
    row(
        136,
        "kill -9 while a box runs",
        by=(
            f"{OUTAGES}test_after_kill_9_not_even_a_stubborn_box_lives_beyond_its_own_deadline",
            f"{CRASHES}test_after_kill_9_the_next_start_removes_the_containers",
            f"{DOCKER}test_sweep_removes_what_a_dead_supervisor_left",
            "tests/sandbox/test_docker.py::test_a_box_ends_when_its_supervisor_is_killed",
        ),
    ),
    row(
        137,
        "an engine that is gone, slow, or without images",
        by=(
            f"{OUTAGES}test_an_engine_that_goes_and_comes_back_costs_nothing_but_time",
            "tests/test_dispatch.py::test_an_engine_that_comes_back_costs_a_pause_and_nothing_else",
            "tests/test_dispatch.py::test_an_engine_that_stays_away_stops_the_batch_and_keeps_what_is_done",
            "tests/sandbox/test_engine.py::test_an_engine_that_is_hung_does_not_hang_us",
        ),
    ),
    row(
        138,
        "power lost in the middle of a write",
        by=(
            f"{FAULTS}test_kill_9_at_every_single_write_loses_nothing",
            "tests/test_journal.py::test_a_torn_last_line_is_set_aside_and_its_hand_in_is_pending_again",
        ),
    ),
    row(
        139,
        "a full disk",
        by=(
            f"{FAULTS}test_a_batch_on_a_full_disk_says_so_and_goes_on_when_there_is_room",
            "tests/test_durable.py::test_a_hand_in_that_does_not_fit_is_not_accepted_and_leaves_nothing",
        ),
    ),
    row(
        140,
        "no inodes, read-only, errors of the disk",
        by=("tests/test_durable.py::test_every_refusal_of_the_disk_is_told_in_words",),
    ),
    row(
        141,
        "a folder of results that another process holds",
        by=(
            "tests/test_folder_lock.py::test_a_second_writer_in_another_process_is_refused_and_told_by_whom",
            "tests/test_results.py::test_results_of_a_newer_grader_are_refused",
        ),
    ),
    row(
        142,
        "damaged records",
        by=(
            "tests/test_journal.py::test_a_corrupt_line_in_the_middle_stops_with_its_number_and_changes_nothing",
            "tests/test_handins.py::test_a_damaged_snapshot_is_named_and_never_graded",
        ),
    ),
    row(
        143,
        "clocks that jump, zones, summer time",
        by=(
            f"{OUTAGES}test_a_clock_that_is_set_in_mid_run_ends_no_run_and_makes_no_time_negative",
            "tests/test_grade.py::test_a_deadline_in_another_zone_is_the_same_moment",
            "tests/test_cohort.py::test_a_moment_that_could_be_another_one_is_refused",
        ),
    ),
    row(
        144,
        "two supervisors at one folder",
        by=(
            f"{FAULTS}test_a_second_start_while_the_first_still_grades_is_refused_and_harms_nothing",
        ),
    ),
    row(
        145,
        "a lab or an image that changes in the middle",
        by=(
            "tests/test_results.py::test_a_changed_lab_is_refused_when_there_are_runs_and_sent_to_regrade",
            "tests/sandbox/test_image.py::test_a_change_of_any_input_changes_the_digest",
        ),
    ),
    row(
        146,
        "our own code raises",
        by=(
            "tests/test_dispatch.py::test_an_exception_out_of_grading_is_kept_for_staff_with_a_reference_for_the_student",
            "tests/test_batch.py::test_a_door_that_falls_over_costs_nobody_a_point_and_stops_nothing",
            "tests/cli/test_main.py::test_a_mistake_of_ours_is_one_line_and_a_trace_in_a_file",
        ),
    ),
    row(
        147,
        "the checker is killed",
        by=(
            f"{OUTAGES}test_boxes_that_are_killed_in_mid_call_crash_nobodys_checks",
            "tests/test_grading.py::test_where_the_reference_passes_the_submission_broke_it",
            "tests/test_grading.py::test_where_the_reference_does_not_pass_either_it_is_ours",
            "tests/sandbox/test_pool.py::test_a_checker_that_died_between_runs_is_replaced",
        ),
    ),
    row(
        148,
        "SIGTERM and Ctrl-C",
        by=(f"{FAULTS}test_ctrl_c_ends_with_130_and_the_second_start_does_the_rest",),
    ),
    row(
        149,
        "a result that comes late",
        by=(
            "tests/test_results.py::test_a_result_of_an_old_version_that_comes_late_does_not_replace_the_official_one",
        ),
    ),
    row(
        150,
        "a regrade that is cut off half-way",
        by=(
            f"{FAULTS}test_a_regrade_that_is_killed_counts_either_wholly_or_not_at_all",
            "tests/test_regrade.py::test_the_old_scores_stay_official_until_the_regrade_is_applied",
        ),
    ),
    row(
        151,
        "a copy of the records while they are written",
        by=(
            "tests/test_results.py::test_reading_needs_no_lock_and_changes_nothing",
            "tests/test_journal.py::test_a_torn_last_line_is_set_aside_and_its_hand_in_is_pending_again",
        ),
    ),
    row(
        152,
        "students who leave, come back, change their id",
        by=(
            "tests/cli/test_report.py::test_the_roster_is_not_lost_and_its_changes_are_seen",
            "tests/test_cohort.py::test_everybody_on_the_roster_has_a_grade_and_so_has_who_is_not_on_it",
        ),
    ),
    row(
        153,
        "a slow grader near the deadline",
        by=(
            f"{OUTAGES}test_lateness_is_judged_by_when_a_hand_in_came_whatever_the_clock_says",
            "tests/test_grade.py::test_a_run_in_time_is_worth_what_it_earned",
            "tests/test_collect.py::test_nbgraders_submitted_folder_gives_the_time_of_the_hand_in",
        ),
    ),
)
