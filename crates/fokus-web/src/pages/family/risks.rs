//! Risks as steps: for each person a chart with a band for each area, and its table.

use fokus_core::codes::RiskLevel;
use fokus_core::views::trajectory::{RiskStep, RiskSteps};
use fokus_words::{capital, say};

use super::Read;
use super::timeline::Period;
use crate::charts::Figure;
use crate::charts::risk::{Band, Risks, Step};
use crate::pages::people::level_class;

/// One person's risks.
pub(crate) struct RisksOf {
    /// The person's id, for links.
    pub(crate) id: String,
    pub(crate) person: String,
    pub(crate) figure: Figure,
    pub(crate) rows: Vec<RiskRowOf>,
}

/// One judgement.
pub(crate) struct RiskRowOf {
    pub(crate) area: String,
    pub(crate) level: String,
    pub(crate) class: &'static str,
    pub(crate) change: String,
    pub(crate) on: String,
    /// The last day that it stands; empty when another of its day replaced it.
    pub(crate) until: String,
    pub(crate) stale: bool,
    pub(crate) judge: String,
    pub(crate) href: String,
    pub(crate) revision: u64,
}

/// The risks of everybody who was judged, in the order of the members.
pub(super) fn of(read: &Read, period: &Period) -> Vec<RisksOf> {
    let mut persons = Vec::new();
    let members = read.status.members.iter().map(|it| it.person_id);
    for id in members.chain(read.trajectory.risks.iter().map(|it| it.person_id)) {
        if !persons.contains(&id) {
            persons.push(id);
        }
    }
    let of_person = |id| {
        let areas: Vec<&RiskSteps> =
            read.trajectory.risks.iter().filter(|it| it.person_id == id).collect();
        (!areas.is_empty()).then(|| risks_of(read, period, &areas, &id.to_string()))
    };
    persons.into_iter().filter_map(of_person).collect()
}

fn risks_of(read: &Read, period: &Period, areas: &[&RiskSteps], id: &str) -> RisksOf {
    let (w, person) = (read.w, read.names.name(id));
    const LEVELS: [RiskLevel; 4] =
        [RiskLevel::Low, RiskLevel::Moderate, RiskLevel::High, RiskLevel::Acute];
    let chart = Risks {
        name: say!(w, "page-risk-chart", person = person.clone()),
        first: period.first,
        last: period.last,
        levels: LEVELS.map(|it| capital(&w.of("RiskLevel", &it))),
        bands: areas.iter().map(|it| band(read, period, it)).collect(),
    };
    let rows = areas.iter().flat_map(|area| {
        let newest = area.steps.last().map(|it| it.revision);
        let stale = area.is_stale(read.trajectory.today);
        area.steps
            .iter()
            .rev()
            .map(move |it| row(read, area, it, stale && Some(it.revision) == newest))
    });
    RisksOf {
        id: id.to_owned(),
        person,
        figure: Figure::of(|width| chart.draw(width, w)),
        rows: rows.collect(),
    }
}

fn band(read: &Read, period: &Period, area: &RiskSteps) -> Band {
    let w = read.w;
    let steps = area.steps.iter().filter_map(|it| {
        let until = it.stands_until?;
        let shown = it.judged_on <= period.last && until >= period.first;
        let (from, until) = (it.judged_on.max(period.first), until.min(period.last));
        shown.then_some(Step { from, until, level: it.level })
    });
    let newest = area.steps.last().filter(|_| area.is_stale(read.trajectory.today));
    let stale = newest.and_then(|it| it.stands_until).filter(|it| *it <= period.last);
    Band {
        label: capital(&w.of("RiskArea", &area.risk_area)),
        steps: steps.collect(),
        stale: stale.map(|it| (it, say!(w, "page-out-of-date"))),
    }
}

fn row(read: &Read, area: &RiskSteps, it: &RiskStep, stale: bool) -> RiskRowOf {
    let w = read.w;
    RiskRowOf {
        area: capital(&w.of("RiskArea", &area.risk_area)),
        level: capital(&w.of("RiskLevel", &it.level)),
        class: if stale { "none" } else { level_class(it.level) },
        change: capital(&w.of("RiskDirection", &it.change)),
        on: w.civil(it.judged_on),
        until: it.stands_until.map(|it| w.civil(it)).unwrap_or_default(),
        stale,
        judge: fokus_words::labels::plain(&it.judge),
        href: format!("{}/entry/{}", read.base, it.revision),
        revision: it.revision,
    }
}
