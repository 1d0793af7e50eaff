//! The pages, in a real browser, over a demo that serves: what each role sees, that pages follow what
//! happens, show the past, read without scripts and by keyboard, fit every screen, and that nothing which
//! people write becomes part of a page.
//!
//! One demo and one browser for all of it: starting them is what takes time. [`stage`] has both; [`looks`]
//! is how pages look, [`does`] what they do.

mod does;
mod looks;
mod stage;

use self::stage::Stage;

#[tokio::test]
async fn pages_do_what_people_expect_of_them_in_a_browser() {
    let stage = Stage::set().await;
    does::the_first_page_says_what_this_is(&stage).await;
    does::roles_see_what_they_may(&stage).await;
    does::lists_are_sorted_and_shared_by_address(&stage).await;
    does::a_command_appears_without_reload(&stage).await;
    does::the_date_control_shows_the_past(&stage).await;
    does::what_people_write_is_never_markup(&stage).await;
    does::what_was_corrected_is_one_click_away(&stage).await;
    does::a_changed_leaf_shows_as_not_verified(&stage).await;
    does::today_leads_to_where_one_acts(&stage).await;
    does::bad_addresses_get_pages_that_help(&stage).await;
    does::pages_read_without_scripts(&stage).await;
    does::pages_work_by_keyboard(&stage).await;
    looks::every_page_fits_every_screen(&stage).await;
    looks::axe_objects_to_nothing(&stage).await;
}
