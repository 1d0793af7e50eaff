//! Who asks, and what their role permits.
//!
//! [`Session`] is what a verified token says; [`Access`] is a session with the purpose of one request.
//! [`permits`] is the one table of role, action and purpose. What is not in it is denied.

use fokus_core::codes::Purpose;
use fokus_core::command::Actor;
use fokus_core::ids::StreamKind;
use fokus_store::TenantId;

/// What a verified token says of the caller.
#[derive(Debug, Clone)]
pub struct Session {
    pub tenant: TenantId,
    pub actor: Actor,
    pub role: Role,
    /// The purposes that the token was given for.
    pub purposes: Vec<Purpose>,
}

/// A session with the purpose of one request.
#[derive(Debug, Clone)]
pub struct Access {
    pub session: Session,
    pub purpose: Purpose,
}

/// The roles that tokens may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Caseworker,
    TeamLead,
    ProgrammeManager,
    Auditor,
    Operator,
    /// A machine that shows released numbers, and gets nothing else.
    Dashboard,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 6] = [
        Role::Caseworker,
        Role::TeamLead,
        Role::ProgrammeManager,
        Role::Auditor,
        Role::Operator,
        Role::Dashboard,
    ];

    /// The role's name in tokens and headers.
    pub fn name(self) -> &'static str {
        match self {
            Role::Caseworker => "CASEWORKER",
            Role::TeamLead => "TEAM_LEAD",
            Role::ProgrammeManager => "PROGRAMME_MANAGER",
            Role::Auditor => "AUDITOR",
            Role::Operator => "OPERATOR",
            Role::Dashboard => "DASHBOARD",
        }
    }

    /// The role with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Write to a stream of this kind.
    Write(StreamKind),
    /// Ask after a command of one's own.
    ReadCommand,
    /// Read status, timeline and trajectory of families.
    ReadFamily,
    /// Read who does what in all families: loads, interventions, what waits for approval.
    ReadWork,
    /// Read the programme's numbers as they are.
    ReadProgramme,
    /// Read what was released of a programme.
    ReadOutcomes,
    /// Read the history as recorded.
    ReadHistory,
    /// Take an audit bundle out, with keys.
    ExportBundle,
    /// Read the signed note.
    ReadCheckpoint,
    /// See the views and rebuild them.
    OperateViews,
}

/// Whether the role may do this for this purpose. What is not listed is denied.
pub fn permits(role: Role, action: Action, purpose: Purpose) -> bool {
    use Purpose::{
        Audit, Casework, ConcernHandling, CrimePrevention, Grant, Operations, Supervision,
    };
    let family_work = matches!(purpose, Casework | ConcernHandling | CrimePrevention);
    match (role, action) {
        // Released numbers are for everybody, for what their token is for.
        (Role::Dashboard | Role::ProgrammeManager, Action::ReadOutcomes) => {
            matches!(purpose, Grant | Supervision)
        }
        (Role::Caseworker, Action::ReadOutcomes) => family_work,
        (Role::TeamLead, Action::ReadOutcomes) => {
            family_work || matches!(purpose, Grant | Supervision)
        }
        (Role::Operator, Action::ReadOutcomes) => purpose == Operations,
        (Role::Auditor, Action::ReadOutcomes | Action::ReadProgramme) => purpose == Audit,
        (Role::ProgrammeManager | Role::TeamLead, Action::ReadProgramme) => {
            matches!(purpose, Grant | Supervision)
        }
        // A dashboard gets nothing else; live numbers are for those who answer for the programme.
        (Role::Dashboard, _) | (Role::Caseworker | Role::Operator, Action::ReadProgramme) => false,
        (Role::Caseworker, Action::Write(StreamKind::Family | StreamKind::Person))
        | (Role::Caseworker, Action::ReadFamily | Action::ReadWork | Action::ReadHistory) => {
            family_work
        }
        (Role::TeamLead, Action::Write(StreamKind::Family | StreamKind::Person))
        | (Role::TeamLead, Action::ReadFamily | Action::ReadWork | Action::ReadHistory) => {
            family_work || purpose == Supervision
        }
        (Role::TeamLead, Action::Write(StreamKind::Worker | StreamKind::Programme)) => {
            matches!(purpose, Casework | Supervision | Grant)
        }
        (Role::ProgrammeManager, Action::Write(StreamKind::Programme | StreamKind::Worker)) => {
            matches!(purpose, Grant | Supervision)
        }
        (
            Role::Auditor,
            Action::ReadFamily | Action::ReadWork | Action::ReadHistory | Action::ExportBundle,
        ) => purpose == Audit,
        (Role::Operator, Action::OperateViews) => purpose == Operations,
        (_, Action::ReadCheckpoint) => true,
        (Role::Caseworker | Role::TeamLead | Role::ProgrammeManager, Action::ReadCommand) => true,
        (
            Role::Caseworker | Role::ProgrammeManager | Role::Auditor | Role::Operator,
            Action::Write(_),
        )
        | (
            Role::ProgrammeManager | Role::Operator,
            Action::ReadFamily | Action::ReadWork | Action::ReadHistory,
        )
        | (Role::Auditor | Role::Operator, Action::ReadCommand)
        | (
            Role::Caseworker | Role::TeamLead | Role::ProgrammeManager | Role::Auditor,
            Action::OperateViews,
        )
        | (
            Role::Caseworker | Role::TeamLead | Role::ProgrammeManager | Role::Operator,
            Action::ExportBundle,
        ) => false,
    }
}
