//! The interventions board: what was ordered, where each stands, and what is overdue.

use askama::Template;
use axum::response::Response;
use fokus_app::failure::Failure;
use fokus_app::query::InterventionListQuery;
use fokus_core::record::Opened;
use fokus_core::rejection::{Reason, Rejection};
use fokus_core::views::interventions::ShownCard;
use fokus_core::views::status::InterventionState;
use fokus_words::labels::plain;
use fokus_words::{Words, capital, say};
use jiff::civil::Date;
use serde_json::Value;

use super::families::Choice;
use super::family::address;
use super::people::person;
use super::{Frame, Visit};
use crate::clocks::Chosen;
use crate::limits::ROWS_MAX;

#[derive(Template)]
#[template(path = "interventions.html")]
struct InterventionsPage {
    frame: Frame,
    chosen: Chosen,
    states: Vec<Choice>,
    overdue: bool,
    groups: Vec<Group>,
    count: usize,
    cut: bool,
}

/// Those in one state.
struct Group {
    id: &'static str,
    label: String,
    cards: Vec<Shown>,
}

struct Shown {
    href: String,
    reference: String,
    what: String,
    whom: String,
    since: String,
    last: String,
    sessions: u32,
    attendance: String,
    provider: String,
    overdue: bool,
}

const STATES: [(&str, InterventionState); 5] = [
    ("ORDERED", InterventionState::Ordered),
    ("STARTED", InterventionState::Started),
    ("PAUSED", InterventionState::Paused),
    ("ENDED", InterventionState::Ended),
    ("DECLINED", InterventionState::Declined),
];
const STATE: &str = "InterventionState";

/// `GET /interventions?state=…&overdue=1&known=…&was=…`
pub(crate) async fn page(visit: Visit) -> Response {
    let made = make(&visit).await;
    visit.answer(made)
}

async fn make(visit: &Visit) -> Result<InterventionsPage, Failure> {
    let w = visit.w;
    let (chosen, overdue) = (visit.chosen(), visit.asked("overdue") == "1");
    let asked = visit.asked("state");
    let of_code = STATES.iter().find(|(code, _)| *code == asked).map(|(_, state)| *state);
    if of_code.is_none() && !asked.is_empty() {
        let rule = "one of the codes offered";
        return Err(Rejection::new(Reason::FieldInvalid, rule).at("state").into());
    }
    let query = InterventionListQuery {
        page_size: ROWS_MAX,
        page_token: String::new(),
        min_position: visit.min_position,
        clocks: chosen.clocks()?,
        family_id: None,
        states: of_code.into_iter().collect(),
        types: Vec::new(),
        overdue_only: overdue,
    };
    let answer = visit.read(query).await?;
    let group = |(code, state): &(&'static str, InterventionState)| {
        let of_state = answer.interventions.iter().filter(|it| it.card.card.state == *state);
        let mut cards: Vec<&ShownCard> = of_state.collect();
        // What waits longest comes first.
        cards.sort_by_key(|it| (!it.card.is_overdue, it.card.card.last_session_on));
        Group {
            id: code,
            label: capital(&w.code(STATE, code)),
            cards: cards.into_iter().map(|it| shown(it, &chosen, w)).collect(),
        }
    };
    let groups: Vec<Group> = STATES.iter().map(group).filter(|it| !it.cards.is_empty()).collect();
    let choice = |(code, _): &(&'static str, InterventionState)| Choice {
        code,
        label: capital(&w.code(STATE, code)),
        chosen: asked == *code,
    };
    Ok(InterventionsPage {
        frame: visit.live_frame(say!(w, "page-interventions"), answer.as_of, chosen.is_now()),
        states: STATES.iter().map(choice).collect(),
        count: groups.iter().map(|it| it.cards.len()).sum(),
        cut: !answer.next_page_token.is_empty(),
        chosen,
        overdue,
        groups,
    })
}

fn shown(it: &ShownCard, chosen: &Chosen, w: Words) -> Shown {
    let card = &it.card.card;
    let day = |it: Option<Date>| it.map(|it| w.civil(it)).unwrap_or_default();
    let whom = match (card.person_id, &it.person) {
        (Some(id), Some(card)) => person(card.name.as_ref(), card.erased, id, w),
        (Some(id), None) => person(None, false, id, w),
        (None, _) => say!(w, "the-family"),
    };
    Shown {
        href: format!("{}#interventions", address(it.family_id, chosen)),
        reference: plain(&it.reference),
        what: capital(&w.of("InterventionType", &card.intervention_type)),
        whom,
        since: day(card.ended_on.or(card.paused_on).or(card.started_on).or(Some(card.ordered_on))),
        last: day(card.last_session_on),
        sessions: card.sessions,
        attendance: it
            .card
            .attendance_percent
            .map(|it| w.per_cent(i64::from(it) * 10))
            .unwrap_or_default(),
        provider: match &it.provider {
            Opened::Known(Value::String(text)) => plain(text),
            Opened::Known(_) | Opened::Absent => String::new(),
            Opened::Erased => say!(w, "erased"),
        },
        overdue: it.card.is_overdue,
    }
}
