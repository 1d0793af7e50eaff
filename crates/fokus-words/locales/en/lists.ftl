# Lists and short answers.

as-of = As of position { $position }.

head-family = Family
head-case = Case
head-days = Days
head-members = Members
head-under-18 = Under 18
head-plan = Plan
head-active = Active
head-risk = Risk
head-last-contact = Last contact
phase-paused = { $phase } (paused)
risks-stale = { $count } OUT OF DATE

head-position = Position
head-revision = Rev.
head-recorded = Recorded
head-happened = Happened
head-event = Event
head-who = Who
head-why = Why
head-fields = Fields
late-because = late: { $reason }

head-view = View
head-view-revision = Revision
head-build = Build
head-behind = Behind
head-state = State
view-runs = runs
view-halted = HALTED at { $position }: { $code }
log-head = The log's head is at position { $position }.
view-rebuilt = { $view } rebuilt up to position { $position }: { $changed } rows changed, { $added } added, { $removed } removed.

send-accepted = line { $line }: accepted at position { $position }
send-replayed = line { $line }: replayed at position { $position }
send-refused = line { $line }: { $refusal }
send-stopped = stopped at line { $line }; sending the file again is safe
send-summary = { $all ->
        [one] { $all } command
       *[other] { $all } commands
    }: { $accepted } accepted, { $replayed } replayed, { $refused } refused, { $unreadable } not understood

trajectory-on = Risks, scores and incidents by { $day }
trajectory-interventions = Interventions meanwhile
trajectory-left-out = { $count } older ones are left out.
steps-stale = { $area }: OUT OF DATE, to be judged again
step = { $on } to { $until }: { $what } [rev. { $revision }]
step-replaced = { $on }: { $level }, replaced the same day [rev. { $revision }]
series = { $instrument }, answered by { $respondent }
point = { $on }, { $occasion }: { $scores }
score-missing = { $count } without an answer
incidents-head = Incidents
incident = { $on }: { $kind } ({ $grade })

caseload-on = Who has how much on { $day }
head-worker = Worker
head-weighted = Weighted
head-leads = Leads
head-helps = Takes part
head-children = Children
head-contacts-14 = Contacts, 14 days
head-time-14 = With families
head-direct = Of time spent
head-quiet = No contact for 21 days
head-unread = Unread hand-overs
head-phase = Phase
head-weight = Weight
head-marks = Marks
case-quiet = no contact for 21 days
case-unread = hand-over unread
weights-head = A case weighs its phase × its highest risk × the role (proposed weights, not found ones)
weights-phases = Phases: { $weights }
weights-risks = Risk: { $weights }
weights-roles = Roles: { $weights }
weight-no-risk = none that holds
weight-paused = While paused: × { $weight }

head-intervention = Intervention
head-for = For
head-since = Since
head-last-session = Last session
head-sessions = Sessions
head-attendance = Attended
head-provider = By
state-overdue = { $state }, OVERDUE

head-waits = Waits for approval
head-proposed-by = Proposed by
head-may-answer = You may answer
answer-yes = yes
answer-no = no

programme-on = The programme on { $day }
programme-id = Programme { $id }
programme-active = { $count ->
        [one] { $count } family with an open case
       *[other] { $count } families with an open case
    }
head-stage = How far
head-families = Families
head-reached = At least so far
head-month = Month
head-active-families = Open cases
head-contacts = Contacts
head-contact-time = Contact time
head-session-time = Session time
head-change-of-risk = Risk against first judgement
head-paired = n
head-better = Better
head-same = Same
head-worse = Worse
head-once = Judged once
head-stale = Out of date
no-control-group = There is no control group: nothing here says what would have been without the programme.
outcomes-of = { $programme }, { $quarter }, released { $on }
outcomes-withdrawn = WITHDRAWN: not to be relied on.
outcomes-hidden = “·” hides a number that rests on fewer than { $count } families, or one that would give such a number away.
outcomes-total = Total
outcomes-others = Releases: { $quarters }
outcomes-other-withdrawn = { $quarter } (withdrawn)
