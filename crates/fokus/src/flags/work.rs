//! Flags of the verbs that ask across families: caseload, interventions, approvals.

use clap::Args;
use fokus_proto::v1;
use jiff::civil::Date;

use super::{Clocks, Connection};

/// `fokus caseload`
#[derive(Debug, Args)]
pub(crate) struct Caseload {
    /// The day, such as 2020-06-30 [default: today]; short for --was-at
    #[arg(long, value_name = "DATE", conflicts_with = "was_at")]
    pub(crate) date: Option<Date>,

    /// Only this worker, by id or by name; with the cases
    #[arg(long, value_name = "WORKER")]
    pub(crate) worker: Option<String>,

    /// The two clocks.
    #[command(flatten)]
    pub(crate) clocks: Clocks,

    /// Where and who.
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// `fokus interventions`
#[derive(Debug, Args)]
pub(crate) struct Interventions {
    /// Only of this family, by id or reference
    #[arg(long, value_name = "FAMILY")]
    pub(crate) family: Option<String>,

    /// Only in this state: ordered, started, paused, ended or declined; may be repeated
    #[arg(long, value_name = "STATE", value_parser = state)]
    pub(crate) state: Vec<v1::InterventionState>,

    /// Only of this type, such as family-treatment or mst; may be repeated
    #[arg(long = "type", value_name = "TYPE", value_parser = intervention_type)]
    pub(crate) types: Vec<v1::InterventionType>,

    /// Only those that run, and for long without a session
    #[arg(long)]
    pub(crate) overdue: bool,

    /// At most so many interventions [default: all]
    #[arg(long, value_name = "COUNT")]
    pub(crate) limit: Option<usize>,

    /// The two clocks.
    #[command(flatten)]
    pub(crate) clocks: Clocks,

    /// Where and who.
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// `fokus approvals`
#[derive(Debug, Args)]
pub(crate) struct Approvals {
    /// Only what you may answer yourself
    #[arg(long)]
    pub(crate) mine: bool,

    /// At most so many [default: all]
    #[arg(long, value_name = "COUNT")]
    pub(crate) limit: Option<usize>,

    /// The two clocks.
    #[command(flatten)]
    pub(crate) clocks: Clocks,

    /// Where and who.
    #[command(flatten)]
    pub(crate) connection: Connection,
}

fn state(text: &str) -> Result<v1::InterventionState, &'static str> {
    v1::InterventionState::from_str_name(&proto_name("INTERVENTION_STATE", text))
        .filter(|it| *it != v1::InterventionState::Unspecified)
        .ok_or("want ordered, started, paused, ended or declined")
}

fn intervention_type(text: &str) -> Result<v1::InterventionType, &'static str> {
    v1::InterventionType::from_str_name(&proto_name("INTERVENTION_TYPE", text))
        .filter(|it| *it != v1::InterventionType::Unspecified)
        .ok_or("want a type as the proto files name it, such as family-treatment")
}

fn proto_name(prefix: &str, text: &str) -> String {
    format!("{prefix}_{}", text.replace('-', "_").to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_typed_in_small_letters() {
        assert_eq!(state("ordered"), Ok(v1::InterventionState::Ordered));
        assert_eq!(
            intervention_type("family-treatment"),
            Ok(v1::InterventionType::FamilyTreatment)
        );
        assert!(state("unspecified").is_err());
        assert!(intervention_type("magic").is_err());
    }
}
