//! The work over all families, read back: trajectories, caseloads of several days, the board of
//! interventions, what waits for a second person.

use std::collections::{BTreeMap, BTreeSet};

use fokus_proto::v1;
use fokus_proto::v1::clocks::Was;
use fokus_proto::v1::family_service_client::FamilyServiceClient;
use fokus_proto::v1::work_service_client::WorkServiceClient;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;

use super::{PAGE_SIZE, VerifyError, code, failed};
use crate::tally::TrajectoryTruth;
use crate::wire;

/// A client that reads them.
pub(super) struct Work {
    pub(super) channel: Channel,
    pub(super) bearer: MetadataValue<Ascii>,
    pub(super) purpose: v1::Purpose,
    /// Where the log ends: no answer is from before.
    pub(super) min_position: i64,
}

fn count(it: usize) -> u32 {
    u32::try_from(it).unwrap_or(u32::MAX)
}

impl Work {
    /// By reference.
    pub(super) async fn trajectories(
        &self,
        families: &[(String, String)],
    ) -> Result<BTreeMap<String, TrajectoryTruth>, VerifyError> {
        let mut client = FamilyServiceClient::new(self.channel.clone());
        let mut trajectories = BTreeMap::new();
        for (reference, family_id) in families {
            let message = v1::GetRiskTrajectoryRequest {
                family_id: family_id.clone(),
                purpose: self.purpose.into(),
                min_position: self.min_position,
                ..Default::default()
            };
            let answer = client
                .get_risk_trajectory(wire::request(message, &self.bearer))
                .await
                .map_err(failed("GetRiskTrajectory"))?
                .into_inner();
            trajectories.insert(reference.clone(), read(&answer));
        }
        Ok(trajectories)
    }

    /// Cases led, by day and worker.
    pub(super) async fn caseloads(
        &self,
        days: &[&String],
    ) -> Result<BTreeMap<String, BTreeMap<String, u32>>, VerifyError> {
        let mut client = WorkServiceClient::new(self.channel.clone());
        let mut loads = BTreeMap::new();
        for day in days {
            let led: &mut BTreeMap<String, u32> = loads.entry((*day).clone()).or_default();
            let mut pages = Pages::default();
            while let Some(page_token) = pages.next() {
                let clocks = v1::Clocks { known: None, was: Some(Was::WasAtDate((*day).clone())) };
                let message = v1::GetCaseloadRequest {
                    purpose: self.purpose.into(),
                    min_position: self.min_position,
                    clocks: Some(clocks),
                    page_token,
                    ..Default::default()
                };
                let answer = client
                    .get_caseload(wire::request(message, &self.bearer))
                    .await
                    .map_err(failed("GetCaseload"))?
                    .into_inner();
                for it in answer.workers.iter().filter(|it| it.lead_cases > 0) {
                    let cases = led.entry(it.worker_id.clone()).or_insert(0);
                    *cases += u32::try_from(it.lead_cases).unwrap_or(0);
                }
                pages.turn(answer.next_page_token);
            }
        }
        Ok(loads)
    }

    /// Interventions of all families, by state.
    pub(super) async fn board(&self) -> Result<BTreeMap<String, u64>, VerifyError> {
        let mut client = WorkServiceClient::new(self.channel.clone());
        let mut states = BTreeMap::new();
        let mut pages = Pages::default();
        while let Some(page_token) = pages.next() {
            let message = v1::ListInterventionsRequest {
                purpose: self.purpose.into(),
                min_position: self.min_position,
                page_size: PAGE_SIZE,
                page_token,
                ..Default::default()
            };
            let answer = client
                .list_interventions(wire::request(message, &self.bearer))
                .await
                .map_err(failed("ListInterventions"))?
                .into_inner();
            for it in &answer.interventions {
                let state = code(it.state().as_str_name(), "INTERVENTION_STATE_");
                *states.entry(state).or_insert(0) += 1;
            }
            pages.turn(answer.next_page_token);
        }
        Ok(states)
    }

    /// How much waits for a second person.
    pub(super) async fn approvals(&self) -> Result<usize, VerifyError> {
        let mut client = WorkServiceClient::new(self.channel.clone());
        let mut waiting = 0;
        let mut pages = Pages::default();
        while let Some(page_token) = pages.next() {
            let message = v1::ListApprovalsRequest {
                purpose: self.purpose.into(),
                min_position: self.min_position,
                page_size: PAGE_SIZE,
                page_token,
                ..Default::default()
            };
            let answer = client
                .list_approvals(wire::request(message, &self.bearer))
                .await
                .map_err(failed("ListApprovals"))?
                .into_inner();
            waiting += answer.approvals.len();
            pages.turn(answer.next_page_token);
        }
        Ok(waiting)
    }
}

/// The pages of one list: a server that gives a token twice would never end it.
#[derive(Debug, Default)]
struct Pages {
    next: Option<String>,
    seen: BTreeSet<String>,
}

impl Pages {
    /// The token of the next page; none after the last.
    fn next(&mut self) -> Option<String> {
        if self.seen.is_empty() && self.next.is_none() {
            self.seen.insert(String::new());
            return Some(String::new());
        }
        self.next.take()
    }

    fn turn(&mut self, page_token: String) {
        self.next = Some(page_token).filter(|it| self.seen.insert(it.clone()));
    }
}

/// The trajectory of the wire in the tally's words.
fn read(it: &v1::GetRiskTrajectoryResponse) -> TrajectoryTruth {
    let mut instruments: BTreeMap<String, u32> = BTreeMap::new();
    for series in &it.instruments {
        let key = format!("{}/{}", series.person_id, series.instrument);
        *instruments.entry(key).or_insert(0) += count(series.points.len());
    }
    TrajectoryTruth {
        incidents: count(it.incidents.iter().map(|it| it.incidents.len()).sum()),
        instruments,
        interventions: count(it.interventions.len()),
        steps: count(it.risks.iter().map(|it| it.steps.len()).sum()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_end_with_an_empty_token_or_one_that_was_given_before() {
        let mut pages = Pages::default();
        assert_eq!(pages.next().as_deref(), Some(""));
        pages.turn("a".to_owned());
        assert_eq!(pages.next().as_deref(), Some("a"));
        pages.turn("a".to_owned());
        assert_eq!(pages.next(), None);
        let mut pages = Pages::default();
        assert_eq!(pages.next().as_deref(), Some(""));
        pages.turn(String::new());
        assert_eq!(pages.next(), None);
    }
}
