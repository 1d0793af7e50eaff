//! Families with cases, plans and interventions, as lines of JSON: what tests of many families begin
//! with. The town's programme has two workers; families are numbered from 1.

use fokus_core::codes::Purpose;
use fokus_proto::v1;
use serde_json::{Value, json};

use crate::harness::*;

/// When the cases were opened.
pub(crate) const OPENED_ON: &str = "2019-03-04";

/// Leads every family's case.
pub(crate) const ANNE: u128 = 10;
/// Leads none from the beginning.
pub(crate) const BO: u128 = 11;

/// The town, and whoever writes for it.
pub(crate) struct Town {
    pub(crate) lead: Client,
    commands: u128,
    /// Of the last command.
    pub(crate) position: i64,
}

/// The id of something of a family: 1 is the child, 2 the family, 3 the referral, 4 the case, 5 the plan,
/// 6 the goal, from 100 on the interventions.
pub(crate) fn of(family: u128, number: u128) -> String {
    id(family * 1_000 + number).to_string()
}

impl Town {
    /// A programme and two workers.
    pub(crate) async fn new(server: &Server) -> Town {
        let lead = server.client("lead-1", "TEAM_LEAD", Purpose::Casework).await;
        let mut town = Town { lead, commands: 500_000_000, position: 0 };
        let programme = json!({
            "programme_id": id(1).to_string(), "name": "Familien først",
            "first_case_from": "2018-08-01", "capacity_families": 1000,
            "criteria": [{"code": "AT_RISK", "mandatory": true, "text": "Er der en ung i risiko?"}],
        });
        town.send("2019-01-10", "open_programme", programme).await;
        for (worker, name) in [(ANNE, "Anne Prøve"), (BO, "Bo Prøve")] {
            let worker = json!({
                "worker_id": id(worker).to_string(), "name": name,
                "subject": format!("worker-{worker}"), "agency": "AGENCY_SOCIAL",
                "employed_from": "2018-01-01",
            });
            town.send("2019-01-10", "employ_worker", worker).await;
        }
        town
    }

    /// The command as a request of its own id, its act at noon of that day.
    pub(crate) fn request(&mut self, day: &str, name: &str, body: Value) -> v1::ExecuteRequest {
        self.commands += 1;
        let line = json!({
            "command_id": id(self.commands).to_string(), "purpose": "PURPOSE_CASEWORK",
            "legal_basis": {"code": "SEL_52"}, "late_reason": "Overført fra papirsag.",
            "occurred_at": {"time": format!("{day}T12:00:00Z"), "utc_offset_minutes": 60},
            name: body,
        });
        fokus_proto::execute_request_from_json(&line.to_string()).unwrap()
    }

    /// Carries the command out; gives the revision of its stream.
    pub(crate) async fn send(&mut self, day: &str, name: &str, body: Value) -> i64 {
        let request = self.request(day, name, body);
        let answer = self.lead.journal.execute(request).await;
        let answer = answer.unwrap_or_else(|it| panic!("{name}: {}", it.message())).into_inner();
        self.position = answer.position;
        answer.streams[0].revision
    }

    /// A family of one child, with an open case.
    pub(crate) async fn family(&mut self, family: u128) {
        let then = "2019-01-10";
        let person = json!({
            "person_id": of(family, 1), "name": {"given": "Ida", "family": "Prøve"},
            "birth": {"date": "2006-03-01", "precision": "BIRTH_PRECISION_EXACT"},
            "source": "PERSON_SOURCE_MANUAL", "is_synthetic": true,
        });
        self.send(then, "register_person", person).await;
        let registered = json!({
            "family_id": of(family, 2), "reference": format!("AA-2019-{family:04}"),
            "initial_members": [{"person_id": of(family, 1), "role": "FAMILY_ROLE_CHILD"}],
            "source": "FAMILY_SOURCE_MANUAL",
        });
        self.send(then, "register_family", registered).await;
        let referral = json!({
            "family_id": of(family, 2), "referral_id": of(family, 3),
            "programme_id": id(1).to_string(), "agency": "AGENCY_SCHOOL",
            "risk_areas": ["RISK_AREA_SCHOOL_THRIVING"], "grounds": "Fravær.", "family_knows": true,
        });
        self.send(then, "submit_referral", referral).await;
        let triage = json!({
            "family_id": of(family, 2), "referral_id": of(family, 3),
            "target_group": {"met": true, "criteria": [{"code": "AT_RISK", "met": true}]},
            "capacity": true, "priority": "PRIORITY_NORMAL",
        });
        self.send(then, "triage_referral", triage).await;
        let case = json!({
            "family_id": of(family, 2), "case_id": of(family, 4),
            "programme_id": id(1).to_string(), "referral_id": of(family, 3),
            "opened_on": OPENED_ON, "kle": "27.27.09", "lead_worker_id": id(ANNE).to_string(),
            "regime": "REGIME_SEL",
        });
        self.send(OPENED_ON, "open_case", case).await;
    }

    /// A plan with a goal, and so many interventions ordered for it.
    pub(crate) async fn interventions(&mut self, family: u128, count: u128) {
        let plan = json!({
            "family_id": of(family, 2), "plan_id": of(family, 5), "kind": "PLAN_KIND_FAMILY",
        });
        self.send("2019-03-05", "draft_plan", plan).await;
        let goal = json!({
            "family_id": of(family, 2), "plan_id": of(family, 5), "goal_id": of(family, 6),
            "theme": "GOAL_THEME_SCHOOL", "risk_area": "RISK_AREA_SCHOOL_THRIVING",
            "statement": "Ida møder hver dag.",
            "levels": {"minus_two": "a", "minus_one": "b", "zero": "c", "plus_one": "d",
                "plus_two": "e"},
            "weight": 3, "baseline": -1, "target_date": "2019-12-31",
        });
        self.send("2019-03-05", "set_goal", goal).await;
        for number in 0..count {
            let order = json!({
                "family_id": of(family, 2), "intervention_id": of(family, 100 + number),
                "type": "INTERVENTION_TYPE_FAMILY_TREATMENT", "goal_ids": [of(family, 6)],
                "provider": format!("Familiehuset {number}"),
                "planned": {"start": "2019-03-10", "end": "2019-05-10", "sessions": 8},
            });
            self.send("2019-03-06", "order_intervention", order).await;
        }
    }

    /// Starts a family's intervention.
    pub(crate) async fn start(&mut self, family: u128, number: u128) {
        let start = json!({
            "family_id": of(family, 2), "intervention_id": of(family, 100 + number),
            "on": "2019-03-11",
        });
        self.send("2019-03-11", "start_intervention", start).await;
    }
}
