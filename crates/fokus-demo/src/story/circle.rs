//! The people around: how they are reached, which language they speak, how they stand to each other, who
//! of the network helps, and what changes among them.

use fokus_proto::v1;
use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::{NetworkRole, RelationshipKind, RelationshipQuality};

use super::care::code;
use super::{Mischief, Story, Task, Twist};
use crate::calendar::{after, later};
use crate::parameters as p;
use crate::people::{Member, Person};
use crate::texts::casework as texts;

/// Somebody of the network, who takes part now.
#[derive(Debug, Clone)]
pub(super) struct Helper {
    pub(super) person: Person,
    role: NetworkRole,
}

impl Story<'_> {
    /// The first conversation: everybody's numbers, and who is who.
    pub(super) fn meet(&mut self) {
        let unsafe_phone = self.turns(Twist::UnsafePhone);
        let foreign = self.turns(Twist::Interpreter);
        let language = self.dice.weighted(&p::LANGUAGES, "ar");
        let interpreter = foreign && self.dice.chance(700);
        for (at, adult) in self.adults().into_iter().enumerate() {
            let safe = if at == 0 && unsafe_phone { Some(false) } else { Some(true) };
            let phone = self.phone(&adult, safe);
            if at == 0 {
                self.phone = Some((adult.person.id.clone(), phone));
                self.write_to(&adult);
            }
            if foreign {
                self.say(Command::RecordLanguageNeed(v1::RecordLanguageNeed {
                    person_id: adult.person.id,
                    language: language.to_owned(),
                    interpreter,
                    kinship_interpreter_refused: at > 0,
                }));
            }
        }
        self.choose_contact(unsafe_phone, interpreter);
        self.relate();
        self.ask_the_network();
        self.change_the_circle();
    }

    /// A telephone number of nobody's; gives the contact point's id.
    fn phone(&mut self, of: &Member, safe_to_contact: Option<bool>) -> String {
        let contact_point_id = self.dice.uuid();
        let (left, right) = (self.dice.below(100), self.dice.below(100));
        self.say(Command::RecordContactPoint(v1::RecordContactPoint {
            person_id: of.person.id.clone(),
            contact_point_id: contact_point_id.clone(),
            kind: v1::ContactPointKind::Phone.into(),
            value: format!("00 {left:02} {right:02} 00"),
            r#use: v1::ContactPointUse::Primary.into(),
            safe_to_contact,
            valid_from: String::new(),
        }));
        contact_point_id
    }

    /// An address and a mailbox.
    fn write_to(&mut self, adult: &Member) {
        let house = self.dice.between(1, 99);
        let street = texts::street(&mut self.dice);
        let points = [
            (v1::ContactPointKind::Address, format!("{street} {house}, 2. tv.")),
            (v1::ContactPointKind::DigitalPost, "Digital Post".to_owned()),
        ];
        for (kind, value) in points {
            let contact_point_id = self.dice.uuid();
            self.say(Command::RecordContactPoint(v1::RecordContactPoint {
                person_id: adult.person.id.clone(),
                contact_point_id,
                kind: kind.into(),
                value,
                ..Default::default()
            }));
        }
    }

    /// Whom to turn to first, by telephone where that is safe.
    fn choose_contact(&mut self, unsafe_phone: bool, interpreter: bool) {
        let Some(adult) = self.adults().into_iter().next() else { return };
        let mut choice = v1::ChoosePrimaryContact {
            family_id: self.id.clone(),
            person_id: adult.person.id.clone(),
            channel: v1::ContactChannel::Phone.into(),
            interpreter,
        };
        let warned = self.up_to(Mischief::UnsafeContact);
        if warned {
            let call = self.call(Command::ChoosePrimaryContact(choice.clone()));
            self.refused(call.clone(), "UNSAFE_CONTACT");
            self.send(call.confirmed("UNSAFE_CONTACT"));
        } else {
            if unsafe_phone {
                choice.channel = v1::ContactChannel::InPerson.into();
            }
            self.say(Command::ChoosePrimaryContact(choice));
        }
        self.truth.primary_contact = adult.person.id;
    }

    /// Who is whose parent, partner, sibling.
    fn relate(&mut self) {
        let (adults, children) = (self.adults(), self.children());
        let is_parent =
            |it: &&Member| matches!(it.role, v1::FamilyRole::Mother | v1::FamilyRole::Father);
        let parents: Vec<Member> = adults.iter().filter(is_parent).cloned().collect();
        for (parent, child) in parents.iter().flat_map(|it| children.iter().map(move |c| (it, c))) {
            self.state(&parent.person, &child.person, RelationshipKind::ParentOf);
        }
        if let [first, second, ..] = adults.as_slice() {
            self.state(&first.person, &second.person, RelationshipKind::Partner);
        }
        if let [first, second, ..] = children.as_slice() {
            self.state(&first.person, &second.person, RelationshipKind::Sibling);
        }
    }

    fn state(&mut self, person: &Person, other: &Person, kind: RelationshipKind) {
        let qualities = [
            (RelationshipQuality::Close, 5),
            (RelationshipQuality::Distant, 2),
            (RelationshipQuality::Conflict, 2),
            (RelationshipQuality::Unknown, 1),
        ];
        let statement = v1::StateRelationship {
            family_id: self.id.clone(),
            relationship_id: self.dice.uuid(),
            person_id: person.id.clone(),
            other_person_id: other.id.clone(),
            kind: kind.into(),
            quality: self.dice.weighted(&qualities, RelationshipQuality::Close).into(),
            ..Default::default()
        };
        self.say(Command::StateRelationship(statement.clone()));
        self.relationships.push(statement);
    }

    /// A relative and somebody from school or spare time.
    fn ask_the_network(&mut self) {
        let roles = [
            (NetworkRole::School, 3),
            (NetworkRole::Coach, 2),
            (NetworkRole::Neighbour, 2),
            (NetworkRole::Friend, 2),
            (NetworkRole::Mentor, 1),
        ];
        let other = self.dice.weighted(&roles, NetworkRole::School);
        let people = std::mem::take(&mut self.network);
        for (person, role) in people.into_iter().zip([NetworkRole::Relative, other]) {
            let call = self.early(Command::RegisterPerson(person.registration()));
            self.send(call);
            self.say(Command::AddNetworkPerson(v1::AddNetworkPerson {
                family_id: self.id.clone(),
                person_id: person.id.clone(),
                role: role.into(),
                agreed_by_family: true,
                valid_from: String::new(),
            }));
            self.helpers.push(Helper { person, role });
        }
    }

    /// What will change among them.
    fn change_the_circle(&mut self) {
        for (twist, task, days) in [
            (Twist::PhoneChanges, Task::NewPhone, (60, 240)),
            (Twist::NameChanges, Task::NewName, (40, 200)),
            (Twist::CareMarker, Task::Marker, (10, 90)),
            (Twist::Death, Task::Death, (60, 220)),
            (Twist::NetworkLeaves, Task::HelperLeaves, (90, 240)),
            (Twist::RelationshipChanges, Task::SeenOtherwise, (80, 220)),
        ] {
            if self.turns(twist) {
                let days = self.dice.between(days.0, days.1);
                self.plan_in(days, task);
            }
        }
    }

    /// The old number is given up for a new one.
    pub(super) fn change_phone(&mut self) {
        let Some((person_id, contact_point_id)) = self.phone.take() else { return };
        let holder = self.adults().into_iter().find(|it| it.person.id == person_id);
        let Some(holder) = holder else { return };
        let valid_to = later(self.today, -1).to_string();
        let ending = v1::EndContactPoint { person_id, contact_point_id, valid_to };
        if self.up_to(Mischief::EndBeforeStart) {
            let valid_to = later(self.today, -900).to_string();
            let early = v1::EndContactPoint { valid_to, ..ending.clone() };
            let call = self.early(Command::EndContactPoint(early));
            self.refused(call, "DATE_ORDER");
        }
        self.say(Command::EndContactPoint(ending));
        let phone = self.phone(&holder, None);
        self.phone = Some((holder.person.id, phone));
    }

    /// An adult takes the name that was before a marriage, or of a new one.
    pub(super) fn rename(&mut self) {
        let Some(adult) = self.adults().into_iter().next() else { return };
        if self.up_to(Mischief::BeforeBirth)
            && let Some(child) = self.eldest()
        {
            let call = self.early(Command::ChangePersonName(v1::ChangePersonName {
                person_id: child.person.id,
                name: Some(v1::PersonName { given: child.person.given, family: "Nyk".to_owned() }),
                valid_from: later(child.person.born, -400).to_string(),
            }));
            self.refused(call, "BEFORE_BIRTH");
        }
        let family =
            format!("{}-{}", crate::names::family(&mut self.dice), adult.person.family_name);
        let call = self.early(Command::ChangePersonName(v1::ChangePersonName {
            person_id: adult.person.id,
            name: Some(v1::PersonName { given: adult.person.given, family }),
            valid_from: String::new(),
        }));
        self.send(call);
    }

    /// Somebody is to be met with care for some months.
    pub(super) fn mark_with_care(&mut self) {
        let adults = self.adults();
        let Some(adult) = self.one_of(&adults).cloned() else { return };
        let kinds = [
            (v1::SpecialCareKind::ViolenceRisk, 3),
            (v1::SpecialCareKind::DoNotJoinMeeting, 2),
            (v1::SpecialCareKind::NoContactOrder, 1),
        ];
        let marker_id = self.dice.uuid();
        let days = self.dice.between(60, 170);
        let marker = v1::SetSpecialCareMarker {
            person_id: adult.person.id.clone(),
            marker_id: marker_id.clone(),
            kind: self.dice.weighted(&kinds, v1::SpecialCareKind::ViolenceRisk).into(),
            grounds: texts::care_grounds(&mut self.dice),
            valid_to: after(self.today, days).to_string(),
        };
        let call = self.early(Command::SetSpecialCareMarker(marker));
        self.send(call);
        if self.turns(Twist::MarkerCleared) {
            let days = self.dice.between(14, 45);
            self.plan_in(days, Task::MarkerCleared(adult.person.id, marker_id));
        }
    }

    pub(super) fn clear_marker(&mut self, person_id: String, marker_id: String) {
        let clearing = v1::ClearSpecialCareMarker { person_id, marker_id };
        let call = self.early(Command::ClearSpecialCareMarker(clearing));
        self.send(call);
    }

    /// The relative dies, some days before anybody tells the municipality.
    pub(super) fn lose_relative(&mut self) {
        let Some(at) = self.helpers.iter().position(|it| it.role == NetworkRole::Relative) else {
            return;
        };
        let Helper { person, .. } = self.helpers.remove(at);
        let died_on = later(self.today, -2).to_string();
        let call = self.early(Command::RecordDeath(v1::RecordDeath {
            person_id: person.id.clone(),
            died_on: died_on.clone(),
            source: v1::DeathSource::Relative.into(),
        }));
        self.send(call);
        self.say(Command::RemoveNetworkPerson(v1::RemoveNetworkPerson {
            family_id: self.id.clone(),
            person_id: person.id.clone(),
            valid_to: died_on,
        }));
        if self.up_to(Mischief::AfterDeath) {
            let contact_point_id = self.dice.uuid();
            let call = self.early(Command::RecordContactPoint(v1::RecordContactPoint {
                person_id: person.id,
                contact_point_id,
                kind: v1::ContactPointKind::Phone.into(),
                value: "00 12 12 00".to_owned(),
                ..Default::default()
            }));
            self.refused(call, "AFTER_DEATH");
        }
    }

    /// Whoever came from outside the family stops.
    pub(super) fn helper_leaves(&mut self) {
        let Some(at) = self.helpers.iter().position(|it| it.role != NetworkRole::Relative) else {
            return;
        };
        let Helper { person, .. } = self.helpers.remove(at);
        self.say(Command::RemoveNetworkPerson(v1::RemoveNetworkPerson {
            family_id: self.id.clone(),
            person_id: person.id,
            valid_to: String::new(),
        }));
    }

    /// A relationship has become another one: the old statement ends.
    pub(super) fn see_otherwise(&mut self) {
        let relationships = self.relationships.clone();
        let Some(before) = self.one_of(&relationships).cloned() else { return };
        self.relationships.retain(|it| it.relationship_id != before.relationship_id);
        self.say(Command::EndRelationship(v1::EndRelationship {
            family_id: self.id.clone(),
            relationship_id: before.relationship_id.clone(),
            valid_to: later(self.today, -1).to_string(),
        }));
        let quality = match before.quality() {
            RelationshipQuality::Close => RelationshipQuality::Conflict,
            RelationshipQuality::Unspecified
            | RelationshipQuality::Distant
            | RelationshipQuality::Conflict
            | RelationshipQuality::CutOff
            | RelationshipQuality::Unknown => RelationshipQuality::Close,
        };
        let relationship_id = self.dice.uuid();
        let now = v1::StateRelationship { relationship_id, quality: quality.into(), ..before };
        self.say(Command::StateRelationship(now.clone()));
        self.relationships.push(now);
    }

    /// A partner becomes a step-parent, a grandparent a foster parent.
    pub(super) fn change_role(&mut self, person_id: &str) {
        let Some(at) = self.members.iter().position(|it| it.person.id == person_id) else { return };
        let Some(member) = self.members.get_mut(at) else { return };
        member.role = match member.role {
            v1::FamilyRole::Partner => v1::FamilyRole::Stepparent,
            v1::FamilyRole::Unspecified
            | v1::FamilyRole::Mother
            | v1::FamilyRole::Father
            | v1::FamilyRole::Stepparent
            | v1::FamilyRole::Child
            | v1::FamilyRole::Sibling
            | v1::FamilyRole::HalfSibling
            | v1::FamilyRole::Grandparent
            | v1::FamilyRole::Foster
            | v1::FamilyRole::Other => v1::FamilyRole::Foster,
        };
        let role = member.role.into();
        self.say(Command::ChangeMemberRole(v1::ChangeMemberRole {
            family_id: self.id.clone(),
            person_id: person_id.to_owned(),
            role,
            valid_from: String::new(),
        }));
    }

    /// A second registration of one of the adults, who is known already: it stays.
    pub(super) fn register_twice(&mut self) {
        let Some(adult) = self.adults().into_iter().next() else { return };
        let mut again = Person { id: self.dice.uuid(), ..adult.person };
        again.given = crate::names::misspelt(&again.given);
        again.cpr_missing = true;
        let call = self.early(Command::RegisterPerson(again.registration()));
        self.send(call);
        self.dirt.duplicate_persons.push(again.id);
    }

    /// A second registration of the family, undone before anything was done with it.
    pub(super) fn undo_duplicate(&mut self) {
        let Some(adult) = self.adults().into_iter().next() else { return };
        let family_id = self.dice.uuid();
        let reference = format!("{}0", self.reference);
        let call = self.early(Command::RegisterFamily(v1::RegisterFamily {
            family_id: family_id.clone(),
            reference: reference.clone(),
            initial_members: vec![v1::InitialMember {
                person_id: adult.person.id.clone(),
                role: adult.role.into(),
                household: v1::Household::Core.into(),
            }],
            source: v1::FamilySource::Concern.into(),
        }));
        self.send(call);
        self.refuse_of_duplicate(&family_id, &adult);
        let call = self.early(Command::UndoFamilyRegistration(v1::UndoFamilyRegistration {
            family_id: family_id.clone(),
            reason: v1::UndoReason::Duplicate.into(),
        }));
        self.send(call);
        if self.up_to(Mischief::FamilyUndone) {
            let call = self.early(Command::UndoFamilyRegistration(v1::UndoFamilyRegistration {
                family_id,
                reason: v1::UndoReason::NotAFamily.into(),
            }));
            self.refused(call, "FAMILY_UNDONE");
        }
        self.dirt.undone_registrations.push(reference);
    }

    fn refuse_of_duplicate(&mut self, family_id: &str, adult: &Member) {
        if self.up_to(Mischief::LastLeaves) {
            let call = self.early(Command::RemoveFamilyMember(v1::RemoveFamilyMember {
                family_id: family_id.to_owned(),
                person_id: adult.person.id.clone(),
                reason: v1::LeaveReason::MovedOut.into(),
                valid_to: self.today.to_string(),
            }));
            self.refused(call, "FAMILY_WOULD_BE_EMPTY");
        }
        if self.up_to(Mischief::NobodyYoung) {
            let mut referral = self.referral_command();
            family_id.clone_into(&mut referral.family_id);
            referral.referral_id = self.dice.uuid();
            referral.risk_areas = vec![v1::RiskArea::FamilyProblems.into()];
            referral.grounds = texts::question(&mut self.dice);
            referral.about = vec![adult.person.id.clone()];
            let call = self.early(Command::SubmitReferral(referral));
            self.refused(call, "NO_YOUNG_MEMBER");
        }
    }

    /// Role by person, of those who help the family now.
    pub(super) fn network_truth(&self) -> std::collections::BTreeMap<String, String> {
        let role = |it: &Helper| code(it.role.as_str_name(), "NETWORK_ROLE_");
        self.helpers.iter().map(|it| (it.person.id.clone(), role(it))).collect()
    }
}
