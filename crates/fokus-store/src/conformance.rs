//! One test per promise of the ports, written once, against the ports.
//!
//! A back end joins by implementing [`Fixture`] and calling [`conformance!`](crate::conformance!) in
//! a test. The documentation of each function is the promise that it checks. Positions are asserted
//! by how they relate, not literally: other back ends may begin with other leaves.
//!
//! Deliberately absent: what only one back end can do (faults of its disk, its own refusals).

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this module is tests, though other crates call it"
)]

pub mod acts;
pub mod append;
pub mod claims;
pub mod concurrency;
pub mod copy;
pub mod describe;
pub mod keys;
pub mod leases;
pub mod log;
pub mod make;
pub mod model;
pub mod published;
pub mod reads;
pub mod tenants;
pub mod views;

use std::sync::Arc;

use async_trait::async_trait;

use crate::copy::CopyKeys;
use crate::ports::{CopyTarget, Describe, EventStore, Inspect, InspectKeys, KeyStore, ViewStore};
use crate::types::{PublishedCell, TenantId};

/// A back end under test.
#[async_trait]
pub trait Fixture: Sized + Send + Sync + 'static {
    /// All ports in one.
    type Store: EventStore + Inspect + KeyStore + InspectKeys + ViewStore + CopyTarget + Describe;

    /// A new, empty store.
    async fn open() -> Self;

    /// A handle to it.
    fn store(&self) -> Arc<Self::Store>;

    /// Closes the store and opens it again.
    async fn reopen(self) -> Self;

    /// A new, empty store with these keys, opened for nothing but a copy of logs whose names begin with
    /// [`copy::AUTHORITY`].
    async fn open_for_copy(keys: CopyKeys) -> Self;

    /// Closes the store in the middle of a copy, as if the program had ended there, and opens it to go
    /// on.
    async fn reopen_for_copy(self, keys: CopyKeys) -> Self;

    /// Says that the copies of all tenants have ended, and opens the store to be served.
    async fn finish_copy(self) -> Self;

    /// Begins closing: nobody waits any more.
    fn begin_closing(&self);

    /// What is published of the tenant, as another program reads it with SQL, while the store is open.
    async fn published(&self, tenant: &TenantId) -> Vec<PublishedCell>;
}

/// Makes one `#[tokio::test]` for each promise; the argument is a type that implements
/// [`Fixture`](crate::conformance::Fixture).
#[macro_export]
macro_rules! conformance {
    (@cases $fixture:ty; $($module:ident: $($case:ident)*;)*) => {
        $(mod $module {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    $crate::conformance::$module::$case::<$fixture>().await;
                }
            )*
        })*
    };
    ($fixture:ty) => {
        $crate::conformance!(@cases $fixture;
            append:
                positions_are_dense_and_in_order
                an_outcome_says_where_the_events_stand
                an_append_is_whole_or_not_at_all
                a_refused_member_never_touches_its_mates
                a_member_is_judged_against_the_members_before_it
                expectations_are_kept
                a_stream_that_is_only_checked_guards_the_append
                a_malformed_append_is_refused
                a_stream_keeps_its_tag
                a_command_is_accepted_once_for_ever
                a_repeated_command_is_refused_before_anything_else
                a_refused_command_uses_nothing_up
                recorded_time_never_falls
                a_batch_of_none_is_answered_with_none
                a_batch_beyond_the_limit_writes_nothing;
            acts:
                acts_of_the_log_are_leaves_of_its_own_stream
                an_act_stands_alone
                an_act_is_written_where_the_logs_stream_stands
                a_map_that_lies_is_found
                acts_survive_a_reopen;
            claims:
                a_claim_is_held_by_one_stream
                a_released_claim_is_free
                a_claim_moves_in_one_append
                a_release_by_another_is_ignored
                a_refused_append_claims_nothing
                claims_in_a_batch_are_taken_in_order;
            reads:
                a_stream_is_read_both_ways
                the_log_is_read_both_ways
                the_limit_is_kept_at_its_edges
                what_nobody_has_written_is_empty
                bytes_come_back_as_they_were
                look_ups_answer_in_the_order_asked;
            log:
                an_empty_log_has_a_signed_head
                reading_makes_no_log
                the_head_is_the_signed_tree_over_the_leaves
                every_check_of_a_large_log_is_sound
                the_logs_key_vouches_for_a_list_of_files
                what_was_acknowledged_survives_a_reopen;
            concurrency:
                of_contenders_for_a_revision_one_wins
                nothing_appears_below_a_position_that_was_read
                a_reader_that_waits_sees_each_event_once
                waiting_ends_when_the_store_closes
                a_caller_that_goes_away_leaves_no_part_behind;
            tenants:
                a_tenant_sees_nothing_of_another
                views_and_keys_of_a_tenant_are_its_own;
            keys:
                the_first_key_of_a_slot_stays
                keys_are_added_together_or_not_at_all
                key_encryption_keys_stand_by_epoch
                keys_survive_a_reopen
                all_keys_come_by_id;
            leases:
                a_lease_is_held_by_one
                a_lease_that_ran_out_is_taken_over
                a_lease_that_was_given_up_is_free
                a_lost_lease_writes_nothing
                leases_of_other_names_and_tenants_are_others;
            published:
                what_is_published_moves_with_its_rows
                what_is_published_is_that_of_the_live_build
                what_is_published_survives_a_reopen
                what_is_published_of_a_tenant_is_its_own;
            views:
                rows_and_checkpoint_move_together
                a_stale_runner_is_refused
                cleared_streams_lose_their_rows
                a_halted_build_stays_halted
                a_switch_leaves_one_build
                the_live_build_is_not_discarded
                there_is_one_live_build_of_a_view
                pages_neither_skip_nor_repeat
                rows_are_found_by_key;
            copy:
                a_copy_gives_the_same_answers
                a_copy_goes_back
                a_copy_that_is_cut_anywhere_goes_on
                copied_events_are_written_where_the_log_stands_or_not_at_all
                a_log_of_another_name_is_not_copied_over
                a_copy_may_continue_what_it_is_of
                what_speaks_of_another_log_is_refused;
            describe:
                a_store_says_how_much_room_it_takes;
            model:
                any_history_has_the_same_answers_as_in_memory;
        );
    };
}
