//! What a second person decides: ProposeAcuteOverride, ApproveAcuteOverride, RejectAcuteOverride, and the
//! question of four eyes that closings ask too.
//!
//! Four eyes are two subjects: who proposed, or corrected what is proposed, does not approve it. Turning
//! a proposal down needs no second person, so who proposed can take it back.

use super::case::family_came_first_by;
use super::course::Override;
use crate::command::{ApproveAcuteOverride, EntryRef, ProposeAcuteOverride, RejectAcuteOverride};
use crate::decide::Rules;
use crate::decide::scene::{Scene, text};
use crate::fact::{AcuteOverrideApproved, AcuteOverrideProposed, AcuteOverrideRejected, Fact};
use crate::ids::{PersonId, StreamRef};
use crate::record::Record;
use crate::rejection::{Reason, Rejection};

/// The actor neither proposed it nor changed what is proposed.
pub(super) fn four_eyes(scene: &Scene<'_>, proposal: u64, by: &str) -> Result<(), Rejection> {
    let own = scene.circumstances.actor.sub.as_str();
    let changed = scene.history.iter().any(|event| {
        let Fact::EntryCorrected(it) = &event.fact else { return false };
        it.target_revision == proposal && event.actor.sub == own
    });
    if by != own && !changed {
        return Ok(());
    }
    Err(Rejection::new(
        Reason::FourEyes,
        "somebody else approves than who proposed it or changed what is proposed",
    )
    .at(scene.path("proposal")))
}

/// The answer where no proposal is as it must be.
pub(super) fn proposal_state(scene: &Scene<'_>, rule: &str) -> Rejection {
    Rejection::new(Reason::ProposalState, rule).at(scene.path("proposal"))
}

/// An answer does not come before its question.
pub(super) fn not_before(
    scene: &Scene<'_>,
    proposed_on: jiff::civil::Date,
) -> Result<(), Rejection> {
    if scene.last_day() < proposed_on {
        return Err(
            Rejection::new(Reason::DateOrder, "it was proposed after that").at("occurred_at")
        );
    }
    Ok(())
}

/// The override that the command answers, with its revision: the one named, or the only one that waits.
fn answered<'a>(
    scene: &Scene<'a>,
    named: Option<EntryRef>,
) -> Result<(u64, &'a Override), Rejection> {
    let all = &scene.family.casework.overrides;
    if let Some(entry) = named {
        let revision = scene.entry(entry, "proposal")?;
        return all
            .get(&revision)
            .map(|it| (revision, it))
            .ok_or_else(|| scene.unknown("proposal"));
    }
    let mut waiting = scene.family.waiting_overrides();
    match (waiting.next(), waiting.next()) {
        (Some(it), None) => Ok(it),
        (Some(_), Some(_)) => {
            Err(proposal_state(scene, "several proposals wait: name the one that is meant"))
        }
        (None, _) => Err(proposal_state(scene, "no proposal waits")),
    }
}

fn waits(scene: &Scene<'_>, revision: u64) -> Result<(), Rejection> {
    if scene.family.waiting_overrides().any(|(it, _)| it == revision) {
        return Ok(());
    }
    Err(proposal_state(scene, "the proposal does not wait for an answer"))
}

impl Rules for ProposeAcuteOverride {
    fn name(&self) -> &'static str {
        "propose_acute_override"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        scene.member(self.youth_id, "youth_id")?;
        let fact = Fact::AcuteOverrideProposed(AcuteOverrideProposed { youth_id: self.youth_id });
        Ok(Record { fact, personal: vec![text("reason", &[self.youth_id], &self.reason)] })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        let family = scene.family;
        let no_change =
            |rule| Err(Rejection::new(Reason::NoChange, rule).at(scene.path("youth_id")));
        if family.has_track(Some(self.youth_id)) {
            return no_change("the youth has a track");
        }
        if family_came_first_by(scene, scene.last_day()) {
            return no_change("the family came first: the track needs no override");
        }
        if family.live_overrides().any(|(_, it)| it.youth_id == self.youth_id) {
            let rule = "a proposal for the youth waits, or is approved";
            return Err(Rejection::new(Reason::ProposalState, rule).at(scene.path("youth_id")));
        }
        Ok(())
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("reason".to_owned(), self.reason.0.as_str())]
    }
}

impl Rules for ApproveAcuteOverride {
    fn name(&self) -> &'static str {
        "approve_acute_override"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let (proposal, it) = answered(scene, self.proposal)?;
        let youth_id = it.youth_id;
        let fact = Fact::AcuteOverrideApproved(AcuteOverrideApproved { proposal, youth_id });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        let (revision, it) = answered(scene, self.proposal)?;
        waits(scene, revision)?;
        not_before(scene, it.proposed.on)?;
        four_eyes(scene, revision, &it.proposed.by)
    }
}

impl Rules for RejectAcuteOverride {
    fn name(&self) -> &'static str {
        "reject_acute_override"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let (proposal, it) = answered(scene, self.proposal)?;
        let youth_id: PersonId = it.youth_id;
        let fact = Fact::AcuteOverrideRejected(AcuteOverrideRejected { proposal, youth_id });
        Ok(Record { fact, personal: vec![text("reason", &[youth_id], &self.reason)] })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        scene.in_case()?;
        let (revision, it) = answered(scene, self.proposal)?;
        waits(scene, revision)?;
        not_before(scene, it.proposed.on)
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("reason".to_owned(), self.reason.0.as_str())]
    }
}
