//! Errors of the daily work: a contact, a note, a correction, a mark or another act that is all right but
//! for one thing.

use fokus_proto::v1;
use fokus_proto::v1::execute_request::Command;

use super::Mischief;
use crate::calendar::{instant_ms, later, occurred};
use crate::people::Member;
use crate::script::Call;
use crate::story::journal::{Body, Entry};
use crate::story::slips::corrected;
use crate::story::{Story, entry};

/// An error that any day of an open case can bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Daily {
    Contact(WrongContact),
    Note(WrongNote),
    Entry(WrongEntry),
    Act(WrongAct),
}

/// What cannot be done with an open case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WrongAct {
    FamilyInUse,
    NoLead,
    NobodyAssigned,
    OldFlag,
}

/// What is wrong with a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WrongContact {
    LongNoShow,
    Tomorrow,
    TooOld,
    BeforeCase,
    StaleRevision,
    MinutesOfTwoDays,
    Stranger,
    ContactAgain,
}

/// What is wrong with a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WrongNote {
    ControlCharacter,
    CprInText,
    DecisionAsNote,
    TooLong,
    AboutACrowd,
}

/// What is wrong with a correction or mark of an earlier entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WrongEntry {
    IdCorrected,
    PeopleCorrected,
    NothingCorrected,
    FamilyMarked,
    UnmarkedWithdrawn,
}

impl Story<'_> {
    /// At most one error a day, until none is left.
    pub(in crate::story) fn refuse_in_routine(&mut self) {
        let next = self
            .mischief
            .iter()
            .find_map(|it| if let Mischief::Daily(daily) = it { Some(*daily) } else { None });
        // Some of them need a contact to be wrong about.
        let Some(daily) = next.filter(|_| self.a_contact().is_some()) else { return };
        if self.dice.chance(300) {
            self.mischief.remove(&Mischief::Daily(daily));
            match daily {
                Daily::Contact(wrong) => self.refuse_contact(wrong),
                Daily::Note(wrong) => self.refuse_note(wrong),
                Daily::Entry(wrong) => self.refuse_about_entry(wrong),
                Daily::Act(wrong) => self.refuse_act(wrong),
            }
        }
    }

    /// A contact that is all right but for one thing.
    fn refuse_contact(&mut self, wrong: WrongContact) {
        let opened_on = self.case.as_ref().map_or(self.today, |it| it.opened_on);
        let mut contact = self.contact();
        let mut at = None;
        let code = match wrong {
            WrongContact::LongNoShow => {
                contact.kind = v1::ContactKind::NoShow.into();
                contact.minutes = 90;
                contact.from_child = false;
                contact.present.clear();
                "IMPLAUSIBLE"
            }
            WrongContact::Tomorrow => {
                let tomorrow = instant_ms(later(self.today, 1), 9 * 60);
                at = Some(occurred(tomorrow, v1::Precision::Exact));
                "IN_FUTURE"
            }
            WrongContact::TooOld => {
                let long_ago = instant_ms(later(self.today, -45), 9 * 60);
                at = Some(occurred(long_ago, v1::Precision::Exact));
                "TOO_OLD_NEEDS_REASON"
            }
            WrongContact::BeforeCase => {
                let before = later(opened_on, -3);
                at = Some(occurred(instant_ms(before, 0), v1::Precision::Day));
                "BEFORE_CASE"
            }
            WrongContact::StaleRevision => "REVISION_CONFLICT",
            WrongContact::MinutesOfTwoDays => {
                contact.minutes = 2_880;
                "FIELD_INVALID"
            }
            WrongContact::Stranger => {
                contact.present = vec![self.dice.uuid()];
                "NOT_IN_FAMILY"
            }
            WrongContact::ContactAgain => match self.a_contact() {
                Some((_, recorded)) => {
                    contact.contact_id = recorded.contact_id;
                    "ID_TAKEN"
                }
                None => return,
            },
        };
        let mut call = self.call(Command::RecordContact(contact)).occurred(at);
        if wrong == WrongContact::BeforeCase {
            call = call.because("Fundet i en gammel kalender.");
        }
        if wrong == WrongContact::StaleRevision {
            let revision = self.script.revision(v1::StreamKind::Family, &self.id);
            call = call.at_revision(revision - 1);
        }
        self.refused(call.clone(), code);
        if wrong == WrongContact::LongNoShow {
            self.confirm(call);
        }
    }

    /// The same command with the warning confirmed: accepted.
    fn confirm(&mut self, call: Call) {
        let Some(Command::RecordContact(contact)) = call.request.command.clone() else { return };
        let revision = self.send(call.confirmed("IMPLAUSIBLE"));
        self.entries.push(Entry {
            revision,
            body: Body::Contact(contact),
            day: self.today,
            by_mistake: false,
            marked: false,
        });
    }

    /// A note that is all right but for one thing.
    fn refuse_note(&mut self, wrong: WrongNote) {
        let mut note = self.note();
        let code = match wrong {
            WrongNote::ControlCharacter => {
                note.text.push('\u{7}');
                "CONTROL_CHARS"
            }
            WrongNote::CprInText => {
                note.text = "Nummeret 312299-1234 blev nævnt i telefonen.".to_owned();
                "CPR_IN_TEXT"
            }
            WrongNote::DecisionAsNote => {
                note.nature = v1::NoteNature::Decision.into();
                "USE_DECISION"
            }
            WrongNote::TooLong => {
                note.text = "Langt. ".repeat(10_000);
                "FREE_TEXT_TOO_LONG"
            }
            WrongNote::AboutACrowd => {
                note.about = (0..15).map(|_| self.dice.uuid()).collect();
                "TOO_MANY_SUBJECTS"
            }
        };
        let call = self.call(Command::RecordNote(note));
        self.refused(call, code);
    }

    /// A correction or mark of an earlier entry that cannot be.
    fn refuse_about_entry(&mut self, wrong: WrongEntry) {
        let Some((revision, contact)) = self.a_contact() else { return };
        let mut other = contact.clone();
        let code = match wrong {
            WrongEntry::IdCorrected => {
                other.contact_id = self.dice.uuid();
                "IMMUTABLE_ENVELOPE"
            }
            WrongEntry::PeopleCorrected => {
                let absent: Option<Member> = self
                    .members
                    .iter()
                    .find(|it| !contact.present.contains(&it.person.id))
                    .cloned();
                other.about = absent.into_iter().map(|it| it.person.id).collect();
                "USE_MISTAKEN"
            }
            WrongEntry::NothingCorrected => "NO_CHANGE",
            WrongEntry::FamilyMarked => return self.refuse_mark(),
            WrongEntry::UnmarkedWithdrawn => return self.refuse_withdrawal(revision),
        };
        let call = self.call(Command::CorrectEntry(v1::CorrectEntry {
            stream: Some(self.stream()),
            entry: Some(entry(revision)),
            reason: v1::CorrectionReason::Typo.into(),
            explanation: "Rettes.".to_owned(),
            corrected: Some(v1::CorrectedCommand {
                command: Some(corrected(&Body::Contact(other))),
            }),
            corrected_occurred_at: None,
        }));
        self.refused(call, code);
    }

    /// What the open case forbids.
    fn refuse_act(&mut self, wrong: WrongAct) {
        let lead = self.case.as_ref().map_or_else(String::new, |it| it.lead.clone());
        let unassign = |worker_id: String, role: v1::WorkerRole| {
            Command::UnassignWorker(v1::UnassignWorker {
                family_id: self.id.clone(),
                worker_id,
                role: role.into(),
                valid_to: String::new(),
            })
        };
        let (command, code) = match wrong {
            WrongAct::FamilyInUse => (
                Command::UndoFamilyRegistration(v1::UndoFamilyRegistration {
                    family_id: self.id.clone(),
                    reason: v1::UndoReason::WrongPeople.into(),
                }),
                "FAMILY_IN_USE",
            ),
            WrongAct::NoLead => (unassign(lead, v1::WorkerRole::Lead), "NO_LEAD"),
            WrongAct::NobodyAssigned => {
                (unassign(self.programme.gone.clone(), v1::WorkerRole::Second), "NO_CHANGE")
            }
            WrongAct::OldFlag => (
                Command::ResolveFlag(v1::ResolveFlag {
                    family_id: self.id.clone(),
                    flag_id: self.id.clone(),
                    resolution: "Findes ikke.".to_owned(),
                }),
                "UNKNOWN_ID",
            ),
        };
        let call = self.call(command);
        self.refused(call, code);
    }

    fn refuse_mark(&mut self) {
        let call = self.call(Command::MarkMistaken(v1::MarkMistaken {
            stream: Some(self.stream()),
            entry: Some(entry(1)),
            reason: v1::MistakeReason::WrongFamily.into(),
            explanation: "Familien findes ikke.".to_owned(),
        }));
        self.refused(call, "NOT_CORRECTABLE");
    }

    fn refuse_withdrawal(&mut self, revision: i64) {
        let call = self.call(Command::WithdrawMistakenMark(v1::WithdrawMistakenMark {
            stream: Some(self.stream()),
            entry: Some(entry(revision)),
            explanation: "Der er ikke noget mærke.".to_owned(),
        }));
        self.refused(call, "MARK_STATE");
    }

    /// A contact that stands, with one person present.
    fn a_contact(&self) -> Option<(i64, v1::RecordContact)> {
        self.entries.iter().filter(|it| !it.by_mistake && !it.marked).find_map(|it| {
            match &it.body {
                Body::Contact(contact) if contact.present.len() == 1 => {
                    Some((it.revision, contact.clone()))
                }
                Body::Contact(_) | Body::Note(_) => None,
            }
        })
    }
}
