//! The programme: live numbers for those who answer for it, and for everybody what was released. Whoever
//! sees releases only can choose a programme and a quarter, and nothing else.

mod live;
mod released;

use askama::Template;
use axum::response::Response;
use fokus_app::failure::Failure;
use fokus_app::query::{ProgrammeQuery, ReleasesQuery};
use fokus_app::session::Action;
use fokus_core::rejection::{Reason, Rejection};
use fokus_core::views::outcomes::OutcomeRow;
use fokus_words::labels::plain;
use fokus_words::say;
use jiff::civil::Date;

use self::live::Live;
use self::released::Released;
use super::{Frame, Visit};
use crate::clocks::Chosen;

/// The longest name of a field that a refusal repeats, in bytes.
const NAME_BYTES_MAX: usize = 40;

#[derive(Template)]
#[template(path = "programme.html")]
struct ProgrammePage {
    frame: Frame,
    chosen: Chosen,
    /// What the named roles see.
    internal: Option<Internal>,
    released: Option<Released>,
}

/// The live numbers of every programme on a day.
struct Internal {
    day: Date,
    programmes: Vec<Live>,
}

/// A head of a table.
struct Head {
    label: String,
    number: bool,
}

/// `GET /programme?programme=…&quarter=…`; for those who may see live numbers, `&known=…&was=…` too.
pub(crate) async fn page(visit: Visit) -> Response {
    let made = make(&visit).await;
    visit.answer(made)
}

async fn make(visit: &Visit) -> Result<ProgrammePage, Failure> {
    let named = visit.visitor.access_for(Action::ReadProgramme);
    let everybody = visit.visitor.access_for(Action::ReadOutcomes);
    let of_releases = everybody.unwrap_or_else(|| visit.visitor.access.clone());
    only_known_fields(visit, named.is_some())?;
    let min_position = visit.min_position;
    let query = ReleasesQuery { min_position };
    let releases = visit.read_for(&of_releases, query).await?;
    let mut as_of = releases.as_of;
    let chosen = visit.chosen();
    let internal = match &named {
        None => None,
        Some(access) => {
            let clocks = chosen.clocks()?;
            let query = ProgrammeQuery { min_position, clocks, programme_id: None };
            let answer = visit.read_for(access, query).await?;
            as_of = as_of.min(answer.as_of);
            let name = |id| programme_name(&releases.releases, id, visit);
            let programmes = answer.programmes.iter();
            let live = programmes.map(|it| Live::of(it, name(it.programme_id), visit.w));
            Some(Internal { day: answer.day, programmes: live.collect() })
        }
    };
    let released = released::read(visit, &of_releases, &releases.releases).await?;
    let title = say!(visit.w, "page-programme");
    Ok(ProgrammePage {
        frame: visit.live_frame(title, as_of, chosen.is_now()),
        chosen,
        internal,
        released,
    })
}

/// A release is what it was: nobody chooses a day, a position or some of its families.
fn only_known_fields(visit: &Visit, with_clocks: bool) -> Result<(), Rejection> {
    let is_known = |it: &str| match it {
        "programme" | "quarter" => true,
        "known" | "was" => with_clocks,
        _ => false,
    };
    let Some(other) = visit.fields().find(|it| !is_known(it)) else { return Ok(()) };
    let is_name = other.len() <= NAME_BYTES_MAX && other.bytes().all(|it| it.is_ascii_graphic());
    let rule = "a release has a programme and a quarter, and nothing else can be chosen";
    Err(Rejection::new(Reason::FieldInvalid, rule).at(if is_name { other } else { "address" }))
}

/// What the programme was called when something of it was released last; its id while nothing was.
fn programme_name(
    releases: &[OutcomeRow],
    id: fokus_core::ids::ProgrammeId,
    visit: &Visit,
) -> String {
    let newest = releases.iter().rev().find(|it| it.programme_id == id);
    match newest {
        Some(it) => plain(&it.programme),
        None => say!(visit.w, "programme-id", id = id.to_string()),
    }
}
