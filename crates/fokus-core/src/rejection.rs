//! Rejections: why something may not happen. An answer, never a fault, and it never echoes a value.
//!
//! Every reason that the program can give stands in [`Reason`] and in `reasons.md`; a test compares
//! them. Reasons are added, never changed: clients branch on them.

use std::fmt;

/// What a caller can do about a rejection. One gRPC status each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// The request and the clock alone show it: change the request.
    InvalidArgument,
    /// History decides: change the world, or confirm the warning.
    FailedPrecondition,
    /// Read again, send again.
    Aborted,
    AlreadyExists,
    PermissionDenied,
    NotFound,
    OutOfRange,
    ResourceExhausted,
    /// Safe to repeat.
    Unavailable,
    Unauthenticated,
    DataLoss,
}

macro_rules! reasons {
    ($($status:ident { $($(#[$doc:meta])* $name:ident = $code:literal),* $(,)? })*) => {
        /// Why something may not happen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Reason { $($($(#[$doc])* $name),*),* }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Reason] = &[$($(Reason::$name),*),*];

            /// The stable code that clients branch on.
            pub fn code(self) -> &'static str {
                match self { $($(Reason::$name => $code),*),* }
            }

            /// The status that it is answered with.
            pub fn status(self) -> Status {
                match self { $($(Reason::$name => Status::$status),*),* }
            }
        }
    };
}

reasons! {
    InvalidArgument {
        /// A field is missing or malformed.
        FieldInvalid = "FIELD_INVALID",
        /// A text is over 64 KiB, or over its field's limit.
        FreeTextTooLong = "FREE_TEXT_TOO_LONG",
        /// A text has control characters other than tab and newline.
        ControlChars = "CONTROL_CHARS",
        /// The act lies more than two minutes in the future.
        InFuture = "IN_FUTURE",
        /// The act lies more than 30 days back and no `late_reason` is given.
        TooOldNeedsReason = "TOO_OLD_NEEDS_REASON",
        /// The page token is not of this list and filter.
        PageTokenInvalid = "PAGE_TOKEN_INVALID",
        /// A field is about more persons than an envelope can name.
        TooManySubjects = "TOO_MANY_SUBJECTS",
    }
    FailedPrecondition {
        /// Nothing would change.
        NoChange = "NO_CHANGE",
        /// What the rule needs was erased.
        Erased = "ERASED",
        /// An error is corrected; it is not an act in the world.
        UseCorrection = "USE_CORRECTION",
        /// A correction may not change who a text is about: mark it mistaken, record it anew.
        UseMistaken = "USE_MISTAKEN",
        /// An act before a person's birth.
        BeforeBirth = "BEFORE_BIRTH",
        /// An act of the case before the case was opened.
        BeforeCase = "BEFORE_CASE",
        /// Neither the request nor the case gives a legal basis.
        NoLegalBasis = "NO_LEGAL_BASIS",
        /// A text seems to hold a CPR number. Confirmable.
        CprInText = "CPR_IN_TEXT",
        /// The CPR number is not ten digits with a possible date.
        CprInvalid = "CPR_INVALID",
        /// The CPR number's date lies in the future.
        CprFuture = "CPR_FUTURE",
        /// The CPR number's date lies more than 120 years back.
        CprAge = "CPR_AGE",
        /// An invented person, or an invented CPR number, in a real store.
        SyntheticInReal = "SYNTHETIC_IN_REAL",
        /// A real person in a store of invented people.
        RealInSynthetic = "REAL_IN_SYNTHETIC",
        /// The person's CPR number is known already.
        IdentityKnown = "IDENTITY_KNOWN",
        /// The person is a member in that period already.
        AlreadyMember = "ALREADY_MEMBER",
        /// The person has died.
        AfterDeath = "AFTER_DEATH",
        /// The person is not a member of the family.
        NotInFamily = "NOT_IN_FAMILY",
        /// The last member cannot leave.
        FamilyWouldBeEmpty = "FAMILY_WOULD_BE_EMPTY",
        /// No member is under 25.
        NoYoungMember = "NO_YOUNG_MEMBER",
        /// An open referral of the family stands already.
        ReferralOpen = "REFERRAL_OPEN",
        /// The referral is not in the state that this needs.
        ReferralState = "REFERRAL_STATE",
        /// A mandatory criterion is not answered.
        CriterionUnanswered = "CRITERION_UNANSWERED",
        /// Target group met, with a mandatory criterion not met.
        CriteriaContradict = "CRITERIA_CONTRADICT",
        /// Ethnicity and the like (GDPR art. 9) are no grounds.
        Art9Ground = "ART9_GROUND",
        /// The family has an open case.
        CaseAlreadyOpen = "CASE_ALREADY_OPEN",
        /// The family has no open case.
        NoOpenCase = "NO_OPEN_CASE",
        /// Before the programme's first case or after its intake.
        OutsideProgramme = "OUTSIDE_PROGRAMME",
        /// The worker is not employed on that day.
        WorkerNotActive = "WORKER_NOT_ACTIVE",
        /// Two lead workers at one time.
        TwoLeads = "TWO_LEADS",
        /// The case cannot move to that phase from where it is.
        PhaseOrder = "PHASE_ORDER",
        /// The family comes first: concluded family assessment and agreed family plan.
        FamilyFirst = "FAMILY_FIRST",
        /// The person's age does not fit.
        AgeNotValid = "AGE_NOT_VALID",
        /// The contact's length is implausible for its kind. Confirmable.
        Implausible = "IMPLAUSIBLE",
        /// A decision needs a decision event.
        UseDecision = "USE_DECISION",
        /// The entry cannot be corrected, or not be marked.
        NotCorrectable = "NOT_CORRECTABLE",
        /// The corrected command is of another kind, or changes an id.
        ImmutableEnvelope = "IMMUTABLE_ENVELOPE",
        /// A judgement one now disagrees with is judged anew, not corrected.
        UseNewAssessment = "USE_NEW_ASSESSMENT",
        /// The entry is marked mistaken already, or is not.
        MarkState = "MARK_STATE",
        /// The assessment is not running.
        AssessmentState = "ASSESSMENT_STATE",
        /// No event to rest a judgement on, or only older than 6 months or mistaken ones.
        NoBasis = "NO_BASIS",
        /// The reasoning is too short.
        ReasoningTooShort = "REASONING_TOO_SHORT",
        /// HIGH or ACUTE on uncertain statements only. Confirmable.
        WeakBasis = "WEAK_BASIS",
        /// A judgement or special-care marker holds for at most 6 months.
        ValidTooLong = "VALID_TOO_LONG",
        /// FIRST needs that there is none before; the others that there is one.
        RiskDirection = "RISK_DIRECTION",
        /// The plan is not in the state that this needs.
        PlanState = "PLAN_STATE",
        /// An agreed plan of that kind stands already.
        PlanExists = "PLAN_EXISTS",
        /// A goal lacks its five described levels.
        GasIncomplete = "GAS_INCOMPLETE",
        /// A risk area of the referral has no goal.
        RiskAreaWithoutGoal = "RISK_AREA_WITHOUT_GOAL",
        /// A child was neither heard nor is there a reason.
        ChildNotHeard = "CHILD_NOT_HEARD",
        /// An intervention needs a goal.
        NoGoal = "NO_GOAL",
        /// The intervention does not run on that day.
        NotRunning = "NOT_RUNNING",
        /// The intervention is not in the state that this needs.
        InterventionState = "INTERVENTION_STATE",
        /// Dates in an impossible order.
        DateOrder = "DATE_ORDER",
        /// The family's registration was undone.
        FamilyUndone = "FAMILY_UNDONE",
        /// Something was done with the family: its registration cannot be undone.
        FamilyInUse = "FAMILY_IN_USE",
        /// The channel leads to where the person is not to be reached. Confirmable.
        UnsafeContact = "UNSAFE_CONTACT",
        /// The worker was granted roles, but not this one on that day.
        RoleNotGranted = "ROLE_NOT_GRANTED",
        /// The worker has an interest in the family, or in one of its people. Said of the worker who
        /// is named, never of the caller.
        ConflictOfInterest = "CONFLICT_OF_INTEREST",
        /// The lead is trained in no version of a method in force. Confirmable.
        NotTrained = "NOT_TRAINED",
        /// The version of the method is not in force on that day.
        MethodNotInForce = "METHOD_NOT_IN_FORCE",
        /// A dimension that this kind of assessment needs is not described.
        DimensionMissing = "DIMENSION_MISSING",
        /// A score, or shares together, outside what they can be.
        OutOfRange = "OUT_OF_RANGE",
        /// A total is not the sum of its subscales.
        SumMismatch = "SUM_MISMATCH",
        /// Too many items without an answer for a score.
        TooManyMissing = "TOO_MANY_MISSING",
        /// The words of an instrument's items are licensed and not kept.
        LicensedText = "LICENSED_TEXT",
        /// A charge or conviction of a child under ten.
        Impossible = "IMPOSSIBLE",
        /// The case is not in the state that this needs.
        CaseState = "CASE_STATE",
        /// A case is never without a lead worker.
        NoLead = "NO_LEAD",
        /// The new lead has not read up to the change.
        NotRead = "NOT_READ",
        /// A pause lasts at most 90 days.
        PauseTooLong = "PAUSE_TOO_LONG",
        /// No such proposal waits for an answer, or one does already.
        ProposalState = "PROPOSAL_STATE",
        /// Who proposed, or changed what is proposed, cannot approve it.
        FourEyes = "FOUR_EYES",
        /// A goal of the case is without a disposition.
        GoalsOpen = "GOALS_OPEN",
        /// An intervention of the case has not ended.
        InterventionsOpen = "INTERVENTIONS_OPEN",
        /// More than 12 months after the closing: a new case begins a new episode.
        NewEpisode = "NEW_EPISODE",
        /// The flag is resolved already.
        FlagState = "FLAG_STATE",
    }
    Aborted {
        /// A stream is not at the expected revision; `expected` and `actual` in the metadata.
        RevisionConflict = "REVISION_CONFLICT",
        /// Others kept winning.
        Busy = "BUSY",
        /// The view was rebuilt: start the list again.
        PageTokenStale = "PAGE_TOKEN_STALE",
    }
    AlreadyExists {
        /// The command id was used with other content or by another actor.
        CommandIdReused = "COMMAND_ID_REUSED",
        /// The id of the thing to create is taken.
        IdTaken = "ID_TAKEN",
        /// Another person has this CPR number.
        CprExists = "CPR_EXISTS",
        /// Another family has this reference.
        ReferenceTaken = "REFERENCE_TAKEN",
    }
    PermissionDenied {
        /// Not permitted; no more is said.
        NotPermitted = "NOT_PERMITTED",
    }
    NotFound {
        /// No such thing.
        UnknownId = "UNKNOWN_ID",
    }
    OutOfRange {
        /// The position lies beyond the head of the log.
        BeyondHead = "BEYOND_HEAD",
    }
    ResourceExhausted {
        /// Too many requests.
        RateLimited = "RATE_LIMITED",
        /// The store is full.
        StoreFull = "STORE_FULL",
        /// The reader is too slow; `position` in the metadata.
        SlowConsumer = "SLOW_CONSUMER",
    }
    Unavailable {
        /// The store does not answer.
        StoreUnavailable = "STORE_UNAVAILABLE",
        /// The store is behind or beside what is known of it elsewhere: it is only read until an operator has
        /// looked.
        StoreReadOnly = "STORE_READ_ONLY",
        /// The view has not reached the position in time, or has halted.
        ViewBehind = "VIEW_BEHIND",
        /// The read could not be recorded.
        AccessLogUnavailable = "ACCESS_LOG_UNAVAILABLE",
        /// The server is shutting down.
        ShuttingDown = "SHUTTING_DOWN",
        /// The stream holds an event that this program does not know.
        UpgradeNeeded = "UPGRADE_NEEDED",
    }
    Unauthenticated {
        /// The token is not accepted; no more is said.
        TokenInvalid = "TOKEN_INVALID",
    }
    DataLoss {
        /// Something cannot be opened and no certificate says why.
        UnreadableUncertified = "UNREADABLE_UNCERTIFIED",
        /// What is stored contradicts itself.
        Corrupt = "CORRUPT",
    }
}

/// Why something may not happen, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    pub reason: Reason,
    /// Path of the field at fault, such as `record_contact.minutes`.
    pub field: Option<String>,
    /// The rule in words: limits and codes, never a value of the input.
    pub rule: String,
    /// More for programs: `expected`, `actual`, `stream` …
    pub metadata: Vec<(&'static str, String)>,
    /// A warning: the same command with the code in `confirmations` is accepted.
    pub confirmable: bool,
}

impl Rejection {
    /// A rejection with its rule in words.
    pub fn new(reason: Reason, rule: impl Into<String>) -> Self {
        Rejection {
            reason,
            field: None,
            rule: rule.into(),
            metadata: Vec::new(),
            confirmable: false,
        }
    }

    /// The same, naming the field at fault.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same, with one more word for programs.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.metadata.push((key, value.into()));
        self
    }

    /// The same, as a warning that the user may confirm.
    #[must_use]
    pub fn confirmable(mut self) -> Self {
        self.confirmable = true;
        self
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{}: {}: {}", self.reason.code(), field, self.rule),
            None => write!(f, "{}: {}", self.reason.code(), self.rule),
        }
    }
}

impl std::error::Error for Rejection {}
