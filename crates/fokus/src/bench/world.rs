//! The families that the bench writes to: what founds one, and its next contact, as bytes.
//!
//! A contact is one message encoded once for each family; only its two ids change from one to the next.
//! Everybody is invented.

use std::collections::VecDeque;

use fokus_core::time::local_date;
use fokus_proto::v1;
use fokus_proto::v1::execute_request::Command;
use prost::Message as _;
use prost::bytes::Bytes;

/// The families that are written to in turn.
pub(super) const WORKING_SET: usize = 256;
/// Events that a family comes to have.
pub(super) const EVENTS_PER_FAMILY: u32 = 150;
/// Commands, and so events, that found a family.
pub(super) const FOUNDING: u32 = 6;
/// Commands before the first family.
pub(super) const BEFORE_FAMILIES: u64 = 2;

/// Where the ids stand in a contact, while it is not one yet.
const COMMAND_ID: &str = "11111111-1111-4111-8111-111111111111";
const CONTACT_ID: &str = "22222222-2222-4222-8222-222222222222";
const BASIS: (&str, &str) = ("SEL_52", "§ 52(3)");
const TEXT: &str = "Hjemmebesøg efter skole. Drengen viste sit værelse frem og fortalte, at morgenerne \
    er svære, men at det går bedre, når telefonen lægges væk om aftenen. Moren vil prøve det i ugen.";

/// Ids without end, none twice: SplitMix64 (Steele, Lea and Flood 2014) from a seed.
#[derive(Debug)]
pub(super) struct Ids {
    state: u64,
}

impl Ids {
    /// Ids that follow from a seed.
    pub(super) fn new(seed: u64) -> Ids {
        Ids { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A UUID of version 4.
    fn uuid(&mut self) -> uuid::Uuid {
        let bytes = (u128::from(self.next()) << 64 | u128::from(self.next())).to_be_bytes();
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    fn text(&mut self) -> String {
        self.uuid().to_string()
    }
}

/// A family, and its next contact.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) id: String,
    template: Vec<u8>,
    command_at: usize,
    contact_at: usize,
    /// Contacts until it has as many events as families have.
    room: u32,
}

impl Family {
    fn contact(&mut self, ids: &mut Ids) -> Bytes {
        let mut message = self.template.clone();
        for at in [self.command_at, self.contact_at] {
            if let Some(place) = message.get_mut(at..at.saturating_add(COMMAND_ID.len())) {
                ids.uuid().hyphenated().encode_lower(place);
            }
        }
        self.room = self.room.saturating_sub(1);
        message.into()
    }
}

/// What founds a family: commands, each after the one before.
#[derive(Debug)]
pub(super) struct Founding {
    pub(super) commands: Vec<Bytes>,
    pub(super) family: Family,
}

/// All families so far.
#[derive(Debug)]
pub(super) struct Population {
    ids: Ids,
    programme_id: String,
    worker_id: String,
    today: String,
    founded: u32,
    /// Written to in turn.
    active: Vec<Family>,
    cursor: usize,
    /// Each takes the place of one that has as many events as families have.
    spare: VecDeque<Family>,
    /// The ids of all families founded.
    pub(super) families: Vec<String>,
}

impl Population {
    /// Nobody yet. `now_ms`: Unix milliseconds.
    pub(super) fn new(seed: u64, now_ms: u64) -> Population {
        let mut ids = Ids::new(seed);
        let (programme_id, worker_id) = (ids.text(), ids.text());
        let today = local_date(i64::try_from(now_ms).unwrap_or(i64::MAX)).to_string();
        Population {
            ids,
            programme_id,
            worker_id,
            today,
            founded: 0,
            active: Vec::new(),
            cursor: 0,
            spare: VecDeque::new(),
            families: Vec::new(),
        }
    }

    /// What comes before the first family.
    pub(super) fn programme(&mut self) -> Vec<Bytes> {
        let programme = Command::OpenProgramme(v1::OpenProgramme {
            programme_id: self.programme_id.clone(),
            name: "Familien først".to_owned(),
            first_case_from: "2018-08-01".to_owned(),
            capacity_families: 10_000,
            criteria: vec![v1::TargetCriterion {
                code: "YOUTH_AT_RISK".to_owned(),
                mandatory: true,
                text: "Er der en ung i risiko?".to_owned(),
            }],
            ..Default::default()
        });
        let worker = Command::EmployWorker(v1::EmployWorker {
            worker_id: self.worker_id.clone(),
            name: "Medarbejder 1".to_owned(),
            subject: "bench-caseworker".to_owned(),
            agency: v1::Agency::Social.into(),
            employed_from: "2018-01-01".to_owned(),
            ..Default::default()
        });
        vec![self.message(programme), self.message(worker)]
    }

    fn message(&mut self, command: Command) -> Bytes {
        let request = v1::ExecuteRequest {
            command_id: self.ids.text(),
            purpose: v1::Purpose::Casework.into(),
            legal_basis: Some(v1::LegalBasis {
                code: BASIS.0.to_owned(),
                provision: BASIS.1.to_owned(),
            }),
            command: Some(command),
            ..Default::default()
        };
        request.encode_to_vec().into()
    }

    /// The next family's beginning: two persons, the family, its referral, the triage, the case.
    pub(super) fn found(&mut self) -> Founding {
        let number = self.founded;
        self.founded = self.founded.saturating_add(1);
        let [mother, child, family, referral] = std::array::from_fn(|_| self.ids.text());
        let commands = [
            person(&mother, "Karin", number, adult_cpr(number)),
            person(&child, "Emil", number, child_cpr(number)),
            self.register_family(&family, number, &mother, &child),
            self.submit_referral(&family, &referral),
            triage_referral(&family, &referral),
            self.open_case(&family, &referral),
        ];
        let commands = commands.into_iter().map(|it| self.message(it)).collect();
        Founding { commands, family: contacts(family, child) }
    }

    fn register_family(&self, family: &str, number: u32, mother: &str, child: &str) -> Command {
        let member = |person: &str, role: v1::FamilyRole| v1::InitialMember {
            person_id: person.to_owned(),
            role: role.into(),
            household: v1::Household::Core.into(),
        };
        Command::RegisterFamily(v1::RegisterFamily {
            family_id: family.to_owned(),
            reference: format!("BE-{}-{:05}", 2000 + number / 100_000, number % 100_000),
            initial_members: vec![
                member(mother, v1::FamilyRole::Mother),
                member(child, v1::FamilyRole::Child),
            ],
            source: v1::FamilySource::Referral.into(),
        })
    }

    fn submit_referral(&self, family: &str, referral: &str) -> Command {
        Command::SubmitReferral(v1::SubmitReferral {
            family_id: family.to_owned(),
            referral_id: referral.to_owned(),
            programme_id: self.programme_id.clone(),
            agency: v1::Agency::School.into(),
            risk_areas: vec![v1::RiskArea::SchoolThriving.into()],
            grounds: "Fravær fra skolen siden efteråret.".to_owned(),
            family_knows: true,
            ..Default::default()
        })
    }

    fn open_case(&mut self, family: &str, referral: &str) -> Command {
        Command::OpenCase(v1::OpenCase {
            family_id: family.to_owned(),
            case_id: self.ids.text(),
            programme_id: self.programme_id.clone(),
            referral_id: referral.to_owned(),
            opened_on: self.today.clone(),
            kle: "27.27.09".to_owned(),
            lead_worker_id: self.worker_id.clone(),
            regime: v1::Regime::Sel.into(),
        })
    }

    /// A family that is founded joins those written to, or waits for its turn.
    pub(super) fn join(&mut self, family: Family) {
        self.families.push(family.id.clone());
        if self.active.len() < WORKING_SET {
            self.active.push(family);
        } else {
            self.spare.push_back(family);
        }
    }

    /// Contacts until all families have as many events as families have.
    pub(super) fn room(&self) -> u64 {
        self.active.iter().chain(&self.spare).map(|it| u64::from(it.room)).sum()
    }

    /// Families that are written to.
    pub(super) fn active(&self) -> impl Iterator<Item = &Family> {
        self.active.iter()
    }

    /// The next contact, of the next family in turn; `None` while there is no family.
    pub(super) fn contact(&mut self) -> Option<Bytes> {
        let slot = self.cursor.checked_rem(self.active.len())?;
        self.cursor = self.cursor.wrapping_add(1);
        let family = self.active.get_mut(slot)?;
        if family.room == 0
            && let Some(fresh) = self.spare.pop_front()
        {
            *family = fresh;
        }
        Some(family.contact(&mut self.ids))
    }
}

fn person(id: &str, given: &str, number: u32, cpr: String) -> Command {
    Command::RegisterPerson(v1::RegisterPerson {
        person_id: id.to_owned(),
        name: Some(v1::PersonName {
            given: given.to_owned(),
            family: format!("Prøvesen-{number}"),
        }),
        cpr,
        sex: v1::Sex::Unspecified.into(),
        source: v1::PersonSource::CprLookup.into(),
        is_synthetic: true,
        ..Default::default()
    })
}

fn triage_referral(family: &str, referral: &str) -> Command {
    let criterion =
        v1::Criterion { code: "YOUTH_AT_RISK".to_owned(), met: true, grounds: String::new() };
    Command::TriageReferral(v1::TriageReferral {
        family_id: family.to_owned(),
        referral_id: referral.to_owned(),
        target_group: Some(v1::TargetGroup { met: true, criteria: vec![criterion] }),
        capacity: true,
        priority: v1::Priority::Normal.into(),
    })
}

/// A family whose every contact is a visit to the child, with a text about it.
fn contacts(family: String, child: String) -> Family {
    let contact = v1::RecordContact {
        family_id: family.clone(),
        contact_id: CONTACT_ID.to_owned(),
        kind: v1::ContactKind::Visit.into(),
        minutes: 45,
        present: vec![child.clone()],
        risk_areas: vec![v1::RiskArea::SchoolThriving.into()],
        text: TEXT.to_owned(),
        about: vec![child],
        ..Default::default()
    };
    let request = v1::ExecuteRequest {
        command_id: COMMAND_ID.to_owned(),
        purpose: v1::Purpose::Casework.into(),
        command: Some(Command::RecordContact(contact)),
        ..Default::default()
    };
    let template = request.encode_to_vec();
    let place = |id: &str| {
        template.windows(id.len()).position(|it| it == id.as_bytes()).unwrap_or(usize::MAX)
    };
    let (command_at, contact_at) = (place(COMMAND_ID), place(CONTACT_ID));
    let room = EVENTS_PER_FAMILY.saturating_sub(FOUNDING);
    Family { id: family, command_at, contact_at, template, room }
}

/// The CPR-shaped number of an invented adult, born in December of 1980 or later: months of the
/// invented go from 21 to 32.
fn adult_cpr(number: u32) -> String {
    cpr(number, 32, 80, 0)
}

/// The CPR-shaped number of an invented child, born in May of 2004 or later.
fn child_cpr(number: u32) -> String {
    cpr(number, 25, 4, 5_000)
}

/// 28 days, ten years and 4,000 serial numbers: different for 1,120,000 persons.
fn cpr(number: u32, month: u32, year: u32, serial: u32) -> String {
    let (serial, rest) = (serial + number % 4_000, number / 4_000);
    let (day, year) = (1 + rest % 28, year + rest / 28 % 10);
    format!("{day:02}{month:02}{year:02}{serial:04}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn population(families: u32) -> Population {
        let mut population = Population::new(1, 1_600_000_000_000);
        for _ in 0..families {
            let founding = population.found();
            population.join(founding.family);
        }
        population
    }

    fn decoded(message: Option<Bytes>) -> v1::ExecuteRequest {
        v1::ExecuteRequest::decode(message.expect("a family")).expect("a request")
    }

    fn contact(request: v1::ExecuteRequest) -> v1::RecordContact {
        match request.command {
            Some(Command::RecordContact(it)) => it,
            _ => panic!("another command"),
        }
    }

    #[test]
    fn every_message_is_well_formed_and_has_ids_of_its_own() {
        let mut population = population(0);
        let mut messages = population.programme();
        messages.extend(population.found().commands);
        let founding = population.found();
        population.join(founding.family);
        messages.extend(founding.commands);
        messages.extend((0..20).filter_map(|_| population.contact()));
        let mut ids = BTreeSet::new();
        for message in &messages {
            let request = v1::ExecuteRequest::decode(message.clone()).expect("a request");
            assert!(ids.insert(request.command_id.clone()));
            assert!(fokus_proto::request(request).is_ok());
        }
        assert_eq!(messages.len(), 2 + 6 + 6 + 20);
    }

    #[test]
    fn families_take_turns_and_give_way_when_they_are_full() {
        let mut population = population(300);
        let first = contact(decoded(population.contact()));
        let turns = (1..WORKING_SET).map(|_| contact(decoded(population.contact())));
        let families: BTreeSet<_> = turns.map(|it| it.family_id).collect();
        assert_eq!(families.len(), WORKING_SET - 1);
        let again = contact(decoded(population.contact()));
        assert_eq!(
            (&again.family_id, again.contact_id == first.contact_id),
            (&first.family_id, false)
        );

        for _ in 0..144 * WORKING_SET {
            population.contact();
        }
        let later: BTreeSet<_> = population.active().map(|it| it.id.clone()).collect();
        let fresh = population.families.iter().skip(WORKING_SET);
        assert_eq!(fresh.filter(|it| later.contains(*it)).count(), 44);
    }

    #[test]
    fn nobody_has_the_number_of_another() {
        let numbers: BTreeSet<_> =
            (0..40_000).flat_map(|it| [adult_cpr(it), child_cpr(it)]).collect();
        assert_eq!(numbers.len(), 80_000);
    }
}
