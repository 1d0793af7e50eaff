# Codes in words, as they stand in the middle of a line. A message is an enum, an attribute its value.

## People

FamilyRole =
    .MOTHER = mother
    .FATHER = father
    .STEPPARENT = stepparent
    .CHILD = child
    .SIBLING = sibling
    .HALF_SIBLING = half-sibling
    .GRANDPARENT = grandparent
    .FOSTER = in foster care
    .PARTNER = partner
    .OTHER = other

Household =
    .CORE = at home
    .PART_TIME = part of the time
    .OUTSIDE = elsewhere

LeaveReason =
    .MOVED_OUT = moved out
    .DIED = died
    .PLACED = placed in care
    .SPLIT = separated
    .ADULT = grown up
    .CUSTODY_CHANGE = custody changed
    .ENTERED_IN_ERROR = entered in error

Sex =
    .F = female
    .M = male
    .X = neither

BirthPrecision =
    .EXACT = exact
    .YEAR = the year
    .ESTIMATED = estimated

PersonSource =
    .CPR_LOOKUP = CPR lookup
    .SELF = the person
    .AGENCY = an agency
    .CONCERN = a notification of concern
    .MANUAL = by hand

IdentityMethod =
    .CPR_LOOKUP = CPR lookup
    .DOCUMENT = a document
    .AGENCY = an agency

FamilySource =
    .REFERRAL = referral
    .CONCERN = notification of concern
    .SELF = the family
    .AGENCY = an agency
    .MANUAL = by hand

ContactPointKind =
    .PHONE = phone
    .EMAIL = e-mail
    .DIGITAL_POST = digital post
    .ADDRESS = address

ContactPointUse =
    .PRIMARY = first choice
    .ALT = second choice
    .DO_NOT_USE = do not use

DeathSource =
    .CPR_REGISTER = the CPR register
    .RELATIVE = a relative
    .AGENCY = an agency
    .DOCUMENT = a document

SpecialCareKind =
    .VIOLENCE_RISK = risk of violence
    .DO_NOT_JOIN_MEETING = not in meetings with others
    .NO_CONTACT_ORDER = restraining order

## One is … the other

RelationshipKind =
    .PARENT_OF = parent of
    .PARTNER = partner of
    .EX_PARTNER = former partner of
    .SIBLING = sibling of
    .HALF_SIBLING = half-sibling of
    .FRIEND = friend of
    .PEER_AT_RISK = a peer at risk of
    .MENTOR = mentor of

RelationshipQuality =
    .CLOSE = close
    .DISTANT = distant
    .CONFLICT = in conflict
    .CUT_OFF = cut off
    .UNKNOWN = quality not known

NetworkRole =
    .RELATIVE = relative
    .FRIEND = friend
    .NEIGHBOUR = neighbour
    .SCHOOL = school
    .COACH = coach
    .MENTOR = mentor
    .EMPLOYER = employer
    .OTHER = other

## How one is reached, after a name

ContactChannel =
    .PHONE = by phone
    .SMS = by text message
    .EMAIL = by e-mail
    .DIGITAL_POST = by digital post
    .LETTER = by letter
    .IN_PERSON = in person

UndoReason =
    .DUPLICATE = registered twice
    .WRONG_PEOPLE = the wrong people
    .NOT_A_FAMILY = not a family

ConflictKind =
    .KINSHIP = kinship
    .FRIENDSHIP = friendship
    .PERSONAL_INTEREST = personal interest
    .EARLIER_INVOLVEMENT = earlier involvement
    .OTHER = other

## Reading and writing

Purpose =
    .CASEWORK = casework
    .CONCERN_HANDLING = handling of a concern
    .CRIME_PREVENTION = crime prevention
    .SUPERVISION = supervision
    .AUDIT = audit
    .GRANT = the grant's report
    .DSR = a data subject's request
    .OPERATIONS = operations

Precision =
    .EXACT = exact
    .DAY = the day
    .MONTH = the month
    .UNKNOWN_ESTIMATED = estimated

StreamKind =
    .FAMILY = family
    .PERSON = person
    .PROGRAMME = programme
    .WORKER = worker

Role =
    .CASEWORKER = caseworker
    .TEAM_LEAD = team lead
    .PROGRAMME_MANAGER = programme manager
    .AUDITOR = auditor
    .OPERATOR = operator
    .DASHBOARD = dashboard

CorrectionReason =
    .TYPO = a slip of the pen
    .WRONG_PERSON = wrong person
    .WRONG_DATE = wrong date
    .NEW_EVIDENCE = new evidence
    .RECTIFICATION_DECISION = decision on rectification

MistakeReason =
    .WRONG_FAMILY = wrong family
    .WRONG_PERSON = wrong person
    .DUPLICATE = recorded twice
    .DID_NOT_HAPPEN = it did not happen

## Referral and case

Agency =
    .SOCIAL = social services
    .SCHOOL = the school
    .DAYCARE = daycare
    .JOB_CENTRE = the job centre
    .UU = youth guidance (UU)
    .SSP = SSP
    .POLICE = the police
    .GANG_TASK_FORCE = the gang task force
    .HEALTH_VISITOR = the health visitor
    .PSYCHIATRY = psychiatry
    .HOUSING = the housing association
    .CIVIL_SOCIETY = civil society
    .OTHER_MUNICIPALITY = another municipality
    .PROBATION = the probation service

RiskArea =
    .STREET_LIFESTYLE = street lifestyle
    .SCHOOL_THRIVING = thriving at school
    .FAMILY_PROBLEMS = family problems

Priority =
    .ACUTE = acute
    .HIGH = high
    .NORMAL = normal

Regime =
    .SEL = the Social Services Act
    .BL = the Child's Act

ReferralState =
    .SUBMITTED = a referral has come in
    .TRIAGED = the referral has been triaged
    .CASE = the referral became a case
    .INFO_REQUESTED = more was asked of who referred
    .OFFERED = a place is offered
    .ACCEPTED = the place offered is accepted
    .DECLINED = the referral was declined
    .WITHDRAWN = the referral was withdrawn
    .REFUSED = the family refused the place
    .EXPIRED = the place offered was not answered in time

DeclineReason =
    .NOT_TARGET_GROUP = not in the target group
    .NO_CAPACITY = no place is free
    .FAMILY_DECLINED = the family does not want it
    .OTHER_SERVICE = another service
    .DUPLICATE = referred twice

CaseState =
    .NONE = no case
    .OPEN = open
    .PAUSED = paused
    .CLOSURE_PROPOSED = closure proposed
    .CLOSURE_APPROVED = closure approved
    .CLOSED = closed

CasePhase =
    .ENGAGEMENT = engagement
    .FAMILY_ASSESSMENT = family assessment
    .FAMILY_PLAN = family plan
    .FAMILY_INTERVENTION = family intervention
    .YOUTH_TRACK = youth track
    .TRANSITION = transition
    .EVALUATION = evaluation

WorkerRole =
    .LEAD = lead
    .SECOND = second worker
    .YOUTH_MENTOR = youth mentor
    .FAMILY_THERAPIST = family therapist
    .DEPUTY = deputy

CaseOutcome =
    .GOALS_MET = goals met
    .PARTLY_MET = goals partly met
    .WITHDREW = the family withdrew
    .MOVED = the family moved
    .TRANSFERRED = transferred
    .NO_EFFECT = no effect
    .DIED = death
    .ERROR = opened in error

GoalDisposition =
    .ATTAINED = attained
    .PARTLY_ATTAINED = partly attained
    .NOT_ATTAINED = not attained
    .DROPPED = dropped
    .HANDED_OVER = handed over

ReopenReason =
    .NEW_CONCERN = new concern
    .RELAPSE = relapse
    .FAMILY_REQUEST = the family asked for it
    .CLOSED_IN_ERROR = closed in error

FlagKind =
    .SAFETY = safety
    .MISSING_CONTACT = missing contact
    .DATA_QUALITY = data quality
    .SUPERVISION = supervision

ApprovalKind =
    .CLOSURE = closing the case
    .ACUTE_OVERRIDE = a youth track before the family's plan

## Contacts and notes

ContactKind =
    .VISIT = home visit
    .CALL = phone call
    .SMS = text message
    .MEETING = meeting
    .STREET = meeting in the street
    .SCHOOL = meeting at school
    .OFFICE = meeting at the office
    .NO_SHOW = nobody came

NoteNature =
    .FACT = fact
    .ASSESSMENT = assessment
    .DECISION = decision
    .PARTY_STATEMENT = a party's statement
    .PROCEDURAL = procedural

Grade =
    .CERTAIN = certain
    .PROBABLE = probable
    .CLAIMED = claimed
    .UNCERTAIN = uncertain

## Assessments

AssessmentKind =
    .SCREENING = screening
    .MAPPING = mapping
    .CHILD_EXAMINATION = examination of a child
    .FAMILY_ASSESSMENT = family assessment
    .YOUTH_ASSESSMENT = youth assessment
    .INSTRUMENT = by an instrument

AssessmentProposal =
    .NO_SUPPORT = no support
    .SUPPORT = support
    .PLACEMENT = placement in care
    .REFER = referral elsewhere

IcsDimension =
    .DEVELOPMENT_BEHAVIOUR = development and behaviour
    .FAMILY = family
    .SCHOOL = school
    .HEALTH = health
    .LEISURE_FRIENDS = leisure and friends
    .OTHER = other

FactorSide =
    .RISK = risk
    .RESOURCE = resource

WeightBand =
    .SLIGHT = slight
    .SOME = some
    .SUBSTANTIAL = substantial

FactorAnswer =
    .YES = yes
    .NO = no
    .DONT_KNOW = not known
    .IRRELEVANT = not relevant

Respondent =
    .SELF = the person
    .PARENT = a parent
    .TEACHER = a teacher
    .WORKER = a worker

Occasion =
    .INTAKE = at intake
    .INTERIM = on the way
    .CLOSURE = at closure
    .FOLLOW_UP = at follow-up

Instrument =
    .SDQ = SDQ
    .YLS_CMI_2 = YLS/CMI 2.0
    .NCFAS = NCFAS
    .FAMSTAR = Family Star Plus
    .SOS = safety scaling

Scale =
    .EMOTIONAL = emotional
    .CONDUCT = conduct
    .HYPERACTIVITY = hyperactivity
    .PEER = peers
    .PROSOCIAL = prosocial
    .TOTAL = total
    .IMPACT = impact
    .OFFENCES = offences
    .FAMILY = family
    .EDUCATION = education
    .PEERS = peers
    .SUBSTANCES = substances
    .LEISURE = leisure
    .PERSONALITY = personality
    .ATTITUDES = attitudes
    .ENVIRONMENT = environment
    .PARENTAL_CAPABILITIES = parental capabilities
    .FAMILY_INTERACTIONS = family interactions
    .FAMILY_SAFETY = family safety
    .CHILD_WELL_BEING = child well-being
    .PHYSICAL_HEALTH = physical health
    .WELL_BEING = your well-being
    .EMOTIONAL_NEEDS = emotional needs
    .SAFETY = safety
    .SOCIAL_NETWORKS = social networks
    .BOUNDARIES = boundaries
    .ROUTINE = routine
    .HOME_AND_MONEY = home and money
    .WORK = work

Band =
    .LOW = low
    .MODERATE = moderate
    .HIGH = high
    .VERY_HIGH = very high

RiskLevel =
    .LOW = low
    .MODERATE = moderate
    .HIGH = high
    .ACUTE = acute

RiskDirection =
    .BETTER = better
    .SAME = unchanged
    .WORSE = worse
    .FIRST = first judgement

IncidentKind =
    .POLICE_CONTACT = contact with the police
    .CHARGE = charge
    .CONVICTION = conviction
    .SCHOOL_EXCLUSION = exclusion from school
    .VIOLENCE = violence
    .STREET_OBSERVATION = seen in the street
    .RUNAWAY = ran away

EducationStatus =
    .PRIMARY = primary school
    .TENTH_GRADE = 10th form
    .FGU = FGU
    .YOUTH_EDU = youth education
    .APPRENTICE = apprentice
    .NEET = neither in school nor work
    .WORK = in work

EmploymentStatus =
    .EMPLOYED = employed
    .PART_TIME = employed part-time
    .BENEFIT = on benefit
    .EDU = in education
    .LEAVE = on leave

## Plan and interventions

PlanKind =
    .FAMILY = family plan
    .CHILD = child's plan
    .YOUTH = youth plan

PlanState =
    .NONE = none
    .DRAFT = draft
    .AGREED = agreed

GoalTheme =
    .PARENTAL_ROLE = parental role
    .TRANSITION = transition
    .SCHOOL = school
    .LEISURE = leisure
    .EMPLOYMENT = employment
    .HOUSING = housing
    .HEALTH = health
    .NETWORK = network
    .CRIME = crime
    .ECONOMY = economy
    .LANGUAGE = language

AgreementManner =
    .SIGNED = signed
    .ORAL = agreed orally
    .NOT_AGREED = does not agree

InterventionType =
    .MST = MST
    .FFT = FFT
    .PMTO = PMTO
    .PARENT_PROGRAMME = parent programme
    .FAMILY_TREATMENT = family treatment
    .HOME_SUPPORT = home support
    .MENTOR = mentor
    .CONTACT_PERSON = contact person
    .LEISURE_JOB = leisure job
    .LEISURE_PASS = leisure pass
    .HOMEWORK = help with homework
    .NETWORK_MEETING = network meeting
    .FAMILY_GROUP_CONFERENCE = family group conference
    .UU_COURSE = youth guidance (UU) course
    .TRANSITION_MENTOR = transition mentor
    .JOB_COURSE_PARENT = job course for a parent
    .EXIT_TALK = exit talk
    .CONCERN_TALK = talk of concern
    .OTHER = other intervention

InterventionState =
    .ORDERED = ordered
    .STARTED = running
    .ENDED = ended
    .PAUSED = paused
    .DECLINED = declined

AttendanceState =
    .PRESENT = present
    .LATE = late
    .ABSENT_NOTIFIED = sent word
    .NO_SHOW = did not come

InterventionEndReason =
    .COMPLETED = completed
    .DROPOUT = dropped out
    .REPLACED = replaced
    .NO_EFFECT = no effect
    .MOVED = moved
    .DECLINED = not wanted any more

## Spoken languages, as tags of BCP 47

Speech =
    .ar = Arabic
    .bs = Bosnian
    .da = Danish
    .en = English
    .fa = Persian
    .ku = Kurdish
    .pl = Polish
    .ps = Pashto
    .ro = Romanian
    .so = Somali
    .sq = Albanian
    .ti = Tigrinya
    .tr = Turkish
    .uk = Ukrainian
    .ur = Urdu
    .vi = Vietnamese

ReliableChange =
    .RELIABILITY_UNKNOWN = reliability not known
    .NOT_RELIABLE = no reliable change
    .BETTER = better than at first
    .WORSE = worse than at first

Stage =
    .REFERRED = referred
    .PLACE_OFFERED = place offered
    .PLACE_ACCEPTED = place accepted
    .CASE_OPEN = case open
    .PLAN_AGREED = plan agreed
    .CLOSED_GOALS_MET = closed, goals met
    .CLOSED_PARTLY_MET = closed, goals partly met
    .CLOSED_OTHERWISE = closed otherwise

Column =
    .REFERRED = referred
    .PLACE_OFFERED = place offered
    .PLACE_ACCEPTED = place accepted
    .CASE_OPEN = case open
    .PLAN_AGREED = plan agreed
    .CLOSED_GOALS_MET = closed, goals met
    .CLOSED_PARTLY_MET = closed, goals partly met
    .CLOSED_OTHERWISE = closed otherwise
    .BETTER = better
    .SAME = same
    .WORSE = worse
    .CONTACTS = contacts
    .CONTACT_MINUTES = minutes of contact
    .SESSIONS = sessions
    .SESSION_MINUTES = minutes of session

StatisticTable =
    .STANDING = families by how far they have come
    .RISK_CHANGE = persons' risk against their first judgement
    .ACTIVITY = what was done, by month

WithdrawalReason =
    .CORRECTED = what it rests on was corrected
    .WRONG_NUMBERS = the numbers were wrong
    .DISCLOSURE = it tells too much of somebody
