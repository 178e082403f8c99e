"""The rows of ``docs/reference/fhir-data-coverage.md``: statement, and the tests that prove it."""

from __future__ import annotations

SECTIONS = {
    "asked": "1. What is asked for",
    "sources": "2. How much of a source was read",
    "fetching": "3. Fetching what was not sent",
    "resources": "4. Reading resources",
    "values": "5. Dates, codes and quantities",
    "lesions": "6. Lesions",
    "own": "7. Codes of our own",
    "derived": "8. What is derived without such codes",
    "text": "9. Report text",
    "written": "10. What is written",
}
_WAYS = "integration/test_ways_in.py::"
_FETCH = "integration/test_record_fetching.py::"
_ANSWERS = "integration/test_record_answers.py::"
_FAULTS = "integration/test_fhir_faults.py::"
_SOURCE = "unit/test_fhir_source.py::"
_POOL = "unit/test_fhir_pool.py::"
_BUNDLES = "unit/test_fhir_bundles.py::"
_SPEC = "spec/test_record_"
_READ = "spec/test_reading_"
_GROUPS = "spec/test_measurement_groups.py::"
_OWN = "spec/test_own_codes.py::"
_SITE = "integration/test_site_terminology.py::"
_TAKEN = "property/test_sources_taken_away.py::"

ROWS: dict[str, list[tuple[str, str]]] = {
    "asked": [
        ("asks for ten keys in templates that the weakest EHR can answer: each parameter once, no sorting, no joins, no "
         "modifiers, no date range", f"unit/test_hooks.py::test_the_templates "
         f"{_WAYS}test_each_search_names_the_patient_and_only_what_the_weakest_ehr_knows"),
        ("needs the patient and the Conditions, and answers 412 without them",
         f"{_WAYS}test_a_record_without_conditions_is_412_on_either_way {_FETCH}test_no_usable_patient_is_412_and_says_why "
         f"{_FAULTS}test_a_fault_of_a_needed_source_is_412_and_never_an_empty_list"),
        ("does without every other key: what rests on it is unknown, and the source is named with the reason",
         f"{_FAULTS}test_a_fault_of_one_source_leaves_the_others_and_is_named "
         f"{_TAKEN}test_taking_one_source_away_makes_nothing_met"),
        ("asks for its own codes and for codes that a site has added, beside LOINC",
         f"unit/test_hooks.py::test_the_observation_codes_are_loinc_and_our_own_each_once "
         f"{_SITE}test_the_templates_ask_for_local_codes_in_a_form_that_a_url_can_hold"),
        ("pools resources by type, whatever key brought them",
         f"{_POOL}test_resources_are_pooled_by_type_and_sorted {_POOL}test_the_same_resource_under_two_keys_is_one"),
        ("decides the same through prefetch, through fetching, through some of each, and at a FHIR server of other people",
         f"{_WAYS}test_assessment_is_the_same_whichever_way_the_facts_came "
         "integration/test_medplum.py::test_assessment_is_the_same_through_a_server_of_other_people "
         "integration/test_dialects.py::test_assessment_through_a_dialect"),
    ],
    "sources": [
        ("tells five states of a source apart", f"{_SOURCE}test_the_state_of_a_source"),
        ("concludes absence from an empty or a complete source only",
         "property/test_assessment.py::test_absence_is_never_concluded_from_a_source_that_was_not_read "
         f"{_SOURCE}test_a_source_that_was_not_asked_concludes_nothing"),
        ("does not use what was deleted, or an older version in a history", f"{_BUNDLES}test_what_was_deleted_is_not_used "
         f"{_BUNDLES}test_of_a_history_the_newest_version_counts"),
        ("reads a Bundle, a folder or NDJSON as it reads prefetch: answers inside a batch, a further page, a total above what came, an "
         "outcome, a failed answer, a byte order mark", "unit/test_record_files.py::test_bundles_inside_a_bundle_are_read "
         "unit/test_record_files.py::test_what_files_say_is_missing_leaves_their_keys_incomplete "
         "unit/test_record_files.py::test_a_byte_order_mark_is_no_fault"),
        ("takes null as an answer, and does not fetch it", f"{_FETCH}test_what_was_sent_is_not_fetched "
         "spec/test_incomplete_sources.py::test_null_means_asked_and_nothing_there"),
        ("takes an OperationOutcome under a key as refused, and does not ask again",
         f"{_SOURCE}test_an_operation_outcome_is_an_answer_and_no_problem {_FETCH}test_what_was_sent_is_not_fetched"),
        ("takes a source as incomplete for a page that was not read, a total above what came, or a warning beside the matches",
         "spec/test_incomplete_sources.py::test_source_that_was_cut_short_is_named "
         f"{_SOURCE}test_a_warning_on_one_page_cannot_be_made_good_by_the_next"),
        ("does not take information, or Epic's warning that nothing was found (4101), as incomplete; its warning that there may "
         "be more (4119) it does", f"{_FAULTS}test_what_a_server_says_beside_an_empty_answer "
         f"{_SOURCE}test_epics_word_for_none_is_no_reason_to_doubt"),
        ("never makes an unknown met when a source is taken away, in any way a source can fail",
         f"{_TAKEN}test_taking_one_source_away_makes_nothing_met {_TAKEN}test_taking_several_sources_away_makes_nothing_met "
         "property/test_assessment.py::test_taking_a_source_away_never_improves_a_therapy"),
    ],
    "fetching": [
        ("fetches only what was not sent", f"{_WAYS}test_only_what_was_not_sent_is_asked_for"),
        ("fetches all missing keys at the same time", f"{_FETCH}test_keys_are_fetched_at_the_same_time"),
        ("keeps one time budget, whatever a server does", f"{_FETCH}test_the_budget_is_kept_whatever_the_server_does "
         f"{_FAULTS}test_a_fault_of_a_needed_source_is_412_and_never_an_empty_list"),
        ("asks once more after 429, 502, 503, 504 and broken connections, if the time allows",
         f"{_ANSWERS}test_a_busy_server_is_asked_once_more {_ANSWERS}test_it_is_not_asked_a_third_time "
         f"{_FAULTS}test_one_fault_is_made_good_by_asking_again"),
        ("honours Retry-After", f"{_ANSWERS}test_retry_after_is_honoured_if_the_budget_allows"),
        ("asks again by category where Observations (laboratory) or Conditions (three categories) are refused with 400",
         f"{_FAULTS}test_a_server_that_searches_by_category_only_is_asked_so "
         f"{_ANSWERS}test_condition_400_is_asked_again_for_each_category_and_merged "
         f"{_ANSWERS}test_observation_400_is_asked_again_by_category_and_is_incomplete"),
        ("follows pages however the link is written, up to a limit, on the same origin only",
         f"{_FAULTS}test_pages_are_followed_however_the_link_is_written {_ANSWERS}test_pages_have_a_limit "
         f"{_FAULTS}test_a_page_at_another_host_is_not_asked_for_and_gets_no_token"),
        ("keeps what came when a page link has expired",
         f"{_FAULTS}test_a_page_link_that_expires_at_once_leaves_what_came"),
        ("sends the token to fhirServer alone, and never along a redirect",
         f"{_FAULTS}test_a_token_goes_with_every_request_and_nothing_else_does {_ANSWERS}test_a_redirect_is_not_followed "
         "unit/test_record_origins.py::test_the_client_never_asks_another_origin"),
        ("calls listed servers only, and none whose name leads to this machine or to a link-local address",
         f"{_FETCH}test_a_server_that_may_not_be_called_is_not "
         "integration/test_record_addresses.py::test_address "
         "integration/test_record_addresses.py::test_a_listed_name_that_leads_to_this_machine_gets_no_request"),
        ("stays inside the token's scope: one that names no resources covers nothing, one with a query covers a part",
         f"unit/test_record_scopes.py::test_scopes {_FETCH}test_a_scope_that_names_no_resources_covers_nothing "
         f"{_FETCH}test_a_scope_with_a_query_of_its_own_is_used_and_nothing_is_concluded_from_it"),
        ("accepts the three names of FHIR JSON and nothing that is not JSON",
         f"{_ANSWERS}test_every_name_of_fhir_json_is_read {_ANSWERS}test_what_is_not_json_or_too_large_is_not_read"),
        ("survives 400, 401, 403, 404, 406, 410, 429, 5xx, truncated JSON, HTML with 200, resets, slow and hung sockets",
         f"{_FAULTS}test_a_fault_of_one_source_leaves_the_others_and_is_named"),
    ],
    "resources": [
        ("sets entries of another type, outcomes and unreadable entries aside and reports them",
         f"{_SOURCE}test_entries_that_cannot_be_used_are_set_aside_and_reported "
         f"{_SOURCE}test_an_included_resource_of_a_type_that_is_read_is_used_but_is_no_match"),
        ("never uses a resource of another patient",
         f"{_POOL}test_a_resource_of_another_patient_is_never_used property/test_fhir_any_json.py::test_a_wrong_patient_is_never_used "
         f"{_SPEC}traps.py::test_a_source_of_another_patient_is_no_source"),
        ("does not use what was entered in error, cancelled or refuted", f"{_POOL}test_withdrawn_resources_are_not_used "
         f"{_POOL}test_a_withdrawn_resource_does_not_come_back_in_an_older_version"),
        ("reads KRAS, NRAS and BRAF V600E from genetic variants that are present and not inherited; wild type never",
         "spec/test_reading_molecular.py::test_variant spec/test_reading_molecular.py::test_wild_type_is_never_concluded_from_variants"),
        ("reads DPYD by phenotype, activity score and variants", "spec/test_reading_molecular.py::test_dpyd"),
        ("tells the side of the primary", f"{_READ}primary.py::test_side"),
        ("takes a code of history as a confirmed primary whose dates are not those of the diagnosis, and a cancer coded without "
         "its site as the primary where its site is colorectal", f"{_READ}primary.py::test_population "
         f"{_READ}primary.py::test_the_dates_of_a_history_are_not_those_of_the_diagnosis "
         f"{_READ}primary.py::test_a_history_never_proves_control"),
        ("counts each body site of a metastasis, also in ICD-O-3; a site that it cannot read is not known, never elsewhere",
         f"{_READ}sites.py::test_each_site_of_a_metastasis_counts {_READ}sites.py::test_site"),
        ("leaves the number of lesions open, and reports, where a size or a count does not say which organ it is about",
         f"{_READ}sites.py::test_a_lesion_of_unknown_site_is_reported_and_leaves_the_number_open "
         f"{_READ}sites.py::test_a_count_of_an_unknown_organ_leaves_the_number_open"),
        ("ends a disease at a past date of abatement; a text, yes or no, an age or a future date does not end it",
         f"{_READ}dates.py::test_abatement"),
        ("finds what a draft order points to in the Bundle of drafts, contained, by urn:uuid, or in the record",
         f"{_READ}orders.py::test_a_drug_is_found_wherever_the_draft_points_to"),
        ("takes as an order neither what is being stopped or undone, nor what is not to be done, nor what an order only points to, "
         "and sets a draft for another patient aside", f"{_READ}orders.py::test_what_is_an_order "
         f"{_READ}orders.py::test_a_draft_of_another_patient_is_set_aside"),
        ("does not use what was not, or is not to be, done", f"{_READ}modifiers.py::test_negation "
         f"{_READ}modifiers.py::test_only_a_referral_that_is_to_be_done_counts_as_requested "
         f"{_READ}modifiers.py::test_a_drug_that_was_not_given_is_none_in_use"),
        ("does not use a resource with a modifier extension that it does not know, reports it, and concludes nothing from its "
         "absence; where it is the only primary or lung metastasis, a card says so",
         f"{_READ}modifiers.py::test_unknown_modifier "
         f"{_READ}modifiers.py::test_a_modified_resource_is_reported_and_nothing_is_concluded_from_its_absence "
         f"{_READ}modifiers.py::test_a_modified_diagnosis_is_told_by_an_information_card"),
        ("reads statuses in every form that records use: several codings, plain codes, capitals; what is only displayed casts "
         "doubt and sets nothing aside", f"{_READ}status.py::test_verification {_READ}status.py::test_clinical_activity"),
        ("reads the marks of ICD-10-GM: A excluded, V suspected, Z state after", f"{_READ}status.py::test_certainty_mark"),
        ("takes a metastasis whose status is not understood or contradicts itself as unconfirmed, never as none",
         f"{_READ}status.py::test_a_doubtful_metastasis_elsewhere_is_not_read_as_none "
         f"{_READ}status.py::test_a_doubtful_status_is_reported"),
        ("reads the rest of a resource that has unknown fields or bad codes",
         "property/test_any_json.py::test_any_value_anywhere_in_a_record"),
        ("finds relative, absolute, versioned, contained, urn:uuid and identifier-only references",
         f"{_POOL}test_a_resource_is_found_however_it_is_referred_to {_POOL}test_a_contained_resource_is_found_in_its_container "
         "unit/test_fhir_references.py::test_every_form_of_a_reference_gives_its_keys"),
        ("reports a reference that leads nowhere, and goes on",
         f"{_FAULTS}test_a_reference_that_leads_nowhere_is_reported_and_not_fatal"),
        ("uses the newest of differing versions, and counts what came twice once",
         f"{_POOL}test_of_two_versions_the_one_updated_last_counts_in_either_order "
         "property/test_assessment.py::test_duplicates_never_matter"),
        ("answers the same whatever the order of entries",
         "property/test_assessment.py::test_order_of_entries_never_matters"),
    ],
    "values": [
        ("takes an older result as outdated where a newer one, or one without a readable date, cannot be read; a note, or no "
         "number with a reason for its absence, is no result",
         f"{_READ}results.py::test_a_newer_result_that_cannot_be_read_makes_the_older_outdated "
         f"{_READ}results.py::test_a_result_whose_date_cannot_be_read_makes_the_others_outdated"),
        ("never replaces a final result by one that is not final", f"{_READ}results.py::test_only_a_final_result_replaces_a_final_one "
         f"{_READ}results.py::test_a_preliminary_result_alone_may_block_and_passes_nothing"),
        ("orders results of one day by their times, where all have one; else the worse counts",
         f"{_READ}results.py::test_times_within_a_day_tell_the_last {_READ}results.py::test_cea_of_one_day_is_ordered_by_time"),
        ("takes a year that no record of a living person can hold as not known, and reports it",
         f"{_READ}dates.py::test_an_impossible_year_is_not_known {_READ}dates.py::test_no_date_anywhere_breaks_a_decision"),
        ("matches system and code together, never the display, never the code alone",
         "unit/test_terminology.py::test_system_and_code_must_match_together "
         f"{_SPEC}conditions.py::test_code_without_its_system_is_nothing"),
        ("flags a display that contradicts its code",
         "unit/test_terminology.py::test_only_a_real_contradiction_is_a_mismatch"),
        ("knows code systems under their aliases: object identifiers, http and https, a slash, editions of SNOMED CT",
         "unit/test_fhir_codings.py::test_a_system_is_known_under_all_its_names"),
        ("keeps the precision of dates", "unit/test_fhir_dates.py::test_a_date_is_as_precise_as_it_was_recorded"),
        ("respects time zones; a date without one is the facility's day",
         "unit/test_fhir_dates.py::test_a_zoned_date_time_is_the_facilitys_day "
         "unit/test_fhir_dates.py::test_a_date_time_without_zone_is_the_facilitys_day_already"),
        ("uses no date of the future, and no result of long ago",
         f"{_SPEC}values.py::test_data_of_the_future_and_of_long_ago "
         f"{_SPEC}traps.py::test_a_result_from_the_future_is_not_saved_by_its_issue_date"),
        ("reads UCUM codes first and unit texts from a closed list second; anything else is unknown",
         "unit/test_fhir_quantities.py::test_units_are_converted_exactly "
         "unit/test_fhir_quantities.py::test_a_value_is_never_assumed_to_be_in_the_expected_unit "
         f"{_SPEC}values.py::test_unit_of_platelets {_SPEC}values.py::test_unit_of_cea_as_text"),
        ("keeps comparators, and answers only what every possible value agrees on",
         "unit/test_fhir_quantities.py::test_a_comparison_is_certain_only_if_every_possible_value_agrees"),
        ("takes the latest result of a test, of one day the worse, and none that is newer and unreadable",
         f"{_SPEC}traps.py::test_the_later_platelets_of_a_day_count {_SPEC}traps.py::test_the_worse_of_two_values_of_a_day_counts "
         f"{_SPEC}traps.py::test_a_newer_value_that_cannot_be_read_hides_an_older_good_one"),
        ("reads a site's own codes from ValueSets and ConceptMaps that are checked at start",
         f"{_SITE}test_local_result_codes_are_asked_for_and_read {_SITE}test_a_local_order_code_is_recognised "
         f"{_SITE}test_a_faulty_folder_keeps_the_service_from_starting "
         "unit/test_terminology_site.py::test_a_faulty_file_is_named_with_its_fault"),
    ],
    "lesions": [
        ("reads mCODE tumour sizes: the longest component, place and side from the BodyStructure",
         f"{_SPEC}lesions.py::test_longest_component_is_the_size integration/test_dialects.py::test_assessment_through_a_dialect"),
        ("does not count the size of a removed specimen", f"{_SPEC}lesions.py::test_size_of_a_removed_specimen_is_no_lesion"),
        ("reads plain sizes and nodules with a bodySite", f"{_SPEC}lesions.py::test_tumour_elsewhere_is_no_lung_lesion "
         "integration/test_dialects.py::test_assessment_through_a_dialect"),
        ("joins panels: one lesion with its place, its size and what was coded about it",
         f"{_SPEC}lesions.py::test_panel_of_measurements {_SPEC}traps.py::test_a_panel_about_one_lesion_is_one_lesion_with_its_size "
         f"{_SPEC}traps.py::test_a_panel_of_three_sizes_is_three_lesions"),
        ("takes a length and a width of one group as one lesion, and the length as its size",
         f"{_GROUPS}test_length_and_width_are_one_lesion_and_the_length_is_its_size "
         f"{_GROUPS}test_a_width_does_not_make_good_a_length_that_cannot_be_read"),
        ("follows a DICOM tracking UID, on an Observation, on a measurement group, or on a BodyStructure",
         f"{_GROUPS}test_a_group_with_a_tracking_uid_is_one_lesion_at_two_dates "
         f"{_GROUPS}test_two_tracked_groups_of_one_day_are_two_lesions_of_one_lobe"),
        ("invents no lesion from a report or a study", "spec/test_report_text.py::test_text_never_changes_an_assessment"),
        ("counts a lesion once, at its latest measurement", f"{_SPEC}lesions.py::test_serial_measurements_of_one_lesion_count_once"),
        ("counts unidentified measurements of the latest date one by one, and older ones not",
         f"{_SPEC}lesions.py::test_earlier_measurements_without_identity_do_not_count"),
        ("still counts a lesion that the latest CT does not show, with a flag",
         f"{_GROUPS}test_a_lesion_that_the_latest_report_does_not_follow_still_counts"),
        ("does not count a treated lesion until it grows", "spec/test_vignettes.py::test_ablated_lesion_is_not_counted"),
        ("leaves the number open while a measured lesion's BodyStructure did not come",
         "spec/test_incomplete_sources.py::test_a_measured_lesion_whose_body_structure_did_not_come_leaves_the_number_open"),
        ("uses the larger of list and stated count, with a flag", f"{_SPEC}lesions.py::test_stated_count_above_the_list "
         f"{_SPEC}lesions.py::test_stated_count_below_the_list"),
    ],
    "own": [
        ("reads each code of its own on an Observation and as a component",
         f"{_OWN}test_a_code_is_read_on_an_observation_and_as_a_component {_OWN}test_every_code_has_its_row"),
        ("reads counts as numbers and as words", f"{_OWN}test_a_count_in_words"),
        ("reports a value that it does not know, and decides nothing on it",
         f"{_OWN}test_a_value_that_is_not_known_is_reported_and_decides_nothing"),
        ("follows the canonical base, and still reads the default one",
         "unit/test_terminology.py::test_a_changed_base_is_used_everywhere_and_the_default_is_still_read "
         f"{_OWN}test_the_codes_of_another_base_are_not_ours"),
        ("takes a zone in a site's own codes", "unit/test_terminology_site.py::test_a_zone_may_be_stated_in_local_codes"),
    ],
    "derived": [
        ("concludes R0 from a completed resection of the primary without recurrence, with the flag MARGIN_UNKNOWN",
         f"{_SPEC}conditions.py::test_status_of_the_primary_from_its_resection "
         f"{_SPEC}traps.py::test_surgery_of_another_organ_for_the_primary_is_no_resection_of_it "
         f"{_SPEC}traps.py::test_a_recurrence_outweighs_a_statement_of_control"),
        ("reads disease elsewhere from Conditions, by their status",
         f"{_SPEC}conditions.py::test_disease_elsewhere {_SPEC}conditions.py::test_status_of_disease_elsewhere"),
        ("reads proven and suspected thoracic nodes from Conditions",
         f"{_SPEC}traps.py::test_unconfirmed_thoracic_nodes_are_suspected"),
        ("never assumes that disease elsewhere can be treated", f"{_OWN}test_without_a_statement_treatability_is_not_assumed"),
    ],
    "text": [
        ("decides nothing on text, wherever it stands; it is not shown in this version",
         "spec/test_report_text.py::test_text_never_changes_an_assessment"),
    ],
    "written": [
        ("writes draft ServiceRequests that FHIR R4 and fhir.resources accept",
         "golden/test_profiles.py::test_what_the_service_emits_and_publishes_is_valid "
         "unit/test_cards_drafts.py::test_each_draft_is_what_fhir_resources_understands_and_no_more"),
        ("puts into a referral what the decision used", "unit/test_cards_drafts.py::test_the_referral_carries_what_the_decision_used"),
        ("ships cases that are valid by R4 and by the mCODE STU4 profiles they name",
         "golden/test_profiles.py::test_the_cases_are_valid_but_for_known_false_alarms "
         "golden/test_case_files.py::test_resources_of_a_case_are_valid"),
    ],
}  # fmt: skip
