//! The pages, in a real browser, over a demo that serves: what each role sees, that pages follow what
//! happens, show the past, read without scripts and by keyboard, fit every screen, and that nothing which
//! people write becomes part of a page.
//!
//! One demo and one browser for all of it: starting them is what takes time. [`stage`] has both; [`looks`]
//! is how pages look, [`does`] what they do, [`keys`] the same by keyboard, [`bundle`] an audit bundle from the
//! page, [`numbers`] the programme's page, [`hostile`] what people might write. [`restart`] has a server of its
//! own.

mod bundle;
mod does;
mod hostile;
mod keys;
mod looks;
mod numbers;
mod restart;
mod stage;

use std::rc::Rc;

use tokio::task::LocalSet;

use self::stage::Stage;

/// Runs each check, the next one also where one before it failed; then fails naming those that did.
macro_rules! checked {
    ($stage:expr, $($of:ident::$check:ident),* $(,)?) => {{
        let tasks = LocalSet::new();
        let mut failed: Vec<&str> = Vec::new();
        $({
            let stage = Rc::clone(&$stage);
            let run = tasks.spawn_local(async move { $of::$check(&stage).await });
            if tasks.run_until(run).await.is_err() {
                failed.push(stringify!($check));
            }
        })*
        assert!(failed.is_empty(), "failed, each with its words above: {failed:?}");
    }};
}

#[tokio::test]
async fn pages_do_what_people_expect_of_them_in_a_browser() {
    let stage = Rc::new(Stage::set().await);
    checked!(
        stage,
        does::the_first_page_says_what_this_is,
        does::roles_see_what_they_may,
        does::lists_are_sorted_and_shared_by_address,
        does::a_command_appears_without_reload,
        does::the_date_control_shows_the_past,
        does::what_people_write_is_never_markup,
        does::what_was_corrected_is_one_click_away,
        does::a_changed_leaf_shows_as_not_verified,
        does::today_leads_to_where_one_acts,
        does::bad_addresses_get_pages_that_help,
        does::pages_read_without_scripts,
        does::every_page_that_is_offered_opens,
        keys::every_stop_of_every_page_is_reached_and_seen,
        keys::a_role_is_chosen_a_family_found_and_its_past_read,
        keys::work_is_chosen_and_one_signs_out,
        keys::history_is_paged_through_and_verified,
        bundle::a_bundle_is_made_followed_taken_in_and_verified,
        bundle::what_a_bundle_cannot_be_made_of_is_named,
        bundle::who_may_not_take_a_bundle_out_gets_none,
        hostile::hostile_text_in_any_field_is_text_on_every_page,
        hostile::an_old_link_to_a_family_that_is_no_more_helps,
        numbers::live_numbers_are_for_named_roles,
        numbers::whoever_sees_releases_only_can_choose_nothing_else,
        numbers::a_contact_counts_on_the_open_page,
        numbers::a_quarter_is_withdrawn_and_released_on_the_open_page,
        numbers::hidden_numbers_are_said_to_be_hidden,
        numbers::a_quarter_is_chosen_by_keyboard,
        looks::every_page_fits_every_screen,
        looks::axe_objects_to_nothing,
    );
}
