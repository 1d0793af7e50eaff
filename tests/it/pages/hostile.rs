//! What people write, wherever they can write, is text on every page; and links that have grown old.

use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::*;

use super::stage::Stage;
use crate::harness::seeded::Seeded;
use crate::harness::world::{World, on, request};

/// A script, a way out of an attribute, signs that turn the writing, and letters of several signs.
fn hostile(what: &str) -> String {
    format!(
        "<script>window.ran='{what}'</script>\"><img src=x onerror=window.ran=2>'\u{202e}{what}\u{2066}👩‍👧"
    )
}

/// What of it must be readable.
fn readable(what: &str) -> String {
    format!("<script>window.ran='{what}'</script>\"><img src=x onerror=window.ran=2>'")
}

pub(super) async fn hostile_text_in_any_field_is_text_on_every_page(stage: &Stage) {
    let lead = stage.clients("team_lead", Purpose::Casework).await;
    let mut seeded = Seeded::new("hostile everywhere");
    let mut world = World::new(&mut seeded, 60_001);
    world.mother.given = hostile("given");
    world.mother.family = hostile("family");
    world.worker_name = hostile("worker");
    world.grounds = hostile("grounds");
    lead.all_accepted(world.commands(&mut seeded)).await;
    let visit = world.visit(&mut seeded, 45, &hostile("contact"));
    let mut last =
        lead.accepted(on("2020-12-10", request(&mut seeded, Command::RecordContact(visit)))).await;
    let flag = RaiseFlag {
        family_id: world.family_id.clone(),
        flag_id: seeded.id(),
        kind: FlagKind::Safety.into(),
        text: hostile("flag"),
        ..Default::default()
    };
    let mut note = world.note(&mut seeded, &hostile("note"));
    if let Some(Command::RecordNote(it)) = &mut note.command {
        it.source = hostile("source");
    }
    for it in [request(&mut seeded, Command::RaiseFlag(flag)), note] {
        last = lead.accepted(it).await;
    }
    let family = format!("/family/{}", world.family_id);
    stage.sign_in("AUDITOR").await;
    let pages = [
        (
            family.clone() + "?all=1",
            &["given", "family", "worker", "grounds", "contact", "flag", "note"][..],
        ),
        (family.clone() + "/history", &["grounds", "contact", "flag", "note", "source"]),
        (family.clone() + "/entry/2", &["grounds"]),
        ("/families".to_owned(), &[]),
        ("/today".to_owned(), &["worker"]),
        ("/caseload".to_owned(), &["worker"]),
        ("/interventions".to_owned(), &[]),
    ];
    for (path, shown) in pages {
        if path.contains("/history") || path.contains("/entry") {
            stage.open(&path).await;
        } else {
            stage.open_at(&path, last.position).await;
        }
        assert_eq!(stage.status().await, 200, "{path}");
        let ran = stage.browser.run("return window.ran === undefined").await;
        assert_eq!(ran, true, "{path}: a script of somebody else's ran");
        let text = stage.browser.run("return document.body.textContent").await;
        let text = text.as_str().expect("a text");
        for what in shown {
            assert!(text.contains(&readable(what)), "{path}: {what} is not readable as written");
        }
        assert!(
            !text.contains('\u{202e}') && !text.contains('\u{2066}'),
            "{path}: writing is turned"
        );
        let strange = "return document.querySelectorAll('img, script:not([src])').length";
        assert_eq!(stage.browser.run(strange).await, 0, "{path}: markup of somebody else's");
        let fits = "const it = document.scrollingElement; return it.scrollWidth <= it.clientWidth";
        assert_eq!(stage.browser.run(fits).await, true, "{path}: wider than the window");
    }
}

pub(super) async fn an_old_link_to_a_family_that_is_no_more_helps(stage: &Stage) {
    let lead = stage.clients("team_lead", Purpose::Casework).await;
    let mut seeded = Seeded::new("an old link");
    let world = World::new(&mut seeded, 60_002);
    // Programme, worker, two persons, family; nothing was done with it yet.
    let commands = world.commands(&mut seeded);
    lead.all_accepted(commands[..5].to_vec()).await;
    let undo = UndoFamilyRegistration {
        family_id: world.family_id.clone(),
        reason: UndoReason::Duplicate.into(),
    };
    let undone = lead.accepted(request(&mut seeded, Command::UndoFamilyRegistration(undo))).await;
    stage.sign_in("CASEWORKER").await;
    stage.open_at(&format!("/family/{}", world.family_id), undone.position).await;
    assert_eq!(stage.status().await, 200);
    let text = stage.browser.text().await;
    assert!(text.contains("undone") && text.contains(&world.reference), "{text}");
    stage.open(&format!("/family/{}/entry/1", world.family_id)).await;
    assert!(stage.browser.text().await.contains("As it was recorded first"));
}
