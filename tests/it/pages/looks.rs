//! How pages look: on a telephone, a desk and a wall, light and dark.

use serde_json::Value;

use super::stage::Stage;

const WIDTHS: [u32; 3] = [360, 1280, 1920];

/// What does not fit, a line for each: sideways scrolling, text that is cut off, labels of charts that
/// touch each other or lie outside.
const MISFITS: &str = r"
    const found = [];
    const root = document.scrollingElement;
    if (root.scrollWidth > root.clientWidth) {
        const wide = [...document.querySelectorAll('body *')].filter((it) =>
            it.getBoundingClientRect().right > root.clientWidth + 1 && !it.closest('.scroll') && !it.closest('.skip'));
        found.push('sideways: ' + root.scrollWidth + ' > ' + root.clientWidth + ' ' +
            wide.slice(0, 3).map((it) => it.outerHTML.slice(0, 120)).join(' | '));
    }
    for (const it of document.querySelectorAll('main *:not(svg):not(svg *)')) {
        const style = getComputedStyle(it);
        const cuts = ['hidden', 'clip'].includes(style.overflowX) || ['hidden', 'clip'].includes(style.overflowY);
        if (cuts && (it.scrollWidth > it.clientWidth + 1 || it.scrollHeight > it.clientHeight + 1))
            found.push('cut: ' + it.outerHTML.slice(0, 120));
    }
    for (const chart of document.querySelectorAll('svg.chart')) {
        const frame = chart.getBoundingClientRect();
        if (frame.width === 0) continue;
        const boxes = [...chart.querySelectorAll('text')].map((it) => [it.textContent.trim(), it.getBoundingClientRect()])
            .filter(([text]) => text !== '');
        for (const [text, box] of boxes)
            if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
                found.push('outside its chart: ' + text);
        boxes.forEach(([text, one], at) => boxes.slice(at + 1).forEach(([other, two]) => {
            const apart = one.right <= two.left + 0.5 || two.right <= one.left + 0.5
                || one.bottom <= two.top + 1.5 || two.bottom <= one.top + 1.5;
            if (!apart) found.push('touch: ' + text + ' and ' + other);
        }));
    }
    return found.slice(0, 20);
";

pub(super) async fn every_page_fits_every_screen(stage: &Stage) {
    let mut found = Vec::new();
    for (role, language) in [
        ("CASEWORKER", "en"),
        ("AUDITOR", "da"),
        ("OPERATOR", "en"),
        ("PROGRAMME_MANAGER", "en"),
        ("DASHBOARD", "da"),
    ] {
        stage.sign_in(role).await;
        if language == "da" {
            stage.browser.click("button[name=to][value=da]").await;
        }
        for (name, path) in stage.pages_of(role) {
            stage.open(&path).await;
            for width in WIDTHS {
                for dark in [false, true] {
                    stage.browser.look(width, dark).await;
                    let scheme = if dark { "dark" } else { "light" };
                    let here = format!("{name}-{}-{width}-{scheme}", role.to_lowercase());
                    let misfits = stage.browser.run(MISFITS).await;
                    let misfits = misfits.as_array().expect("a list").iter();
                    found.extend(misfits.map(|it| format!("{here}: {}", text(it))));
                    if matches!(role, "CASEWORKER" | "PROGRAMME_MANAGER" | "DASHBOARD")
                        || matches!(name, "operations" | "export" | "programme")
                    {
                        stage.browser.picture(&here).await;
                    }
                }
            }
        }
    }
    stage.browser.look(1280, false).await;
    assert!(found.is_empty(), "what does not fit:\n  {}", found.join("\n  "));
}

pub(super) async fn axe_objects_to_nothing(stage: &Stage) {
    let mut found = Vec::new();
    for role in ["CASEWORKER", "AUDITOR", "OPERATOR", "PROGRAMME_MANAGER", "DASHBOARD"] {
        stage.sign_in(role).await;
        for (name, path) in stage.pages_of(role) {
            for dark in [false, true] {
                stage.browser.look(1280, dark).await;
                stage.open(&path).await;
                let objections = stage.browser.objections().await;
                found.extend(objections.iter().map(|it| format!("{name} ({role}): {it}")));
            }
        }
    }
    stage.browser.look(1280, false).await;
    assert!(found.is_empty(), "axe-core objects:\n  {}", found.join("\n  "));
}

fn text(it: &Value) -> &str {
    it.as_str().unwrap_or_default()
}
