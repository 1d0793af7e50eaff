//! Inside an assessment, and what others report.

use crate::effective::Effective;
use crate::fact::Fact;
use crate::family::state::{Reported, State};

/// Folds an entry of these topics in; any other changes nothing.
pub(super) fn absorb(state: &mut State, entry: &Effective) {
    if let Fact::AssessmentAreaDescribed(it) = &entry.fact {
        if let Some(assessment) = state.assessments.get_mut(&it.assessment_id) {
            assessment.dimensions.insert(it.dimension);
            assessment.says_of_child |= it.child_heard.is_some();
        }
    } else if let Fact::AssessmentProvisionallyConcluded(it) = &entry.fact {
        if let Some(assessment) = state.assessments.get_mut(&it.assessment_id) {
            assessment.is_provisional = true;
        }
    } else if let Fact::AssessmentAbandoned(it) = &entry.fact {
        if let Some(assessment) = state.assessments.get_mut(&it.assessment_id) {
            assessment.is_abandoned = true;
        }
    } else if let Fact::EducationStatusReported(it) = &entry.fact {
        let turn = (it.from, entry.revision);
        let reported = Reported { person_id: it.person_id, turn, status: it.status };
        state.education.push(reported);
    } else if let Fact::EmploymentStatusReported(it) = &entry.fact {
        let turn = (it.from, entry.revision);
        let reported = Reported { person_id: it.person_id, turn, status: it.status };
        state.employment.push(reported);
    }
}
