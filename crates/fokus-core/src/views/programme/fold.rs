//! The fold of [`ProgrammeView`].

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{CaseWay, ClosingOn, DayDone, ProgrammeRow, ReferralWay};
use crate::codes::{CaseOutcome, ContactKind, PlanKind};
use crate::effective::{Clocks, Effective, effective};
use crate::fact::Fact;
use crate::family::course::{Casework, Course};
use crate::ids::*;
use crate::record::Recorded;
use crate::views::caseload::RiskFrom;
use crate::views::{Row, View};

/// The programme's numbers, family by family: one row.
#[derive(Debug, Clone, Copy)]
pub struct ProgrammeView;

/// The key of a family's one row.
const ROW_KEY: &str = "programme";

impl View for ProgrammeView {
    const NAME: &'static str = "programme";
    const REVISION: u16 = 1;
    const STREAM: StreamKind = StreamKind::Family;
    type State = ProgrammeState;

    fn fold(state: &mut ProgrammeState, entry: &Effective) -> Vec<Row> {
        state.absorb(entry);
        Self::rows(state)
    }

    fn fold_all(state: &mut ProgrammeState, entries: &[Effective]) -> Vec<Row> {
        Self::absorb(state, entries);
        if entries.is_empty() { Vec::new() } else { Self::rows(state) }
    }

    fn absorb(state: &mut ProgrammeState, entries: &[Effective]) -> Vec<Row> {
        entries.iter().for_each(|it| state.absorb(it));
        Vec::new()
    }

    fn rows(state: &ProgrammeState) -> Vec<Row> {
        let row = state.row().and_then(|it| Row::new(ROW_KEY.to_owned(), &it));
        row.into_iter().collect()
    }
}

/// The row as the clocks have it, folded on the spot; `None` before the family's registration.
pub fn row_of(history: &[Recorded], clocks: &Clocks) -> Option<ProgrammeRow> {
    let mut state = ProgrammeState::default();
    effective(history, clocks).iter().for_each(|it| state.absorb(it));
    state.row()
}

/// What the view remembers of a family's stream.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProgrammeState {
    family_id: Option<FamilyId>,
    undone: bool,
    referrals: BTreeMap<ReferralId, (ProgrammeId, Date)>,
    offers: BTreeMap<ReferralId, Date>,
    acceptances: BTreeMap<ReferralId, Date>,
    casework: Casework,
    /// With the revision of the entry, here and below.
    closings: Vec<(u64, Date, CaseOutcome)>,
    plan_kinds: BTreeMap<PlanId, PlanKind>,
    agreements: Vec<(Date, PlanId)>,
    risks: Vec<(u64, RiskFrom)>,
    days: BTreeMap<Date, Done>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Done {
    contacts: u32,
    contact_minutes: u32,
    sessions: u32,
    session_minutes: u32,
}

impl ProgrammeState {
    /// Folds one entry in.
    fn absorb(&mut self, entry: &Effective) {
        self.casework.absorb(entry);
        let (revision, day) = (entry.revision, entry.effective_day());
        if let Fact::FamilyRegistered(it) = &entry.fact {
            self.family_id = Some(it.family_id);
        } else if let Fact::FamilyRegistrationUndone(_) = &entry.fact {
            self.undone = true;
        } else if let Fact::CaseClosed(it) = &entry.fact {
            self.closings.push((revision, it.closed_on, it.outcome));
        } else if let Fact::PlanDrafted(it) = &entry.fact {
            self.plan_kinds.insert(it.plan_id, it.kind);
        } else if let Fact::PlanAgreed(it) = &entry.fact {
            if it.is_agreement() {
                self.agreements.push((day, it.plan_id));
            }
        } else if let Fact::ProfessionalRiskJudged(it) = &entry.fact {
            let judged = RiskFrom {
                from: day,
                valid_until: it.valid_until,
                person_id: it.person_id,
                risk_area: it.risk_area,
                level: it.level,
            };
            self.risks.push((revision, judged));
        } else if !self.absorb_work(entry, day) {
            self.absorb_referral(entry, day);
        }
    }

    fn absorb_work(&mut self, entry: &Effective, day: Date) -> bool {
        if let Fact::ContactRecorded(it) = &entry.fact {
            if it.kind != ContactKind::NoShow {
                let done = self.days.entry(day).or_default();
                done.contacts = done.contacts.saturating_add(1);
                done.contact_minutes = done.contact_minutes.saturating_add(it.minutes.into());
            }
        } else if let Fact::SessionHeld(it) = &entry.fact {
            let done = self.days.entry(day).or_default();
            done.sessions = done.sessions.saturating_add(1);
            done.session_minutes = done.session_minutes.saturating_add(it.minutes.into());
        } else {
            return false;
        }
        true
    }

    fn absorb_referral(&mut self, entry: &Effective, day: Date) {
        let first = |days: &mut BTreeMap<ReferralId, Date>, id: ReferralId| {
            days.entry(id).and_modify(|it| *it = day.min(*it)).or_insert(day);
        };
        if let Fact::ReferralSubmitted(it) = &entry.fact {
            self.referrals.insert(it.referral_id, (it.programme_id, day));
        } else if let Fact::PlaceOffered(it) = &entry.fact {
            first(&mut self.offers, it.referral_id);
        } else if let Fact::PlaceAccepted(it) = &entry.fact {
            first(&mut self.acceptances, it.referral_id);
        }
    }

    fn row(&self) -> Option<ProgrammeRow> {
        Some(ProgrammeRow {
            family_id: self.family_id?,
            undone: self.undone,
            referrals: self.referral_ways(),
            cases: self.casework.courses().iter().map(|it| self.case_way(it)).collect(),
            plans: self.plans(),
            risks: self.sorted_risks(),
            days: self.days.iter().map(|(day, it)| it.on(*day)).collect(),
        })
    }

    fn referral_ways(&self) -> Vec<ReferralWay> {
        let way = |(id, (programme_id, on)): (&ReferralId, &(ProgrammeId, Date))| ReferralWay {
            programme_id: *programme_id,
            referral_id: *id,
            on: *on,
            offered_on: self.offers.get(id).copied(),
            accepted_on: self.acceptances.get(id).copied(),
        };
        let mut ways: Vec<ReferralWay> = self.referrals.iter().map(way).collect();
        ways.sort_by_key(|it| (it.on, it.referral_id));
        ways
    }

    fn case_way(&self, course: &Course) -> CaseWay {
        let ends: BTreeSet<Date> = course.spans.iter().filter_map(|it| it.to).collect();
        // Of closings on one day the latest recorded holds.
        let mut closings: BTreeMap<Date, (u64, CaseOutcome)> = BTreeMap::new();
        let own = self.closings.iter().filter(|it| course.opened < it.0 && ends.contains(&it.1));
        for (revision, on, outcome) in own {
            let known = closings.entry(*on).or_insert((*revision, *outcome));
            if known.0 < *revision {
                *known = (*revision, *outcome);
            }
        }
        CaseWay {
            case_id: course.case_id,
            programme_id: course.programme_id,
            open: course.spans.clone(),
            closings: closings
                .iter()
                .map(|(on, it)| ClosingOn { on: *on, outcome: it.1 })
                .collect(),
        }
    }

    fn plans(&self) -> Vec<Date> {
        let of_family = |it: &&(Date, PlanId)| {
            self.plan_kinds.get(&it.1).is_some_and(|kind| *kind == PlanKind::Family)
        };
        let mut days: Vec<Date> = self.agreements.iter().filter(of_family).map(|it| it.0).collect();
        days.sort_unstable();
        days
    }

    fn sorted_risks(&self) -> Vec<RiskFrom> {
        let mut risks = self.risks.clone();
        risks.sort_by_key(|it| (it.1.from, it.0));
        risks.into_iter().map(|it| it.1).collect()
    }
}

impl Done {
    fn on(self, day: Date) -> DayDone {
        DayDone {
            day,
            contacts: self.contacts,
            contact_minutes: self.contact_minutes,
            sessions: self.sessions,
            session_minutes: self.session_minutes,
        }
    }
}
