# Lister og korte svar.

as-of = Som det stod ved position { $position }.

head-family = Familie
head-case = Sag
head-days = Dage
head-members = Medlemmer
head-under-18 = Under 18
head-plan = Plan
head-goals = Mål
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
