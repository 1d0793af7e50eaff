//! Flags of the verbs that ask for the programme's numbers.

use clap::Args;

use super::{Clocks, Connection};

/// `fokus programme`
#[derive(Debug, Args)]
pub(crate) struct Programme {
    /// Only this programme, by id
    #[arg(long, value_name = "ID")]
    pub(crate) programme: Option<String>,

    /// The two clocks.
    #[command(flatten)]
    pub(crate) clocks: Clocks,

    /// Where and who.
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// `fokus outcomes`
#[derive(Debug, Args)]
pub(crate) struct Outcomes {
    /// The programme, by id [default: the one that something was released of]
    #[arg(long, value_name = "ID")]
    pub(crate) programme: Option<String>,

    /// The quarter, such as 2019-Q3 [default: the newest that stands]
    #[arg(long, value_name = "QUARTER")]
    pub(crate) quarter: Option<String>,

    /// Where and who.
    #[command(flatten)]
    pub(crate) connection: Connection,
}
