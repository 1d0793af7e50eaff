# How a family stands.

status-family = Family { $reference }
status-undone = REGISTRATION UNDONE: this family should not have been registered.
status-lead = Lead worker: { $worker }
status-as-of = As of position { $position }. Family { $family }, revision { $revision }, last event at position { $last }.
the-family = the family
never = never

case-open = Case open since { $since }
case-open-days = Case open since { $since } ({ $days ->
        [one] { $days } day
       *[other] { $days } days
    })
case-phase = { $case }; phase: { $phase }
case-paused = { $case }; paused from { $from }, expected until { $until }
case-closure-proposed = { $case }; closure proposed
case-closure-approved = { $case }; closure approved, not closed yet
case-closed = Case closed { $on }: { $outcome }
case-closed-days = Case closed { $on } after { $days ->
        [one] { $days } day
       *[other] { $days } days
    }: { $outcome }
case-contact-afterwards = last contact afterwards { $on }
case-none = No case: { $referral }
referral-none = there is no referral
referral-offered-until = a place is offered until { $until }

attention-head = Needs attention
attention-nothing = Nothing is waiting.
attention-for = { $what } for { $person }
attention-approval = To be approved by somebody else: { $what }, proposed by { $by } { $since } (rev. { $revision })
attention-handover = Hand-over to { $worker } since { $since } is not completed: to be read up to rev. { $revision }
attention-plan-due = The family's plan is due { $due }: a youth track was opened before it
attention-stale = Risk to be judged again: { $person }, { $area } (was { $level } until { $until })
attention-flag = Flag: { $kind }, since { $since } (rev. { $revision })
attention-flag-due = Flag: { $kind }, since { $since }, due { $due } (rev. { $revision })
attention-overdue = No session for { $days } days: { $what }
attention-no-session = No session yet: { $what }

members-head = Members ({ $ages })
members-under-18 = { $count } under 18
members-10-to-25 = { $count } aged 10 to 25
members-age-unknown = { $count } of unknown age
head-name = Name
head-role = Role
head-age = Age
head-lives = Lives
special-care = ! { $person }: { $kind } (until { $until })
member-died = { $person } died { $on }.
member-speaks = { $person } speaks { $speech }.
needs-interpreter = needs an interpreter
no-relative-interpreter = no relative as interpreter
primary-contact = Primary contact: { $person }, { $channel }
primary-contact-interpreter = Primary contact: { $person }, { $channel }, with an interpreter
network = Network: { $people }
network-person = { $person } ({ $role })
network-person-not-agreed = { $person } ({ $role }, not agreed by the family)
education-and-work = Education and work: { $reports }
report-since = { $person }: { $status } since { $from }

plan-head = Plan
plan-family = Family plan: { $state }
plan-goals = { $goals ->
        [0] no goals
        [one] { $goals } goal
       *[other] { $goals } goals
    }
plan-worked-on = { $goals } worked on
plan-worked-on-last = { $goals } worked on, last { $last }
plan-youth-track = Youth track: { $youths }

interventions-head = Interventions ({ $active ->
        [0] none is running
       *[other] { $active } running
    })
intervention-for = { $what } for { $whom }
intervention-ordered = { $what }: ordered
intervention-running = { $what }: running since { $started }
intervention-paused = { $what }: paused; started { $started }
intervention-ended = { $what }: ended; { $started } to { $ended }
intervention-declined = { $what }: declined by the family
sessions = { $sessions ->
        [one] { $sessions } session
       *[other] { $sessions } sessions
    } ({ $time })

risks-head = Risk, as judged
risk-holds = { $area }: { $level } ({ $direction }), judged { $on }, valid until { $until }
risk-stale = { $area }: OUT OF DATE; was { $level }, judged { $on }, valid until { $until }

contacts-head = Contacts
contact-last = Last contact: { $at }
contact-child = With a child or youth: { $at }
contact-home = At home: { $at }
contacts-all = { $contacts ->
        [one] { $contacts } contact
       *[other] { $contacts } contacts
    } ({ $time }), { $notes ->
        [one] { $notes } note
       *[other] { $notes } notes
    }
written-down = Written down: { $parts }
written = { $in_time } in time, { $late } late
unwritten = { $contacts ->
        [one] { $contacts } contact
       *[other] { $contacts } contacts
    } without a text
incidents = { $count ->
        [one] { $count } incident
       *[other] { $count } incidents
    }, last { $last }
corrected = { $count ->
        [one] { $count } entry
       *[other] { $count } entries
    } corrected in the last 30 days

changed-revision = revision { $revision }
changed-plan = plan: { $plan }
changed-active = { $active ->
        [one] { $active } active intervention
       *[other] { $active } active interventions
    }
changed-undone = registration undone
changed-last-contact = last contact { $on }
