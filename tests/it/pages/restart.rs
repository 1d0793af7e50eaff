//! A server that is killed and started anew under an open page: the page says that it has lost it, and
//! catches up by itself.

use std::net::TcpListener;
use std::time::Duration;

use fantoccini::Locator;

use crate::harness::browser::Browser;
use crate::harness::place::{Place, Role};
use crate::harness::seeded::Seeded;
use crate::harness::server::Server;
use crate::harness::world::World;

/// How long a page may take to find its server again.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn an_open_page_catches_up_with_a_server_that_was_started_anew() {
    let place = Place::new();
    // The same address before and after, as it is for people.
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("an address").to_string();
    drop(free);
    let environment = [("FOKUS_WEB", address.as_str())];
    let mut server = Server::try_start(&place, &environment).await.expect("a server");
    let mut seeded = Seeded::new("an open page");
    let world = World::new(&mut seeded, 1);
    let lead = server.clients(&place, Role::TeamLead, "lead-1").await;
    lead.all_accepted(world.commands(&mut seeded)).await;

    // With a token of one's own, pasted on the first page.
    let browser = Browser::start().await;
    browser.open(&format!("http://{address}/families")).await;
    let field = browser.client.find(Locator::Id("token")).await.expect("a field");
    let token = place.token(Role::Caseworker, "worker-1");
    field.send_keys(&token).await.expect("it takes text");
    browser.click("form.token button").await;
    browser.wait("the families", "return location.pathname === '/families'", PATIENCE).await;
    browser.open(&format!("http://{address}/family/{}", world.family_id)).await;
    browser.run("window.sameDocument = true").await;
    let text = browser.text().await;
    assert!(text.contains(&world.reference) && !text.contains("This is a demo"), "{text}");

    server.kill();
    server.ended().await;
    let lost = "return document.getElementById('word').textContent.startsWith('No connection')";
    browser.wait("the page says that it has lost its server", lost, PATIENCE).await;
    let server = Server::try_start(&place, &environment).await.expect("a server");
    let worker = server.clients(&place, Role::Caseworker, "worker-1").await;
    worker.accepted(world.note(&mut seeded, "Skrevet bagefter.")).await;
    let shows =
        "return document.body.innerText.includes('Skrevet bagefter.') && window.sameDocument";
    browser.wait("what was recorded afterwards", shows, PATIENCE).await;
    let word = "return document.getElementById('word').textContent === ''";
    browser.wait("the page has its server again", word, PATIENCE).await;
    server.stop().await;
}
