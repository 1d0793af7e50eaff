//! The table of bad commands.

use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::*;
use tonic::Code;

use super::{Expected, INVALID, PLANTED, PRECONDITION, Stage, check};
use crate::harness::world::{
    FOUNDED_ON, Person, adult_cpr, child_cpr, instant, on, register, request,
};

/// Sends each command; each is refused as expected, and none writes anything.
async fn refuse(stage: &Stage, rows: Vec<(&str, ExecuteRequest, Expected)>) {
    let head = stage.lead.head().await;
    for (what, request, expected) in rows {
        match stage.lead.execute(request).await {
            Ok(_) => panic!("{what}: was accepted"),
            Err(status) => check(what, &status, expected),
        }
        assert_eq!(stage.lead.head().await, head, "{what}: something was written");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_request_is_refused_with_the_field_at_fault() {
    let mut stage = Stage::new("refusals/request").await;
    let text = format!("{PLANTED} tekst");
    let mut note = || stage.world.note(&mut stage.seeded, &text);
    let field = |field| (INVALID, "FIELD_INVALID", field);
    let planted = || PLANTED.to_owned();
    let at = |time: Option<&str>| OccurredAt { time: time.map(instant), ..Default::default() };
    let happened = |it: OccurredAt, request| ExecuteRequest { occurred_at: Some(it), ..request };
    let offset = OccurredAt { utc_offset_minutes: 1081, ..at(Some("2020-01-01T12:00:00Z")) };
    let precision = OccurredAt { precision: 99, ..at(Some("2020-01-01T12:00:00Z")) };
    let basis = |code: String, provision| Some(LegalBasis { code, provision });
    let version_7 = "01890a5d-ac96-774b-bcce-b302099a8057".to_owned();
    let rows = vec![
        ("no command", ExecuteRequest { command: None, ..note() }, field("command")),
        ("no id", ExecuteRequest { command_id: String::new(), ..note() }, field("command_id")),
        ("no UUID", ExecuteRequest { command_id: planted(), ..note() }, field("command_id")),
        ("version 7", ExecuteRequest { command_id: version_7, ..note() }, field("command_id")),
        ("no purpose", ExecuteRequest { purpose: 0, ..note() }, field("purpose")),
        ("unknown purpose", ExecuteRequest { purpose: 99, ..note() }, field("purpose")),
        (
            "revision below 0",
            ExecuteRequest { expected_revision: Some(-1), ..note() },
            field("expected_revision"),
        ),
        ("no time", happened(at(None), note()), field("occurred_at.time")),
        ("1899", happened(at(Some("1899-12-31T00:00:00Z")), note()), field("occurred_at.time")),
        ("offset", happened(offset, note()), field("occurred_at.utc_offset_minutes")),
        ("precision", happened(precision, note()), field("occurred_at.precision")),
        (
            "the future",
            happened(at(Some("2999-01-01T00:00:00Z")), note()),
            (INVALID, "IN_FUTURE", "occurred_at"),
        ),
        (
            "long ago without a reason",
            happened(at(Some("2019-04-01T00:00:00Z")), note()),
            (INVALID, "TOO_OLD_NEEDS_REASON", "late_reason"),
        ),
        (
            "basis in small letters",
            ExecuteRequest { legal_basis: basis(planted(), String::new()), ..note() },
            field("legal_basis.code"),
        ),
        (
            "long provision",
            ExecuteRequest {
                legal_basis: basis("SEL_52".to_owned(), PLANTED.repeat(20)),
                ..note()
            },
            (INVALID, "FREE_TEXT_TOO_LONG", "legal_basis.provision"),
        ),
        (
            "21 confirmations",
            ExecuteRequest { confirmations: vec!["IMPLAUSIBLE".to_owned(); 21], ..note() },
            field("confirmations"),
        ),
        (
            "a confirmation in small letters",
            ExecuteRequest { confirmations: vec![planted()], ..note() },
            field("confirmations[0]"),
        ),
        ("for nobody", ExecuteRequest { on_behalf_of: planted(), ..note() }, field("on_behalf_of")),
    ];
    refuse(&stage, rows).await;
}

/// A note with something changed.
fn note(stage: &mut Stage, change: impl FnOnce(&mut RecordNote)) -> ExecuteRequest {
    let mut request = stage.world.note(&mut stage.seeded, "Talt med moderen.");
    if let Some(Command::RecordNote(it)) = &mut request.command {
        change(it);
    }
    request
}

/// A visit with something changed.
fn visit(stage: &mut Stage, change: impl FnOnce(&mut RecordContact)) -> ExecuteRequest {
    let mut visit = stage.world.visit(&mut stage.seeded, 30, "Besøg.");
    change(&mut visit);
    request(&mut stage.seeded, Command::RecordContact(visit))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_entry_is_refused_with_the_field_at_fault() {
    let mut stage = Stage::new("refusals/entry").await;
    let it = &mut stage;
    let field = |field| (INVALID, "FIELD_INVALID", field);
    let long = format!("{PLANTED}{}", "æ".repeat(32 * 1024));
    let control = format!("{PLANTED}\u{7}");
    let strangers: Vec<String> = (0..15).map(|_| it.seeded.id()).collect();
    let child = it.world.child.id.clone();
    let rows = vec![
        ("no text", note(it, |it| it.text.clear()), field("record_note.text")),
        ("blank text", note(it, |it| it.text = " \n\t".to_owned()), field("record_note.text")),
        (
            "text over 64 KiB",
            note(it, |it| it.text = long),
            (INVALID, "FREE_TEXT_TOO_LONG", "record_note.text"),
        ),
        (
            "control character",
            note(it, |it| it.source = control),
            (INVALID, "CONTROL_CHARS", "record_note.source"),
        ),
        ("no family", note(it, |it| it.family_id.clear()), field("record_note.family_id")),
        (
            "no UUID",
            note(it, |it| it.family_id = format!("{PLANTED}-0000-4000-8000-000000000000")),
            field("record_note.family_id"),
        ),
        (
            "braces",
            note(it, |it| it.note_id = format!("{{{}}}", it.note_id)),
            field("record_note.note_id"),
        ),
        ("no nature", note(it, |it| it.nature = 0), field("record_note.nature")),
        ("unknown nature", note(it, |it| it.nature = 77), field("record_note.nature")),
        ("negative grade", note(it, |it| it.grade = -1), field("record_note.grade")),
        (
            "15 persons",
            note(it, |it| it.about = strangers),
            (INVALID, "TOO_MANY_SUBJECTS", "record_note.about"),
        ),
        ("1441 minutes", visit(it, |it| it.minutes = 1441), field("record_contact.minutes")),
        ("-1 minutes", visit(it, |it| it.minutes = -1), field("record_contact.minutes")),
        (
            "somebody twice",
            visit(it, |it| it.present = vec![child.clone(), child]),
            field("record_contact.present[1]"),
        ),
        (
            "no UUID in a list",
            visit(it, |it| it.present.push(PLANTED.to_owned())),
            field("record_contact.present[2]"),
        ),
        (
            "unknown risk area",
            visit(it, |it| it.risk_areas = vec![1, 9]),
            field("record_contact.risk_areas[1]"),
        ),
    ];
    refuse(&stage, rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_cannot_be_is_refused() {
    let mut stage = Stage::new("refusals/person").await;
    let (free, taken) = (stage.seeded.id(), stage.world.mother.id.clone());
    let mut person = |id: &str, cpr: &str| {
        let (given, family) = (PLANTED.to_owned(), PLANTED.to_owned());
        let person = Person { id: id.to_owned(), given, family, cpr: cpr.to_owned() };
        on(FOUNDED_ON, request(&mut stage.seeded, register(&person)))
    };
    let exists = |reason, field| (Code::AlreadyExists, reason, field);
    let cpr = |reason| (PRECONDITION, reason, "register_person.cpr");
    let rows = vec![
        ("taken", person(&taken, &adult_cpr(9)), exists("ID_TAKEN", "register_person.person_id")),
        ("CPR number taken", person(&free, &child_cpr(0)), exists("CPR_EXISTS", "")),
        ("CPR number in letters", person(&free, PLANTED), cpr("CPR_INVALID")),
        ("a real CPR number", person(&free, "1405085678"), cpr("REAL_IN_SYNTHETIC")),
        ("born in 2036", person(&free, "0121364001"), cpr("CPR_FUTURE")),
        ("born in 1858", person(&free, "0121585001"), cpr("CPR_AGE")),
    ];
    refuse(&stage, rows).await;
}

/// The place of a command among those that made the world.
const FAMILY: usize = 4;
const REFERRAL: usize = 5;
const TRIAGE: usize = 6;
const CASE: usize = 7;

/// A command that made the world, as a new one, with a field of its message changed.
macro_rules! changed {
    ($stage:expr, $made:expr, $message:ident . $field:ident = $value:expr) => {{
        let mut request = $stage.made[$made].clone();
        request.command_id = $stage.seeded.id();
        match &mut request.command {
            Some(Command::$message(it)) => it.$field = $value,
            _ => unreachable!("another command"),
        }
        request
    }};
}

#[tokio::test(flavor = "multi_thread")]
async fn a_founding_command_that_history_forbids_is_refused() {
    let mut stage = Stage::new("refusals/founding").await;
    let it = &mut stage;
    let (new, nobody) = (it.seeded.id(), it.seeded.id());
    let other = "FF-2019-99999".to_owned();
    let malformed = format!("{PLANTED}-1");
    let no_day = "2019-02-29".to_owned();
    let field = |field| (INVALID, "FIELD_INVALID", field);
    let unknown = |field| (Code::NotFound, "UNKNOWN_ID", field);
    let exists = |reason, field| (Code::AlreadyExists, reason, field);
    let rows = vec![
        (
            "taken",
            changed!(it, FAMILY, RegisterFamily.reference = other),
            exists("ID_TAKEN", "register_family.family_id"),
        ),
        (
            "reference taken",
            changed!(it, FAMILY, RegisterFamily.family_id = new.clone()),
            exists("REFERENCE_TAKEN", ""),
        ),
        (
            "no reference",
            changed!(it, FAMILY, RegisterFamily.reference = malformed),
            field("register_family.reference"),
        ),
        (
            "no such family",
            changed!(it, REFERRAL, SubmitReferral.family_id = nobody.clone()),
            unknown("submit_referral.family_id"),
        ),
        (
            "no such programme",
            changed!(it, REFERRAL, SubmitReferral.programme_id = nobody),
            unknown("submit_referral.programme_id"),
        ),
        (
            "judged already",
            changed!(it, TRIAGE, TriageReferral.capacity = false),
            (PRECONDITION, "REFERRAL_STATE", "triage_referral.referral_id"),
        ),
        (
            "a second case",
            changed!(it, CASE, OpenCase.case_id = new),
            (PRECONDITION, "CASE_ALREADY_OPEN", ""),
        ),
        (
            "no such day",
            changed!(it, CASE, OpenCase.opened_on = no_day),
            field("open_case.opened_on"),
        ),
        (
            "no KLE number",
            changed!(it, CASE, OpenCase.kle = PLANTED.to_owned()),
            field("open_case.kle"),
        ),
    ];
    refuse(&stage, rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_history_forbids_is_refused() {
    let mut stage = Stage::new("refusals/history").await;
    let it = &mut stage;
    let nobody = it.seeded.id();
    let with_cpr = format!("{PLANTED} 140508-1234");
    let expecting =
        |revision, request| ExecuteRequest { expected_revision: Some(revision), ..request };
    let unknown = |field| (Code::NotFound, "UNKNOWN_ID", field);
    let conflict = (Code::Aborted, "REVISION_CONFLICT", "expected_revision");
    let rows = vec![
        (
            "no such family",
            note(it, |it| it.family_id = nobody.clone()),
            unknown("record_note.family_id"),
        ),
        (
            "no such goal",
            visit(it, |it| it.goal_ids = vec![nobody.clone()]),
            unknown("record_contact.goal_ids[0]"),
        ),
        (
            "a stranger",
            visit(it, |it| it.present = vec![nobody]),
            (PRECONDITION, "NOT_IN_FAMILY", "record_contact.present[0]"),
        ),
        (
            "a decision",
            note(it, |it| it.nature = NoteNature::Decision.into()),
            (PRECONDITION, "USE_DECISION", "record_note.nature"),
        ),
        (
            "a CPR number",
            note(it, |it| it.text = with_cpr),
            (PRECONDITION, "CPR_IN_TEXT", "record_note.text"),
        ),
        ("another revision", expecting(3, note(it, |_| {})), conflict),
        ("a family that should not be there", expecting(0, note(it, |_| {})), conflict),
    ];
    refuse(&stage, rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_without_sense_is_refused() {
    let mut stage = Stage::new("refusals/correction").await;
    let Some(Command::SubmitReferral(referral)) = stage.made[5].command.clone() else {
        unreachable!("the referral")
    };
    let stream = stage.world.stream();
    let mut correct = |change: &dyn Fn(&mut CorrectEntry)| {
        let mut correction = CorrectEntry {
            stream: Some(stream.clone()),
            entry: Some(EntryRef { entry: Some(entry_ref::Entry::Revision(2)) }),
            reason: CorrectionReason::Typo.into(),
            explanation: format!("{PLANTED} forklaring"),
            corrected: Some(CorrectedCommand {
                command: Some(corrected_command::Command::SubmitReferral(SubmitReferral {
                    grounds: format!("{PLANTED} grund"),
                    ..referral.clone()
                })),
            }),
            corrected_occurred_at: None,
        };
        change(&mut correction);
        request(&mut stage.seeded, Command::CorrectEntry(correction))
    };
    let revision = |it| Some(EntryRef { entry: Some(entry_ref::Entry::Revision(it)) });
    let with = |change: &dyn Fn(&mut SubmitReferral)| {
        let mut corrected = referral.clone();
        change(&mut corrected);
        let command = Some(corrected_command::Command::SubmitReferral(corrected));
        Some(CorrectedCommand { command })
    };
    let field = |field| (INVALID, "FIELD_INVALID", field);
    let rows = vec![
        ("no stream", correct(&|it| it.stream = None), field("correct_entry.stream")),
        ("no entry", correct(&|it| it.entry = None), field("correct_entry.entry")),
        ("entry 0", correct(&|it| it.entry = revision(0)), field("correct_entry.entry.revision")),
        (
            "no explanation",
            correct(&|it| it.explanation.clear()),
            field("correct_entry.explanation"),
        ),
        ("nothing corrected", correct(&|it| it.corrected = None), field("correct_entry.corrected")),
        (
            "no command",
            correct(&|it| it.corrected = Some(CorrectedCommand::default())),
            field("correct_entry.corrected.command"),
        ),
        (
            "a fault inside",
            correct(&|it| it.corrected = with(&|it| it.agency = 99)),
            field("correct_entry.corrected.submit_referral.agency"),
        ),
        (
            "no such entry",
            correct(&|it| it.entry = revision(99)),
            (Code::NotFound, "UNKNOWN_ID", "correct_entry.entry"),
        ),
        (
            "as it was",
            correct(&|it| it.corrected = with(&|_| {})),
            (PRECONDITION, "NO_CHANGE", "correct_entry.corrected"),
        ),
    ];
    refuse(&stage, rows).await;
}
