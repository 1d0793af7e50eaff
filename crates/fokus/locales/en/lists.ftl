# Lists and short answers.

as-of = As of position { $position }.

head-family = Family
head-case = Case
head-days = Days
head-members = Members
head-under-18 = Under 18
head-plan = Plan
head-goals = Goals
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
