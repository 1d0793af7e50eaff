# Koder i ord, som de står midt i en linje. En meddelelse er en enum, en attribut er dens værdi.

## Personer

FamilyRole =
    .MOTHER = mor
    .FATHER = far
    .STEPPARENT = stedforælder
    .CHILD = barn
    .SIBLING = søskende
    .HALF_SIBLING = halvsøskende
    .GRANDPARENT = bedsteforælder
    .FOSTER = i pleje
    .PARTNER = partner
    .OTHER = anden tilknytning

Household =
    .CORE = hjemme
    .PART_TIME = noget af tiden
    .OUTSIDE = andetsteds

LeaveReason =
    .MOVED_OUT = flyttet
    .DIED = død
    .PLACED = anbragt
    .SPLIT = samlivet ophørt
    .ADULT = blevet voksen
    .CUSTODY_CHANGE = forældremyndigheden ændret
    .ENTERED_IN_ERROR = registreret ved en fejl

Sex =
    .F = kvinde
    .M = mand
    .X = hverken eller

BirthPrecision =
    .EXACT = præcis
    .YEAR = årstal
    .ESTIMATED = anslået

PersonSource =
    .CPR_LOOKUP = CPR-opslag
    .SELF = personen selv
    .AGENCY = en myndighed
    .CONCERN = en underretning
    .MANUAL = indtastet

IdentityMethod =
    .CPR_LOOKUP = CPR-opslag
    .DOCUMENT = legitimation
    .AGENCY = en myndighed

FamilySource =
    .REFERRAL = henvisning
    .CONCERN = underretning
    .SELF = familien selv
    .AGENCY = en myndighed
    .MANUAL = indtastet

ContactPointKind =
    .PHONE = telefon
    .EMAIL = e-mail
    .DIGITAL_POST = Digital Post
    .ADDRESS = adresse

ContactPointUse =
    .PRIMARY = primær
    .ALT = alternativ
    .DO_NOT_USE = må ikke bruges

DeathSource =
    .CPR_REGISTER = CPR-registret
    .RELATIVE = en pårørende
    .AGENCY = en myndighed
    .DOCUMENT = et dokument

SpecialCareKind =
    .VIOLENCE_RISK = risiko for vold
    .DO_NOT_JOIN_MEETING = må ikke indkaldes til fælles møder
    .NO_CONTACT_ORDER = tilhold

## Den ene er … den anden

RelationshipKind =
    .PARENT_OF = forælder til
    .PARTNER = partner til
    .EX_PARTNER = tidligere partner til
    .SIBLING = søskende til
    .HALF_SIBLING = halvsøskende til
    .FRIEND = ven med
    .PEER_AT_RISK = jævnaldrende i risiko omkring
    .MENTOR = mentor for

RelationshipQuality =
    .CLOSE = tæt
    .DISTANT = fjern
    .CONFLICT = konfliktfyldt
    .CUT_OFF = afbrudt
    .UNKNOWN = ukendt kvalitet

NetworkRole =
    .RELATIVE = slægtning
    .FRIEND = ven
    .NEIGHBOUR = nabo
    .SCHOOL = skolen
    .COACH = træner
    .MENTOR = mentor
    .EMPLOYER = arbejdsgiver
    .OTHER = anden

## Hvordan man træffes, efter et navn

ContactChannel =
    .PHONE = pr. telefon
    .SMS = pr. sms
    .EMAIL = pr. e-mail
    .DIGITAL_POST = via Digital Post
    .LETTER = pr. brev
    .IN_PERSON = ved personlig henvendelse

UndoReason =
    .DUPLICATE = registreret to gange
    .WRONG_PEOPLE = de forkerte personer
    .NOT_A_FAMILY = ikke en familie

ConflictKind =
    .KINSHIP = slægtskab
    .FRIENDSHIP = venskab
    .PERSONAL_INTEREST = personlig interesse
    .EARLIER_INVOLVEMENT = tidligere medvirken
    .OTHER = andet

## Læsning og skrivning

Purpose =
    .CASEWORK = sagsbehandling
    .CONCERN_HANDLING = behandling af underretning
    .CRIME_PREVENTION = kriminalitetsforebyggelse
    .SUPERVISION = faglig ledelse
    .AUDIT = kontrol
    .GRANT = afrapportering af puljen
    .DSR = indsigtsanmodning
    .OPERATIONS = drift

Precision =
    .EXACT = præcist
    .DAY = dagen
    .MONTH = måneden
    .UNKNOWN_ESTIMATED = anslået

StreamKind =
    .FAMILY = familie
    .PERSON = person
    .PROGRAMME = program
    .WORKER = medarbejder

Role =
    .CASEWORKER = sagsbehandler
    .TEAM_LEAD = teamleder
    .PROGRAMME_MANAGER = programleder
    .AUDITOR = revisor
    .OPERATOR = driftsansvarlig
    .DASHBOARD = dashboard

CorrectionReason =
    .TYPO = skrivefejl
    .WRONG_PERSON = forkert person
    .WRONG_DATE = forkert dato
    .NEW_EVIDENCE = nye oplysninger
    .RECTIFICATION_DECISION = afgørelse om berigtigelse

MistakeReason =
    .WRONG_FAMILY = forkert familie
    .WRONG_PERSON = forkert person
    .DUPLICATE = registreret to gange
    .DID_NOT_HAPPEN = fandt ikke sted

## Henvisning og sag

Agency =
    .SOCIAL = socialforvaltningen
    .SCHOOL = skolen
    .DAYCARE = dagtilbuddet
    .JOB_CENTRE = jobcentret
    .UU = UU-vejledningen
    .SSP = SSP
    .POLICE = politiet
    .GANG_TASK_FORCE = politiets bandeenhed
    .HEALTH_VISITOR = sundhedsplejen
    .PSYCHIATRY = psykiatrien
    .HOUSING = boligorganisationen
    .CIVIL_SOCIETY = civilsamfundet
    .OTHER_MUNICIPALITY = en anden kommune
    .PROBATION = Kriminalforsorgen

RiskArea =
    .STREET_LIFESTYLE = gadeorienteret livsstil
    .SCHOOL_THRIVING = trivsel i skolen
    .FAMILY_PROBLEMS = problemer i familien

Priority =
    .ACUTE = akut
    .HIGH = høj
    .NORMAL = normal

Regime =
    .SEL = serviceloven
    .BL = barnets lov

ReferralState =
    .SUBMITTED = der er kommet en henvisning
    .TRIAGED = henvisningen er visiteret
    .CASE = henvisningen er blevet til en sag
    .INFO_REQUESTED = der er bedt om flere oplysninger til henvisningen
    .OFFERED = der er tilbudt en plads
    .ACCEPTED = familien har taget imod pladsen
    .DECLINED = henvisningen er afvist
    .WITHDRAWN = henvisningen er trukket tilbage
    .REFUSED = familien har takket nej til pladsen
    .EXPIRED = tilbuddet om plads er udløbet

DeclineReason =
    .NOT_TARGET_GROUP = uden for målgruppen
    .NO_CAPACITY = ingen ledig plads
    .FAMILY_DECLINED = familien ønsker det ikke
    .OTHER_SERVICE = andet tilbud
    .DUPLICATE = henvist to gange

CaseState =
    .NONE = ingen sag
    .OPEN = åben
    .PAUSED = på pause
    .CLOSURE_PROPOSED = foreslået afsluttet
    .CLOSURE_APPROVED = afslutning godkendt
    .CLOSED = afsluttet

CasePhase =
    .ENGAGEMENT = kontaktetablering
    .FAMILY_ASSESSMENT = familieudredning
    .FAMILY_PLAN = familieplan
    .FAMILY_INTERVENTION = familieindsats
    .YOUTH_TRACK = ungespor
    .TRANSITION = overgang og efterværn
    .EVALUATION = evaluering

WorkerRole =
    .LEAD = sagsansvarlig
    .SECOND = medansvarlig
    .YOUTH_MENTOR = kontaktperson
    .FAMILY_THERAPIST = familiebehandler
    .DEPUTY = stedfortræder

CaseOutcome =
    .GOALS_MET = målene er nået
    .PARTLY_MET = målene er delvist nået
    .WITHDREW = familien trak sig
    .MOVED = familien er flyttet
    .TRANSFERRED = overdraget til andre
    .NO_EFFECT = uden virkning
    .DIED = dødsfald
    .ERROR = oprettet ved en fejl

GoalDisposition =
    .ATTAINED = nået
    .PARTLY_ATTAINED = delvist nået
    .NOT_ATTAINED = ikke nået
    .DROPPED = opgivet
    .HANDED_OVER = overdraget

ReopenReason =
    .NEW_CONCERN = ny bekymring
    .RELAPSE = tilbagefald
    .FAMILY_REQUEST = efter familiens ønske
    .CLOSED_IN_ERROR = afsluttet ved en fejl

FlagKind =
    .SAFETY = sikkerhed
    .MISSING_CONTACT = manglende kontakt
    .DATA_QUALITY = datakvalitet
    .SUPERVISION = supervision

ApprovalKind =
    .CLOSURE = afslutning af sagen
    .ACUTE_OVERRIDE = ungespor før familieplanen

## Kontakter og notater

ContactKind =
    .VISIT = hjemmebesøg
    .CALL = telefonsamtale
    .SMS = sms
    .MEETING = møde
    .STREET = kontakt på gaden
    .SCHOOL = møde på skolen
    .OFFICE = møde på kontoret
    .NO_SHOW = udeblivelse

NoteNature =
    .FACT = faktiske oplysninger
    .ASSESSMENT = vurdering
    .DECISION = afgørelse
    .PARTY_STATEMENT = partens udtalelse
    .PROCEDURAL = sagsgang

Grade =
    .CERTAIN = sikkert
    .PROBABLE = sandsynligt
    .CLAIMED = efter udsagn
    .UNCERTAIN = usikkert

## Undersøgelser og vurderinger

AssessmentKind =
    .SCREENING = screening
    .MAPPING = afdækning
    .CHILD_EXAMINATION = børnefaglig undersøgelse
    .FAMILY_ASSESSMENT = familieudredning
    .YOUTH_ASSESSMENT = udredning af den unge
    .INSTRUMENT = måling

AssessmentProposal =
    .NO_SUPPORT = ingen støtte
    .SUPPORT = støtte
    .PLACEMENT = anbringelse
    .REFER = viderehenvisning

IcsDimension =
    .DEVELOPMENT_BEHAVIOUR = udvikling og adfærd
    .FAMILY = familieforhold
    .SCHOOL = skoleforhold
    .HEALTH = sundhedsforhold
    .LEISURE_FRIENDS = fritidsforhold og venskaber
    .OTHER = andre forhold

FactorSide =
    .RISK = risiko
    .RESOURCE = ressource

WeightBand =
    .SLIGHT = let
    .SOME = nogen
    .SUBSTANTIAL = betydelig

FactorAnswer =
    .YES = ja
    .NO = nej
    .DONT_KNOW = ved ikke
    .IRRELEVANT = ikke relevant

Respondent =
    .SELF = personen selv
    .PARENT = en forælder
    .TEACHER = en lærer
    .WORKER = en medarbejder

Occasion =
    .INTAKE = ved start
    .INTERIM = undervejs
    .CLOSURE = ved afslutning
    .FOLLOW_UP = ved opfølgning

Instrument =
    .SDQ = SDQ
    .YLS_CMI_2 = YLS/CMI 2.0
    .NCFAS = NCFAS
    .FAMSTAR = Family Star Plus
    .SOS = sikkerhedsskala (Signs of Safety)

Scale =
    .EMOTIONAL = følelsesmæssige symptomer
    .CONDUCT = adfærd
    .HYPERACTIVITY = hyperaktivitet
    .PEER = kammerater
    .PROSOCIAL = sociale styrker
    .TOTAL = samlet
    .IMPACT = belastning
    .OFFENCES = lovovertrædelser
    .FAMILY = familie
    .EDUCATION = skole og uddannelse
    .PEERS = omgangskreds
    .SUBSTANCES = rusmidler
    .LEISURE = fritid
    .PERSONALITY = personlighed
    .ATTITUDES = holdninger
    .ENVIRONMENT = omgivelser
    .PARENTAL_CAPABILITIES = forældreevne
    .FAMILY_INTERACTIONS = samspil i familien
    .FAMILY_SAFETY = sikkerhed i familien
    .CHILD_WELL_BEING = barnets trivsel
    .PHYSICAL_HEALTH = fysisk sundhed
    .WELL_BEING = egen trivsel
    .EMOTIONAL_NEEDS = følelsesmæssige behov
    .SAFETY = sikkerhed
    .SOCIAL_NETWORKS = netværk
    .BOUNDARIES = grænser
    .ROUTINE = rutiner
    .HOME_AND_MONEY = bolig og økonomi
    .WORK = arbejde

Band =
    .LOW = lav
    .MODERATE = moderat
    .HIGH = høj
    .VERY_HIGH = meget høj

RiskLevel =
    .LOW = lav
    .MODERATE = moderat
    .HIGH = høj
    .ACUTE = akut

RiskDirection =
    .BETTER = bedre
    .SAME = uændret
    .WORSE = værre
    .FIRST = første vurdering

IncidentKind =
    .POLICE_CONTACT = kontakt med politiet
    .CHARGE = sigtelse
    .CONVICTION = dom
    .SCHOOL_EXCLUSION = bortvisning fra skolen
    .VIOLENCE = vold
    .STREET_OBSERVATION = set på gaden
    .RUNAWAY = løbet hjemmefra

EducationStatus =
    .PRIMARY = folkeskole
    .TENTH_GRADE = 10. klasse
    .FGU = FGU
    .YOUTH_EDU = ungdomsuddannelse
    .APPRENTICE = i lære
    .NEET = hverken i skole eller arbejde
    .WORK = i arbejde

EmploymentStatus =
    .EMPLOYED = i arbejde
    .PART_TIME = i arbejde på deltid
    .BENEFIT = på offentlig forsørgelse
    .EDU = under uddannelse
    .LEAVE = på orlov

## Plan og indsatser

PlanKind =
    .FAMILY = familieplan
    .CHILD = handleplan for barnet
    .YOUTH = ungeplan

PlanState =
    .NONE = ingen
    .DRAFT = udkast
    .AGREED = aftalt

GoalTheme =
    .PARENTAL_ROLE = forældrerollen
    .TRANSITION = overgange
    .SCHOOL = skole
    .LEISURE = fritid
    .EMPLOYMENT = beskæftigelse
    .HOUSING = bolig
    .HEALTH = sundhed
    .NETWORK = netværk
    .CRIME = kriminalitet
    .ECONOMY = økonomi
    .LANGUAGE = sprog

AgreementManner =
    .SIGNED = har skrevet under
    .ORAL = har sagt ja mundtligt
    .NOT_AGREED = er ikke enig

InterventionType =
    .MST = MST
    .FFT = FFT
    .PMTO = PMTO
    .PARENT_PROGRAMME = forældreprogram
    .FAMILY_TREATMENT = familiebehandling
    .HOME_SUPPORT = støtte i hjemmet
    .MENTOR = mentor
    .CONTACT_PERSON = kontaktperson
    .LEISURE_JOB = fritidsjob
    .LEISURE_PASS = fritidspas
    .HOMEWORK = lektiehjælp
    .NETWORK_MEETING = netværksmøde
    .FAMILY_GROUP_CONFERENCE = familierådslagning
    .UU_COURSE = UU-forløb
    .TRANSITION_MENTOR = overgangsmentor
    .JOB_COURSE_PARENT = jobforløb for en forælder
    .EXIT_TALK = exitsamtale
    .CONCERN_TALK = bekymringssamtale
    .OTHER = anden indsats

InterventionState =
    .ORDERED = bestilt
    .STARTED = i gang
    .ENDED = afsluttet
    .PAUSED = på pause
    .DECLINED = takket nej til

AttendanceState =
    .PRESENT = mødt
    .LATE = mødt for sent
    .ABSENT_NOTIFIED = afbud
    .NO_SHOW = udeblevet

InterventionEndReason =
    .COMPLETED = gennemført
    .DROPOUT = frafaldet
    .REPLACED = erstattet af en anden indsats
    .NO_EFFECT = uden virkning
    .MOVED = flyttet
    .DECLINED = ikke længere ønsket

## Sprog, som koder i BCP 47

Speech =
    .ar = arabisk
    .bs = bosnisk
    .da = dansk
    .en = engelsk
    .fa = persisk
    .ku = kurdisk
    .pl = polsk
    .ps = pashto
    .ro = rumænsk
    .so = somali
    .sq = albansk
    .ti = tigrinya
    .tr = tyrkisk
    .uk = ukrainsk
    .ur = urdu
    .vi = vietnamesisk

ReliableChange =
    .RELIABILITY_UNKNOWN = ukendt reliabilitet
    .NOT_RELIABLE = ingen sikker ændring
    .BETTER = bedre end første gang
    .WORSE = værre end første gang

Stage =
    .REFERRED = henvist
    .PLACE_OFFERED = plads tilbudt
    .PLACE_ACCEPTED = plads modtaget
    .CASE_OPEN = sag åben
    .PLAN_AGREED = plan aftalt
    .CLOSED_GOALS_MET = afsluttet, mål nået
    .CLOSED_PARTLY_MET = afsluttet, mål delvis nået
    .CLOSED_OTHERWISE = afsluttet på anden måde

Column =
    .REFERRED = henvist
    .PLACE_OFFERED = plads tilbudt
    .PLACE_ACCEPTED = plads modtaget
    .CASE_OPEN = sag åben
    .PLAN_AGREED = plan aftalt
    .CLOSED_GOALS_MET = afsluttet, mål nået
    .CLOSED_PARTLY_MET = afsluttet, mål delvis nået
    .CLOSED_OTHERWISE = afsluttet på anden måde
    .BETTER = bedre
    .SAME = uændret
    .WORSE = værre
    .CONTACTS = kontakter
    .CONTACT_MINUTES = minutter med kontakt
    .SESSIONS = møder
    .SESSION_MINUTES = minutter med møder

StatisticTable =
    .STANDING = familier efter, hvor langt de er kommet
    .RISK_CHANGE = personers risiko mod første vurdering
    .ACTIVITY = hvad der blev gjort, efter måned

WithdrawalReason =
    .CORRECTED = det, tallene bygger på, er rettet
    .WRONG_NUMBERS = tallene var forkerte
    .DISCLOSURE = den fortæller for meget om nogen
