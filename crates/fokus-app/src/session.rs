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
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 5] =
        [Role::Caseworker, Role::TeamLead, Role::ProgrammeManager, Role::Auditor, Role::Operator];

    /// The role's name in tokens and headers.
    pub fn name(self) -> &'static str {
        match self {
            Role::Caseworker => "CASEWORKER",
            Role::TeamLead => "TEAM_LEAD",
            Role::ProgrammeManager => "PROGRAMME_MANAGER",
            Role::Auditor => "AUDITOR",
            Role::Operator => "OPERATOR",
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
    /// Read the history as recorded.
    ReadHistory,
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
        (Role::Auditor, Action::ReadFamily | Action::ReadWork | Action::ReadHistory) => {
            purpose == Audit
        }
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
        ) => false,
    }
}
