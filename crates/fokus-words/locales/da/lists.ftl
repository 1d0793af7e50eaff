# Lister og korte svar.

as-of = Som det stod ved position { $position }.

head-family = Familie
head-case = Sag
head-days = Dage
head-members = Medlemmer
head-under-18 = Under 18
head-plan = Plan
head-active = I gang
head-risk = Risiko
head-last-contact = Seneste kontakt
phase-paused = { $phase } (på pause)
risks-stale = { $count } FORÆLDET

head-position = Position
head-revision = Rev.
head-recorded = Registreret
head-happened = Skete
head-event = Hændelse
head-who = Hvem
head-why = Hvorfor
head-fields = Felter
late-because = forsinket: { $reason }

head-view = Visning
head-view-revision = Revision
head-build = Udgave
head-behind = Bagud
head-state = Tilstand
view-runs = kører
view-halted = STOPPET ved { $position }: { $code }
log-head = Loggen går til position { $position }.
view-rebuilt = { $view } er bygget op igen til position { $position }: { $changed } rækker ændret, { $added } tilføjet, { $removed } fjernet.

send-accepted = linje { $line }: modtaget på position { $position }
send-replayed = linje { $line }: allerede modtaget på position { $position }
send-refused = linje { $line }: { $refusal }
send-stopped = stoppet ved linje { $line }; filen kan trygt sendes igen
send-summary = { $all ->
        [one] { $all } kommando
       *[other] { $all } kommandoer
    }: { $accepted } modtaget, { $replayed } allerede modtaget, { $refused } afvist, { $unreadable } ikke forstået

trajectory-on = Risici, målinger og hændelser til og med { $day }
trajectory-interventions = Indsatser imens
trajectory-left-out = { $count } ældre er udeladt.
steps-stale = { $area }: FORÆLDET, skal vurderes igen
step = { $on } til { $until }: { $what } [rev. { $revision }]
step-replaced = { $on }: { $level }, erstattet samme dag [rev. { $revision }]
series = { $instrument }, besvaret af { $respondent }
point = { $on }, { $occasion }: { $scores }
score-missing = { $count } ubesvarede
incidents-head = Hændelser
incident = { $on }: { $kind } ({ $grade })

caseload-on = Hvem har hvor meget: { $day }
head-worker = Medarbejder
head-weighted = Vægtet
head-leads = Ansvarlig
head-helps = Medvirker
head-children = Børn
head-contacts-14 = Kontakter, 14 dage
head-time-14 = Hos familier
head-direct = Af brugt tid
head-quiet = Uden kontakt, 21 dage
head-unread = Ikke overtaget
head-phase = Fase
head-weight = Vægt
head-marks = Bemærk
case-quiet = ingen kontakt i 21 dage
case-unread = ulæst overdragelse
weights-head = En sag vejer fase × højeste risiko × rolle (foreslåede vægte, ikke målte)
weights-phases = Faser: { $weights }
weights-risks = Risiko: { $weights }
weights-roles = Roller: { $weights }
weight-no-risk = ingen gældende
weight-paused = På pause: × { $weight }

head-intervention = Indsats
head-for = Til
head-since = Siden
head-last-session = Seneste møde
head-sessions = Møder
head-attendance = Fremmøde
head-provider = Ved
state-overdue = { $state }, MØDE MANGLER

head-waits = Afventer godkendelse
head-proposed-by = Foreslået af
head-may-answer = Du kan svare
answer-yes = ja
answer-no = nej

programme-on = Programmet den { $day }
programme-id = Program { $id }
programme-active = { $count ->
        [one] { $count } familie med åben sag
       *[other] { $count } familier med åben sag
    }
head-stage = Hvor langt
head-families = Familier
head-reached = Mindst så langt
head-month = Måned
head-active-families = Åbne sager
head-contacts = Kontakter
head-contact-time = Kontakttid
head-session-time = Mødetid
head-change-of-risk = Risiko mod første vurdering
head-paired = n
head-better = Bedre
head-same = Uændret
head-worse = Værre
head-once = Vurderet én gang
head-stale = Forældet
no-control-group = Der er ingen kontrolgruppe: intet her siger, hvad der var sket uden programmet.
outcomes-of = { $programme }, { $quarter }, frigivet { $on }
outcomes-withdrawn = TRUKKET TILBAGE: ikke til at stole på.
outcomes-hidden = »·« skjuler et tal, der bygger på færre end { $count } familier, eller et, der ville røbe et sådant tal.
outcomes-total = I alt
outcomes-others = Frigivelser: { $quarters }
outcomes-other-withdrawn = { $quarter } (trukket tilbage)
