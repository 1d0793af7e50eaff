//! What becomes of a referral besides being judged: RequestReferralInfo, SupplyReferralInfo,
//! DeclineReferral, WithdrawReferral, OfferPlace, AcceptPlace, RefusePlace.
//!
//! SUBMITTED (with questions and answers between) → TRIAGED → OFFERED → ACCEPTED → CASE, or DECLINED,
//! WITHDRAWN, REFUSED, EXPIRED (domain 1.8). A referral may be judged while an answer is awaited, and a
//! case may be opened without an offer: opening it is the decision then. An offer is open for 30 days;
//! one that expired can be made anew.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::referral::referral;
use super::state::Referral;
use crate::command::*;
use crate::decide::Rules;
use crate::decide::scene::{Scene, text};
use crate::fact::*;
use crate::ids::{PersonId, ReferralId, StreamRef};
use crate::record::{PersonalField, Record};
use crate::rejection::{Reason, Rejection};

/// How long an offer of a place is open, in days (domain 1.8).
const OFFER_DAYS: i32 = 30;

/// The latest thing that became of a referral besides being judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReferralStep {
    InfoRequested,
    InfoSupplied,
    Declined,
    Withdrawn,
    Offered { expires_on: Date },
    Accepted { on: Date },
    Refused,
}

impl ReferralStep {
    /// The step that the entry is, and of which referral.
    pub fn of(fact: &Fact, day: Date) -> Option<(ReferralId, ReferralStep)> {
        if let Fact::ReferralInfoRequested(it) = fact {
            Some((it.referral_id, ReferralStep::InfoRequested))
        } else if let Fact::ReferralInfoSupplied(it) = fact {
            Some((it.referral_id, ReferralStep::InfoSupplied))
        } else if let Fact::ReferralDeclined(it) = fact {
            Some((it.referral_id, ReferralStep::Declined))
        } else if let Fact::ReferralWithdrawn(it) = fact {
            Some((it.referral_id, ReferralStep::Withdrawn))
        } else if let Fact::PlaceOffered(it) = fact {
            Some((it.referral_id, ReferralStep::Offered { expires_on: it.expires_on }))
        } else if let Fact::PlaceAccepted(it) = fact {
            Some((it.referral_id, ReferralStep::Accepted { on: day }))
        } else if let Fact::PlaceRefused(it) = fact {
            Some((it.referral_id, ReferralStep::Refused))
        } else {
            None
        }
    }

    /// Whether nothing more comes of the referral.
    pub fn is_final(self) -> bool {
        match self {
            ReferralStep::Declined | ReferralStep::Withdrawn | ReferralStep::Refused => true,
            ReferralStep::InfoRequested
            | ReferralStep::InfoSupplied
            | ReferralStep::Offered { .. }
            | ReferralStep::Accepted { .. } => false,
        }
    }
}

/// The referral, which no case rests on and to which nothing final has happened, and which was last
/// heard of no later than the act.
fn standing<'a>(scene: &Scene<'a>, id: ReferralId) -> Result<&'a Referral, Rejection> {
    let referral = referral(scene, id)?;
    let is_case = scene.family.courses.iter().any(|it| it.referral_id == id);
    if is_case || referral.step.is_some_and(|(_, it)| it.is_final()) {
        return Err(state(scene, "the referral has become a case, or has been answered for good"));
    }
    let judged = referral.triage.as_ref().map(|it| it.order.0);
    let last_ms = judged.max(referral.step.map(|(order, _)| order.0)).max(Some(referral.since_ms));
    if last_ms.is_some_and(|it| scene.circumstances.occurred.effective_ms() < it) {
        let rule = "something became of the referral after that: the earlier would have no effect";
        return Err(Rejection::new(Reason::DateOrder, rule).at("occurred_at"));
    }
    Ok(referral)
}

fn state(scene: &Scene<'_>, rule: &str) -> Rejection {
    Rejection::new(Reason::ReferralState, rule).at(scene.path("referral_id"))
}

/// Whether a case may be opened on the referral: a place was accepted, or none was offered.
pub(super) fn has_place(scene: &Scene<'_>, referral: &Referral) -> Result<(), Rejection> {
    let refused = |rule| Err(state(scene, rule));
    match referral.step.map(|(_, it)| it) {
        None | Some(ReferralStep::InfoRequested | ReferralStep::InfoSupplied) => Ok(()),
        Some(ReferralStep::Accepted { .. }) => Ok(()),
        Some(ReferralStep::Offered { .. }) => refused("the place offered was not accepted"),
        Some(ReferralStep::Refused) => refused("the family refused the place"),
        Some(ReferralStep::Declined) => refused("the referral was declined"),
        Some(ReferralStep::Withdrawn) => refused("the referral was withdrawn"),
    }
}

/// The offer that the family can still answer on the day of the act.
fn open_offer(scene: &Scene<'_>, id: ReferralId) -> Result<(), Rejection> {
    match standing(scene, id)?.step.map(|(_, it)| it) {
        Some(ReferralStep::Offered { expires_on }) if scene.day() <= expires_on => Ok(()),
        Some(ReferralStep::Offered { .. }) => Err(state(scene, "the offer has expired")),
        Some(
            ReferralStep::InfoRequested
            | ReferralStep::InfoSupplied
            | ReferralStep::Declined
            | ReferralStep::Withdrawn
            | ReferralStep::Accepted { .. }
            | ReferralStep::Refused,
        )
        | None => Err(state(scene, "no offer waits for an answer")),
    }
}

/// Whom a text is about, and the text: those named, or those of the referral.
fn about_referral(
    scene: &Scene<'_>,
    id: ReferralId,
    named: &[PersonId],
    field: &str,
    words: Option<&Text>,
) -> Result<(Vec<PersonId>, Vec<PersonalField>), Rejection> {
    let referral = referral(scene, id)?;
    let Some(words) = words else {
        scene.all_known(named, "about")?;
        return Ok((Vec::new(), Vec::new()));
    };
    let about = scene.about(named, &referral.about, "about")?;
    let field = text(field, &about, words);
    Ok((about, vec![field]))
}

impl Rules for RequestReferralInfo {
    fn name(&self) -> &'static str {
        "request_referral_info"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let (about, personal) = about_referral(
            scene,
            self.referral_id,
            &self.about,
            "questions",
            Some(&self.questions),
        )?;
        let referral_id = self.referral_id;
        let fact = Fact::ReferralInfoRequested(ReferralInfoRequested { referral_id, about });
        Ok(Record { fact, personal })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let referral = standing(scene, self.referral_id)?;
        let waits = referral.triage.as_ref().is_none_or(|it| it.met && !it.capacity);
        let offered = matches!(
            referral.step,
            Some((_, ReferralStep::Offered { .. } | ReferralStep::Accepted { .. }))
        );
        if waits && !offered { Ok(()) } else { Err(state(scene, "the referral was judged")) }
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("questions".to_owned(), self.questions.0.as_str())]
    }
}

impl Rules for SupplyReferralInfo {
    fn name(&self) -> &'static str {
        "supply_referral_info"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let (about, personal) =
            about_referral(scene, self.referral_id, &self.about, "answer", Some(&self.answer))?;
        let referral_id = self.referral_id;
        let fact = Fact::ReferralInfoSupplied(ReferralInfoSupplied { referral_id, about });
        Ok(Record { fact, personal })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        match standing(scene, self.referral_id)?.step {
            Some((_, ReferralStep::InfoRequested)) => Ok(()),
            Some(_) | None => Err(state(scene, "nothing was asked, or it was answered")),
        }
    }

    fn texts(&self) -> Vec<(String, &str)> {
        vec![("answer".to_owned(), self.answer.0.as_str())]
    }
}

impl Rules for DeclineReferral {
    fn name(&self) -> &'static str {
        "decline_referral"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        referral(scene, self.referral_id)?;
        let fact = Fact::ReferralDeclined(ReferralDeclined {
            referral_id: self.referral_id,
            reason: self.reason,
            redirected_to: self.redirected_to,
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        standing(scene, self.referral_id).map(drop)
    }
}

impl Rules for WithdrawReferral {
    fn name(&self) -> &'static str {
        "withdraw_referral"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let reason = self.reason.as_ref();
        let (about, personal) =
            about_referral(scene, self.referral_id, &self.about, "reason", reason)?;
        let referral_id = self.referral_id;
        let fact = Fact::ReferralWithdrawn(ReferralWithdrawn { referral_id, about });
        Ok(Record { fact, personal })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        standing(scene, self.referral_id).map(drop)
    }

    fn texts(&self) -> Vec<(String, &str)> {
        self.reason.iter().map(|it| ("reason".to_owned(), it.0.as_str())).collect()
    }
}

impl Rules for OfferPlace {
    fn name(&self) -> &'static str {
        "offer_place"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        referral(scene, self.referral_id)?;
        let expires_on = scene.day().saturating_add(OFFER_DAYS.days());
        let referral_id = self.referral_id;
        let fact = Fact::PlaceOffered(PlaceOffered { referral_id, expires_on });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        let referral = standing(scene, self.referral_id)?;
        if !referral.triage.as_ref().is_some_and(|it| it.met && it.capacity) {
            let rule = "the referral is not judged as in the target group, with a place";
            return Err(state(scene, rule));
        }
        match referral.step.map(|(_, it)| it) {
            Some(ReferralStep::Offered { expires_on }) if scene.day() <= expires_on => {
                Err(state(scene, "an offer waits for an answer"))
            }
            Some(ReferralStep::Accepted { .. }) => Err(state(scene, "the place was accepted")),
            Some(
                ReferralStep::InfoRequested
                | ReferralStep::InfoSupplied
                | ReferralStep::Declined
                | ReferralStep::Withdrawn
                | ReferralStep::Offered { .. }
                | ReferralStep::Refused,
            )
            | None => Ok(()),
        }
    }
}

impl Rules for AcceptPlace {
    fn name(&self) -> &'static str {
        "accept_place"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        referral(scene, self.referral_id)?;
        scene.all_known(&self.accepted_by, "accepted_by")?;
        let fact = Fact::PlaceAccepted(PlaceAccepted {
            referral_id: self.referral_id,
            accepted_by: self.accepted_by.clone(),
        });
        Ok(Record { fact, personal: Vec::new() })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        open_offer(scene, self.referral_id)
    }
}

impl Rules for RefusePlace {
    fn name(&self) -> &'static str {
        "refuse_place"
    }

    fn stream(&self) -> (StreamRef, &'static str) {
        (self.family_id.into(), "family_id")
    }

    fn build(&self, scene: &Scene<'_>) -> Result<Record, Rejection> {
        let reason = self.reason.as_ref();
        let (about, personal) =
            about_referral(scene, self.referral_id, &self.about, "reason", reason)?;
        let referral_id = self.referral_id;
        let fact = Fact::PlaceRefused(PlaceRefused { referral_id, about });
        Ok(Record { fact, personal })
    }

    fn rules(&self, scene: &Scene<'_>) -> Result<(), Rejection> {
        open_offer(scene, self.referral_id)
    }

    fn texts(&self) -> Vec<(String, &str)> {
        self.reason.iter().map(|it| ("reason".to_owned(), it.0.as_str())).collect()
    }
}
