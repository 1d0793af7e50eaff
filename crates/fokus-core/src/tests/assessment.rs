//! StartAssessment, JudgeRisk, ConcludeAssessment.

use jiff::civil::date;

use super::journal::{Row, ask, check, no, yes};
use super::story::*;
use crate::codes::*;
use crate::command::*;
use crate::fact::Fact;
use crate::ids::EventId;
use crate::rejection::Reason;

#[rustfmt::skip] // One row, one rule.
fn assessment_rows() -> Vec<Row> {
    let open = opened();
    let tomorrow = Some(date(2020, 1, 16));
    let screening = || assessing(1, AssessmentKind::Screening);
    let started = open.clone().after(ask(screening()));
    let on_the_second = open.clone().after(ask(screening()).on(2019, 6, 2));
    let person = |person_id| ask(StartAssessment { person_id: Some(person_id), ..screening() });
    let because = |entry| ask(StartAssessment { trigger: Some(entry), ..screening() });
    vec![
        yes(&open, ask(screening()), "AssessmentStarted"),
        yes(&open, person(CHILD), "AssessmentStarted"),
        no(&open, person(UNCLE), Reason::NotInFamily, "start_assessment.person_id"),
        no(&open,
           ask(StartAssessment {
               person_id: Some(CHILD), ..assessing(1, AssessmentKind::FamilyAssessment)
           }),
           Reason::FieldInvalid, "start_assessment.person_id"),
        yes(&open, because(EntryRef::Revision(2)), "AssessmentStarted"),
        no(&open, because(EntryRef::Revision(9)), Reason::UnknownId, "start_assessment.trigger"),
        no(&open, because(EntryRef::Event(EventId(NOBODY.0))),
           Reason::UnknownId, "start_assessment.trigger"),
        no(&triaged(), ask(screening()), Reason::NoOpenCase, ""),
        no(&open, ask(screening()).on(2019, 2, 28), Reason::BeforeCase, "occurred_at"),
        no(&started, ask(screening()), Reason::IdTaken, "start_assessment.assessment_id"),
        no(&open, ask(StartAssessment { need_known_on: tomorrow, ..screening() }),
           Reason::InFuture, "start_assessment.need_known_on"),

        yes(&started, ask(assessed(1)), "AssessmentConcluded"),
        no(&open, ask(assessed(1)), Reason::UnknownId, "conclude_assessment.assessment_id"),
        no(&started, ask(assessed(1)).on(2019, 5, 31), Reason::DateOrder, "occurred_at"),
        yes(&started, ask(assessed(1)).some_day_of(2019, 6), "AssessmentConcluded"),
        no(&started, ask(assessed(1)).some_day_of(2019, 5), Reason::DateOrder, "occurred_at"),
        yes(&on_the_second, ask(assessed(1)).some_day_of(2019, 6), "AssessmentConcluded"),
        no(&started.clone().after(ask(assessed(1))), ask(assessed(1)),
           Reason::AssessmentState, "conclude_assessment.assessment_id"),
        no(&started,
           ask(ConcludeAssessment { shared_with_family_on: tomorrow, ..assessed(1) }),
           Reason::InFuture, "conclude_assessment.shared_with_family_on"),
        no(&started, ask(ConcludeAssessment { conclusion: words("0101054000"), ..assessed(1) }),
           Reason::CprInText, "conclude_assessment.conclusion"),
    ]
}

#[rustfmt::skip] // One row, one rule.
fn risk_rows() -> Vec<Row> {
    // Revision 5 is certain, 6 and 7 are not.
    let open = opened()
        .after(ask(note(1)))
        .after(ask(RecordNote { grade: Grade::Uncertain, ..note(2) }))
        .after(ask(RecordNote { grade: Grade::Uncertain, ..note(3) }));
    let judged = open.clone().after(ask(judging(YOUTH, &[5])));
    let joined_late = open.clone().after(ask(joining(UNCLE)).on(2019, 12, 2));
    let marked = open.clone().after(ask(MarkMistaken {
        stream: FAMILY.into(), entry: EntryRef::Revision(5),
        reason: MistakeReason::DidNotHappen, explanation: words("Never was"),
    }));
    let grave = |basis| JudgeRisk { level: RiskLevel::High, ..judging(YOUTH, basis) };
    let again = |direction| JudgeRisk { direction, ..judging(YOUTH, &[5]) };
    let may = date(2020, 5, 1);
    let blanks = words("   Too short when the blanks are cut off   ");
    let until = |day| ask(JudgeRisk { valid_until: day, ..judging(YOUTH, &[5]) });
    vec![
        yes(&open, ask(judging(YOUTH, &[5])), "ProfessionalRiskJudged"),
        no(&open, ask(judging(UNCLE, &[5])), Reason::NotInFamily, "judge_risk.person_id"),
        no(&open, ask(judging(YOUTH, &[5, 8])), Reason::UnknownId, "judge_risk.basis[1]"),
        no(&open, ask(judging(YOUTH, &[])), Reason::NoBasis, "judge_risk.basis"),
        yes(&open,
           ask(JudgeRisk { valid_until: may, ..judging(YOUTH, &[5]) }).on(2019, 12, 1),
           "ProfessionalRiskJudged"),
        no(&open,
           ask(JudgeRisk { valid_until: may, ..judging(YOUTH, &[5]) }).on(2019, 12, 2),
           Reason::NoBasis, "judge_risk.basis"),
        yes(&open,
           ask(JudgeRisk { valid_until: may, ..judging(YOUTH, &[1, 6, 5]) }).on(2019, 12, 1),
           "ProfessionalRiskJudged"),
        no(&open, ask(judging(YOUTH, &[5])).on(2019, 5, 31), Reason::NoBasis, "judge_risk.basis"),
        // A member who joined on 1 June, written down in December.
        no(&joined_late, ask(judging(YOUTH, &[8])).on(2019, 5, 31),
           Reason::NoBasis, "judge_risk.basis"),
        yes(&joined_late, ask(judging(YOUTH, &[8])), "ProfessionalRiskJudged"),
        no(&marked, ask(judging(YOUTH, &[5])), Reason::NoBasis, "judge_risk.basis"),
        no(&marked, ask(judging(YOUTH, &[8])), Reason::NoBasis, "judge_risk.basis"),
        no(&open,
           ask(JudgeRisk { reasoning: blanks, ..judging(YOUTH, &[5]) }),
           Reason::ReasoningTooShort, "judge_risk.reasoning"),
        yes(&open, until(date(2019, 12, 1)), "ProfessionalRiskJudged"),
        no(&open, until(date(2019, 12, 2)), Reason::ValidTooLong, "judge_risk.valid_until"),
        no(&open, until(date(2019, 5, 31)), Reason::DateOrder, "judge_risk.valid_until"),
        no(&judged, ask(again(RiskDirection::First)),
           Reason::RiskDirection, "judge_risk.direction"),
        no(&open, ask(again(RiskDirection::Same)), Reason::RiskDirection, "judge_risk.direction"),
        yes(&judged, ask(again(RiskDirection::Same)), "ProfessionalRiskJudged"),
        yes(&judged,
           ask(JudgeRisk { risk_area: RiskArea::FamilyProblems, ..again(RiskDirection::First) }),
           "ProfessionalRiskJudged"),
        yes(&judged, ask(judging(CHILD, &[5])), "ProfessionalRiskJudged"),
        no(&registered(), ask(judging(YOUTH, &[1])), Reason::NoLegalBasis, "legal_basis"),
        yes(&registered(), ask(judging(YOUTH, &[1])).by_law(), "ProfessionalRiskJudged"),

        yes(&open, ask(judging(YOUTH, &[6, 7])), "ProfessionalRiskJudged"),
        no(&open, ask(grave(&[6, 7])), Reason::WeakBasis, "judge_risk.basis"),
        no(&open, ask(JudgeRisk { level: RiskLevel::Acute, ..grave(&[6]) }),
           Reason::WeakBasis, "judge_risk.basis"),
        yes(&open, ask(grave(&[6, 7])).confirming(Reason::WeakBasis), "ProfessionalRiskJudged"),
        yes(&open, ask(grave(&[6, 5])), "ProfessionalRiskJudged"),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    [assessment_rows(), risk_rows()].concat()
}

#[test]
fn rules_on_assessments_and_risks() {
    check(rows());
}

#[test]
fn a_conclusion_is_about_whom_was_assessed() {
    let about = |person_id| {
        let started = StartAssessment { person_id, ..assessing(1, AssessmentKind::Screening) };
        let decided = opened().after(ask(started)).decide(&ask(assessed(1))).unwrap();
        decided.appends[0].1[0].personal[0].persons.clone()
    };
    assert_eq!(about(Some(CHILD)), [CHILD]);
    assert_eq!(about(None), [MOTHER, YOUTH, CHILD]);
}

#[test]
fn references_become_revisions_each_once() {
    let journal = opened();
    let events = journal.history(FAMILY.into());
    let basis = vec![EntryRef::Event(events[1].event_id), EntryRef::Revision(2)];
    let decided = journal.decide(&ask(JudgeRisk { basis, ..judging(YOUTH, &[]) })).unwrap();
    let Fact::ProfessionalRiskJudged(fact) = &decided.appends[0].1[0].fact else { panic!("other") };
    assert_eq!(fact.basis, [2]);
}
