//! The fold of [`CaseloadView`].

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{CaseloadRow, ChildStay, DayTally, PhaseFrom, RiskFrom};
use crate::codes::{CasePhase, ContactKind};
use crate::effective::{Clocks, Effective, effective};
use crate::fact::Fact;
use crate::family::circle::{RoleChange, with_roles};
use crate::family::course::{Casework, Course};
use crate::family::pairing::{Join, Leave, memberships};
use crate::ids::*;
use crate::record::Recorded;
use crate::views::{Row, View};

/// Who has how much: one row for each case, keyed by the revision of its opening.
#[derive(Debug, Clone, Copy)]
pub struct CaseloadView;

impl View for CaseloadView {
    const NAME: &'static str = "caseload";
    const REVISION: u16 = 2;
    const STREAM: StreamKind = StreamKind::Family;
    type State = CaseloadState;

    fn fold(state: &mut CaseloadState, entry: &Effective) -> Vec<Row> {
        state.absorb(entry);
        state.stored()
    }

    fn fold_all(state: &mut CaseloadState, entries: &[Effective]) -> Vec<Row> {
        Self::absorb(state, entries);
        if entries.is_empty() { Vec::new() } else { state.stored() }
    }

    fn absorb(state: &mut CaseloadState, entries: &[Effective]) -> Vec<Row> {
        entries.iter().for_each(|it| state.absorb(it));
        Vec::new()
    }

    fn rows(state: &CaseloadState) -> Vec<Row> {
        state.stored()
    }
}

/// The rows as the clocks have them, folded on the spot, in order of opening.
pub fn rows_of(history: &[Recorded], clocks: &Clocks) -> Vec<CaseloadRow> {
    let mut state = CaseloadState::default();
    effective(history, clocks).iter().for_each(|it| state.absorb(it));
    state.rows().into_iter().map(|it| it.1).collect()
}

/// What the view remembers of a family's stream.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CaseloadState {
    registered: Option<(FamilyId, String)>,
    joins: Vec<Join>,
    leaves: Vec<Leave>,
    role_changes: Vec<RoleChange>,
    casework: Casework,
    /// With the revision of the entry, here and below.
    phases: Vec<(u64, PhaseFrom)>,
    risks: Vec<(u64, RiskFrom)>,
    days: BTreeMap<Date, Tally>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Tally {
    contacts: u32,
    minutes: u32,
    minutes_spent: u32,
}

impl CaseloadState {
    /// Folds one entry in.
    fn absorb(&mut self, entry: &Effective) {
        self.casework.absorb(entry);
        let (revision, day) = (entry.revision, entry.effective_day());
        if let Fact::FamilyRegistered(it) = &entry.fact {
            self.registered = Some((it.family_id, it.reference.clone()));
            self.joins.extend(Join::of_registration(it, revision));
        } else if let Fact::FamilyMemberAdded(it) = &entry.fact {
            self.joins.push(Join::of_addition(it, revision));
        } else if let Fact::FamilyMemberLeft(it) = &entry.fact {
            self.leaves.push(Leave::of(it, revision));
        } else if let Fact::FamilyMemberRoleChanged(it) = &entry.fact {
            self.role_changes.push(RoleChange::of(it, revision));
        } else if let Fact::CasePhaseEntered(it) = &entry.fact {
            self.phases.push((revision, PhaseFrom { from: day, phase: it.phase }));
        } else if let Fact::CaseReopened(it) = &entry.fact {
            self.phases.push((revision, PhaseFrom { from: day, phase: it.phase }));
        } else if let Fact::ProfessionalRiskJudged(it) = &entry.fact {
            let judged = RiskFrom {
                from: day,
                valid_until: it.valid_until,
                person_id: it.person_id,
                risk_area: it.risk_area,
                level: it.level,
            };
            self.risks.push((revision, judged));
        } else if let Fact::ContactRecorded(it) = &entry.fact {
            let met = u32::from(it.kind != ContactKind::NoShow);
            self.spend(day, met, u32::from(it.minutes) * met, it.minutes);
        } else if let Fact::SessionHeld(it) = &entry.fact {
            self.spend(day, 0, it.minutes.into(), it.minutes);
        }
    }

    fn spend(&mut self, day: Date, contacts: u32, minutes: u32, minutes_spent: u16) {
        let tally = self.days.entry(day).or_default();
        tally.contacts = tally.contacts.saturating_add(contacts);
        tally.minutes = tally.minutes.saturating_add(minutes);
        tally.minutes_spent = tally.minutes_spent.saturating_add(minutes_spent.into());
    }

    fn stored(&self) -> Vec<Row> {
        let row = |(opened, row): (u64, CaseloadRow)| Row::new(format!("{opened:010}"), &row);
        self.rows().into_iter().filter_map(row).collect()
    }

    /// The rows, each with the revision of the opening; none before the family's registration.
    fn rows(&self) -> Vec<(u64, CaseloadRow)> {
        let Some((family_id, reference)) = &self.registered else { return Vec::new() };
        let courses = self.casework.courses();
        let next = courses.iter().skip(1).map(|it| it.opened).chain([u64::MAX]);
        let row = |(course, next): (&Course, u64)| {
            let row = CaseloadRow {
                family_id: *family_id,
                reference: reference.clone(),
                case_id: course.case_id,
                programme_id: course.programme_id,
                open: course.spans.clone(),
                pauses: course.pauses.clone(),
                assignments: course.assignments.clone(),
                handovers: self.casework.handovers(course),
                phases: self.phases_of(course, next),
                risks: self.risks(),
                children: self.children(),
                days: self.days_of(course),
            };
            (course.opened, row)
        };
        courses.iter().zip(next).map(row).collect()
    }

    /// A case begins in its first phase.
    fn phases_of(&self, course: &Course, next: u64) -> Vec<PhaseFrom> {
        let own = |it: &&(u64, PhaseFrom)| course.opened < it.0 && it.0 < next;
        let mut entered: Vec<&(u64, PhaseFrom)> = self.phases.iter().filter(own).collect();
        entered.sort_by_key(|it| (it.1.from, it.0));
        let first = PhaseFrom { from: course.opened_on, phase: CasePhase::Engagement };
        std::iter::once(first).chain(entered.into_iter().map(|it| it.1)).collect()
    }

    /// Of the family, whichever case they were judged in.
    fn risks(&self) -> Vec<RiskFrom> {
        let mut risks = self.risks.clone();
        risks.sort_by_key(|it| (it.1.from, it.0));
        risks.into_iter().map(|it| it.1).collect()
    }

    fn children(&self) -> Vec<ChildStay> {
        let members = with_roles(memberships(&self.joins, &self.leaves), &self.role_changes);
        let stay = |it: &crate::family::Membership| ChildStay {
            person_id: it.person_id,
            from: it.from,
            to: it.to,
        };
        members.iter().filter(|it| it.is_child()).map(stay).collect()
    }

    /// Those on which the case was open.
    fn days_of(&self, course: &Course) -> Vec<DayTally> {
        let open = self.days.iter().filter(|(day, _)| course.is_open_on(**day));
        let tally = |(day, it): (&Date, &Tally)| DayTally {
            day: *day,
            contacts: it.contacts,
            minutes: it.minutes,
            minutes_spent: it.minutes_spent,
        };
        open.map(tally).collect()
    }
}
