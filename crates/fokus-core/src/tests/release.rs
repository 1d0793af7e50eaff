//! What is released of a programme.

use super::journal::{Journal, Row, ask, no, yes};
use super::story::*;
use crate::codes::*;
use crate::command::statistics::*;
use crate::command::{CorrectEntry, EntryRef, MarkMistaken};
use crate::disclosure::Threshold;
use crate::fact::Fact;
use crate::ids::{ProgrammeId, ReleaseId};
use crate::rejection::Reason;

const FIRST: ReleaseId = ReleaseId(uuid::Uuid::from_u128(0x901));
const SECOND: ReleaseId = ReleaseId(uuid::Uuid::from_u128(0x902));

fn threshold(families: u32) -> SetDisclosureRules {
    SetDisclosureRules { programme_id: PROGRAMME, threshold: Threshold::new(families).unwrap() }
}

fn releasing(release_id: ReleaseId, quarter: &str) -> ReleaseStatistic {
    ReleaseStatistic { programme_id: PROGRAMME, release_id, quarter: quarter.parse().unwrap() }
}

fn withdrawing(release_id: ReleaseId) -> WithdrawStatistic {
    WithdrawStatistic { programme_id: PROGRAMME, release_id, reason: WithdrawalReason::Corrected }
}

#[rustfmt::skip] // One row, one rule.
pub(super) fn rows() -> Vec<Row> {
    let known = people();
    let elsewhere = ProgrammeId(id(77));
    let set = known.clone().after(ask(threshold(4)));
    let released = known.clone().after(ask(releasing(FIRST, "2019-Q2")));
    let withdrawn = released.clone().after(ask(withdrawing(FIRST)));
    vec![
        yes(&known, ask(threshold(5)), "DisclosureRulesSet"),
        no(&known, ask(SetDisclosureRules { programme_id: elsewhere, ..threshold(5) }),
           Reason::UnknownId, "set_disclosure_rules.programme_id"),
        no(&set, ask(threshold(4)), Reason::NoChange, "set_disclosure_rules.threshold"),
        yes(&set, ask(threshold(3)), "DisclosureRulesSet"),

        yes(&known, ask(releasing(FIRST, "2019-Q4")), "StatisticReleased"),
        no(&known, ask(releasing(FIRST, "2020-Q1")),
           Reason::PeriodOpen, "release_statistic.quarter"),
        no(&known, ask(ReleaseStatistic { programme_id: elsewhere, ..releasing(FIRST, "2019-Q1") }),
           Reason::UnknownId, "release_statistic.programme_id"),
        no(&released, ask(releasing(SECOND, "2019-Q2")),
           Reason::NoChange, "release_statistic.quarter"),
        no(&released, ask(releasing(FIRST, "2019-Q3")),
           Reason::IdTaken, "release_statistic.release_id"),
        no(&released, ask(releasing(SECOND, "2019-Q1")),
           Reason::DateOrder, "release_statistic.quarter"),
        no(&withdrawn, ask(releasing(SECOND, "2019-Q1")),
           Reason::DateOrder, "release_statistic.quarter"),
        yes(&withdrawn, ask(releasing(SECOND, "2019-Q2")), "StatisticReleased"),
        yes(&released, ask(releasing(SECOND, "2019-Q3")), "StatisticReleased"),

        yes(&released, ask(withdrawing(FIRST)), "StatisticWithdrawn"),
        no(&released, ask(withdrawing(SECOND)),
           Reason::UnknownId, "withdraw_statistic.release_id"),
        no(&withdrawn, ask(withdrawing(FIRST)),
           Reason::NoChange, "withdraw_statistic.release_id"),
    ]
}

fn last_entry(journal: &Journal) -> EntryRef {
    let history = journal.history(PROGRAMME.into());
    EntryRef::Revision(history.last().unwrap().revision)
}

#[test]
fn a_release_is_neither_corrected_nor_marked_mistaken() {
    let released = people().after(ask(releasing(FIRST, "2019-Q2")));
    let correction = CorrectEntry {
        stream: PROGRAMME.into(),
        entry: last_entry(&released),
        reason: CorrectionReason::Typo,
        explanation: words("Wrong quarter"),
        corrected: releasing(FIRST, "2019-Q3").into(),
        corrected_occurred: None,
    };
    let refused = released.clone().execute(&ask(correction)).unwrap_err();
    assert_eq!(refused.reason, Reason::NotCorrectable);
    let mark = MarkMistaken {
        stream: PROGRAMME.into(),
        entry: last_entry(&released),
        reason: MistakeReason::Duplicate,
        explanation: words("Should not be out"),
    };
    let refused = released.clone().execute(&ask(mark)).unwrap_err();
    assert_eq!(refused.reason, Reason::NotCorrectable);
}

#[test]
fn the_one_family_of_a_programme_is_hidden_and_its_threshold_written_down() {
    let released = planned().after(ask(threshold(7))).after(ask(releasing(FIRST, "2019-Q2")));
    let history = released.history(PROGRAMME.into());
    let Fact::StatisticReleased(it) = &history.last().unwrap().fact else { panic!("{history:?}") };
    assert_eq!((it.threshold, it.tables.len()), (7, 3));
    assert!(it.as_of_position > 0);
    let standing = &it.tables[0];
    assert_eq!(standing.cells.iter().map(|it| it.count).max(), Some(1), "there is one family");
    assert!(standing.shown().iter().all(|it| it.count.is_none()), "{standing:?}");
}

/// What is in the log stays there, also a release that hid too little: none goes out beside it.
#[test]
fn beside_a_release_that_hid_too_little_none_goes_out() {
    let sound = planned().after(ask(releasing(FIRST, "2019-Q2")));
    let next = ask(releasing(SECOND, "2019-Q3"));
    assert!(sound.clone().execute(&next).is_ok());
    let leaky = sound.edited(PROGRAMME.into(), |fact| {
        let Fact::StatisticReleased(it) = fact else { panic!("a release") };
        let standing = &mut it.tables[0];
        // The one family's place alone, which so follows from the sum.
        let place = standing.cells.iter().position(|it| it.count == 1).unwrap();
        standing.hidden = vec![u32::try_from(place).unwrap()];
    });
    let refused = leaky.clone().execute(&next).unwrap_err();
    assert_eq!(refused.reason, Reason::SdcFailed);
    assert_eq!(refused.field.as_deref(), Some("release_statistic.quarter"));
    assert_eq!(refused.metadata, [("table", "STANDING".to_owned())]);
}
