# Pages.

page-first = Welcome
page-what-1 = fokus is a journal of work with families: every contact, assessment and intervention stands in it as it was recorded, and nothing is edited unseen.
page-what-2 = From what is recorded, these pages show how each family stands, what there is to do, and who works with whom.
page-what-3 = What you see depends on your role; every page says as of when it is.
page-demo = This is a demo: everybody in it is invented, and its clock stands at 2020-12-15.
page-choose-role = Choose a role
page-token-head = With a token of your own
page-token = Bearer token
page-token-help = It stays in this browser until it runs out or you sign out.
page-token-refused = The token is not accepted: it may have run out, or be made for somebody else.
page-sign-in = Sign in
page-sign-in-first = Sign in to see this page.
page-sign-out = Sign out
page-signed-out = You are signed out. Load the page again to sign in.
page-go-on = Go on
page-again = One moment
page-again-go = Go on to the page
page-skip = Skip to the content
page-nav = Pages
page-follows = It follows what happens.
page-lost = No connection to the server; trying again.
page-to-first = To the first page

page-problem = This page cannot be shown
page-not-found = There is nothing here, or no longer.
page-not-found-help = The address may be mistyped, or the link old. Look in the list of families.
page-denied = Your role may not see this.
page-denied-help = Ask your team lead whether you need it for your work.
page-unavailable = The journal does not answer in time.
page-unavailable-help = Try again in a moment. Nothing is lost.
page-corrupt = What is stored contradicts itself.
page-corrupt-help = Tell the operator at once, and what stands below.
page-invalid = Something that was asked for is not understood.
page-invalid-help = Go back and choose again. Below stands which field, and what is expected.

page-clocks = As of another time
page-known = As known at (a day, or a position)
page-was = As it was at
page-clocks-help = As known at: what had been recorded by then. As it was at: what had happened by then.
page-past = You are looking at the past.
page-show = Show
page-reset = Start over
page-all = all

page-families = Families
page-text = Name or reference
page-waits = Waiting
page-stale = { $count } out of date
page-families-count = { $count ->
        [one] { $count } family
       *[other] { $count } families
    }
page-cut = There are more than one page reads: choose fewer.
page-none-match = No family is like that. Choose less, or start over.
page-no-families = There are no families yet. They come with the first command.

page-attention-line = { $count ->
        [one] { $count } thing needs attention
       *[other] { $count } things need attention
    }
page-timeline = What happened
page-lanes-chart = What happened, by person and agency. The list below says the same.
page-from = From
page-to = To
page-three-months = Three months
page-year = A year
page-everything = Everything
page-entries = { $shown ->
        [one] The newest entry of { $count }
       *[other] The newest { $shown } of { $count } entries
    }
page-all-entries = Show all { $count } entries
page-with-mistaken = Show entries marked mistaken too
page-without-mistaken = Without entries marked mistaken
page-no-entries = Nothing happened in this period.
page-as-recorded = as recorded
page-entries-cut = There are more entries than one page reads; the oldest are shown.
page-key-contact = contact, session
page-key-assessment = assessment, judgement
page-key-intervention = intervention (line: while it lasts)
page-key-case = case, plan, referral
page-key-note = note
page-key-incident = incident, flag
page-key-corrected = ring: corrected
page-risk-chart = Risk of { $person }, as judged. The table below says the same.
page-risk-help = A judgement stands until the next one, and no longer than it is valid. Nothing is summed. Where there is no line, no judgement stands: that is not low.
page-out-of-date = out of date
page-no-risks = No risk has been judged yet.
page-from-until = From { $from } until { $until }
head-area = Area
head-level = Level
head-change = Change
head-judged = Judged
head-stands = Stands until
head-by = By
head-entry = Entry
page-who-family = Who the family is
page-genogram-chart = The family by household: squares are men, circles women, lozenges others. The tables say the same.
page-relationships = Relationships
page-no-relationships = No relationship has been stated.
head-person = Person
head-relation = Is
head-to = Of whom
head-quality = How
page-who-works = Who works with the family
page-workers = Workers
head-from = From
head-until = Until
page-others = Who has written, and whom something came from
head-entries = Entries
head-last = Last
page-no-workers = Nobody has been assigned.
page-entry = Entry { $revision } as recorded
page-entry-original = As it was recorded first
page-entry-later = What came upon it
page-entry-back = Back to the family
page-history = Full history
RoleSees =
    .CASEWORKER = Families, their timelines and risks, and what there is to do.
    .TEAM_LEAD = The same, and who has how much and what waits for approval.
    .PROGRAMME_MANAGER = How the programme goes, in numbers.
    .AUDITOR = The full history with its original wording and its proofs.
    .OPERATOR = How the journal itself runs; no personal data.
    .DASHBOARD = What was released of the programme, and nothing else.
page-nothing-for-role = Your token is not good for any page here: ask who gave it to you for one with another purpose.

page-today = Today
page-everybody = everybody
page-deadlines = Deadlines
page-deadlines-later = Statutory deadlines are not computed yet; they will stand here.
page-you-may-answer = you may answer
page-no-approvals = Nothing waits for a second person.
page-quiet = No contact for 21 days
page-quiet-since = last contact { $on }
page-quiet-always = no contact yet
page-no-quiet = Every case had a contact.
page-sessions = Sessions that were not held
page-no-sessions = No session is overdue.
page-stale-risks = Risks to be judged again
page-no-stale-risks = Every judgement holds.
page-unread = since { $since }, to be read up to rev. { $revision }
page-no-unread = Every hand-over was read.
page-flags = Flags
page-no-flags = No flag is raised.
page-changed-head = Changed since yesterday
page-changed = now at revision { $revision }, position { $position }
page-no-changed = Nothing was recorded since yesterday.

page-caseload = Caseload
page-day = Day
page-no-cases = Nobody had a case on that day.
page-caseload-months = Weighted load over a year
page-caseload-chart = Weighted load of each worker, month by month. The table below says the same.

page-programme = Programme
page-programme-live = As it stands on { $day }
page-programme-live-what = Internal numbers, small ones included, for those who answer for the programme: not to be passed on. What may be passed on was released, below.
page-programme-none = No family has been referred to a programme yet. The numbers begin with the first referral.
page-programme-funnel = From referral to closure
page-programme-funnel-chart = Families by how far they have come in the programme. The table below says the same.
page-programme-closed = Closed
page-programme-closed-as = Of the closed ones
page-key-reached = came at least so far
page-key-here = stand there now
page-programme-months = Month by month
page-programme-months-chart = Open cases, contacts and sessions, month by month. The table below says the same.
page-programme-most = { $what } (most { $most })
page-programme-risks = Risk now against the first judgement
page-programme-risks-what = Compared are persons judged twice or more whose newest judgement still holds: n of each area. Levels are compared with levels; nothing is added up over areas.
page-programme-risks-chart = Persons whose risk is better, the same or worse than at their first judgement, by area. The table below says the same.
page-programme-area = { $area }, n = { $count }
page-released = Released
page-released-what = What may leave the municipality: quarters that are over, each frozen with its small numbers hidden.
page-released-none = Nothing has been released yet. A quarter that is over is released by the programme manager (ReleaseStatistic, sent with “fokus send”), and then appears here by itself.
page-released-quarters = Quarters
page-released-programmes = Programmes
page-released-chart = { $table }. An empty frame is a hidden number. The table below says the same.
page-released-withdrawn = This quarter was withdrawn. It has no numbers here any more, and those that were read are not to be relied on.
page-released-anew = An earlier release of this quarter was withdrawn; this is what stands.
page-released-all-hidden = Every number of this table is hidden: each rests on too few families, or would give such a number away.
page-hidden = hidden

page-interventions = Interventions
page-interventions-count = { $count ->
        [one] { $count } intervention
       *[other] { $count } interventions
    }
page-no-interventions = No intervention is like that.
page-overdue = session overdue
page-overdue-only = Only with a session overdue

page-history-of = History of { $reference }
page-history-what = Every event as it was recorded, never overlaid; corrections stand as events of their own.
page-verified-what = "Verified" is recomputed in this page, from the event's leaf and its proof, against the root that the checkpoint signs. That guards against a record that was changed; against a server that lies, check a bundle with fokus-verify, which trusts only a public key.
page-verified-needs = The events can be verified where scripts run.
page-verified-all = All events on this page are verified.
page-verified-some = Not all events on this page are verified.
page-verified = ✓ verified
page-not-verified = ✗ not verified
page-checkpoint = The log's checkpoint
page-history-through = Up to revision { $through } of { $revision }.
page-from-start = From the start
page-next = Next events

page-export = Audit bundle
page-export-what = A bundle holds what was recorded, its proofs, and the keys sealed to you alone. It is checked offline, without trusting this server.
page-export-wrong = This is not understood:
page-export-recipient = Recipient to whom the keys are sealed
page-export-recipient-help = An age recipient, age1…, which this makes and prints; the identity stays with you:
page-export-family = Only one family: reference or id
page-export-first = Only a period: first position
page-export-last = last position
page-export-scope = Leave all three empty for the whole log of { $size } leaves.
page-export-go = Make the bundle
page-export-begins = It begins.
page-export-step = { $leaves } of { $of } leaves, { $size } MB
page-export-whole = The bundle is whole: { $of } leaves, { $size } MB.
page-export-broken = The bundle broke off. Make it again.
page-export-then = What to do with it
page-export-then-help = Unpack it, say by which key you know the log, and verify it. Take the key from somewhere else than this server, if you can.
page-export-of-family = Make an audit bundle of this family
page-reads-not-recorded = Who has looked at this family cannot be shown: reads are not recorded yet.

page-operations = Operations
page-halted = A view has halted. What it shows stands still until the cause is mended.
page-municipality = Municipality
page-version = Version
page-log = Log
page-views = Views
page-verifier-key = Verifier key:
page-machines = For machines: /metrics (Prometheus, with an operator's token) and /health.
page-read-only = The log is only read; commands are refused:
page-store = Store
page-store-whole = The whole store, of all municipalities in it; what was written beside a file and is not yet copied in counts.
page-megabytes = { $size } MB
head-part = Part
head-schema = Schema
head-size = Size
