//! One family's trajectory.

use fokus_core::ids::PersonId;
use fokus_core::views::interventions::Card;
use fokus_core::views::status::PersonCard;
use fokus_core::views::trajectory::{
    Point, RiskStep, RiskSteps, ScorePoint, ShownIncident, ShownIncidents, ShownSeries, Trajectory,
};
use jiff::civil::Date;

use super::{count, number, optional, person_name};
use crate::enums::Code;
use crate::v1;

/// How one family's risks, scores and incidents went. Where the answer stands is still to be said.
pub fn risk_trajectory(shown: &Trajectory) -> v1::GetRiskTrajectoryResponse {
    v1::GetRiskTrajectoryResponse {
        risks: shown.risks.iter().map(|it| risk_steps(it, shown.today)).collect(),
        instruments: shown.instruments.iter().map(series).collect(),
        incidents: shown.incidents.iter().map(incidents).collect(),
        interventions: shown.interventions.iter().map(band).collect(),
        persons: shown.persons.iter().map(person).collect(),
        day: shown.today.to_string(),
        left_out: number(shown.left_out),
        as_of_position: 0,
        revision: 0,
    }
}

fn person((person_id, card): (&PersonId, &PersonCard)) -> v1::TrajectoryPerson {
    v1::TrajectoryPerson {
        person_id: person_id.to_string(),
        name: card.name.as_ref().map(person_name),
        erased: card.erased,
    }
}

fn risk_steps(of: &RiskSteps, today: Date) -> v1::RiskSteps {
    v1::RiskSteps {
        person_id: of.person_id.to_string(),
        risk_area: of.risk_area.to_wire(),
        steps: of.steps.iter().map(risk_step).collect(),
        stale: of.is_stale(today),
    }
}

fn risk_step(step: &RiskStep) -> v1::RiskStep {
    v1::RiskStep {
        revision: count(step.revision),
        level: step.level.to_wire(),
        direction: step.direction.to_wire(),
        change: step.change.to_wire(),
        judged_on: step.judged_on.to_string(),
        valid_until: step.valid_until.to_string(),
        stands_until: optional(step.stands_until),
        basis: step.basis.iter().map(|it| count(*it)).collect(),
        judge: step.judge.clone(),
    }
}

fn series(of: &ShownSeries) -> v1::InstrumentSeries {
    v1::InstrumentSeries {
        person_id: optional(of.series.person_id),
        instrument: of.series.instrument.clone(),
        respondent: of.series.respondent.to_wire(),
        points: of.points.iter().map(point).collect(),
    }
}

fn point(point: &Point) -> v1::InstrumentPoint {
    v1::InstrumentPoint {
        revision: count(point.administration.revision),
        on: point.administration.on.to_string(),
        occasion: point.administration.occasion.to_wire(),
        scores: point.scores.iter().map(score).collect(),
        erased: point.is_erased,
    }
}

fn score(point: &ScorePoint) -> v1::ScorePoint {
    v1::ScorePoint {
        scale: point.score.scale.clone(),
        value: point.score.value.to_string(),
        missing_items: i32::from(point.score.missing_items),
        band: point.band.clone().unwrap_or_default(),
        change: point.change.map_or(0, Code::to_wire),
    }
}

fn incidents(of: &ShownIncidents) -> v1::IncidentSeries {
    v1::IncidentSeries {
        person_id: of.person_id.to_string(),
        incidents: of.incidents.iter().map(incident).collect(),
    }
}

fn incident(shown: &ShownIncident) -> v1::IncidentPoint {
    v1::IncidentPoint {
        revision: count(shown.incident.revision),
        on: shown.incident.on.to_string(),
        kind: shown.kind.map_or(0, Code::to_wire),
        grade: shown.incident.grade.to_wire(),
        erased: shown.kind.is_none(),
    }
}

fn band(card: &Card) -> v1::InterventionBand {
    v1::InterventionBand {
        intervention_id: card.intervention_id.to_string(),
        r#type: card.intervention_type.to_wire(),
        person_id: optional(card.person_id),
        state: card.state.to_wire(),
        started_on: optional(card.started_on),
        ended_on: optional(card.ended_on),
        paused_on: optional(card.paused_on),
    }
}
