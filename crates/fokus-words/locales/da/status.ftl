# Hvordan en familie har det.

status-family = Familie { $reference }
status-undone = OPRETTELSEN ER FORTRUDT: Denne familie skulle ikke have været oprettet.
status-lead = Sagsansvarlig: { $worker }
status-as-of = Som det stod ved position { $position }. Familie { $family }, revision { $revision }, seneste hændelse på position { $last }.
the-family = familien
never = aldrig

case-open = Sagen har været åben siden { $since }
case-open-days = Sagen har været åben siden { $since } ({ $days ->
        [one] { $days } dag
       *[other] { $days } dage
    })
case-phase = { $case }; fase: { $phase }
case-paused = { $case }; på pause fra { $from }, forventet til og med { $until }
case-closure-proposed = { $case }; foreslået afsluttet
case-closure-approved = { $case }; afslutningen er godkendt, men sagen er endnu ikke afsluttet
case-closed = Sagen blev afsluttet { $on }: { $outcome }
case-closed-days = Sagen blev afsluttet { $on } efter { $days ->
        [one] { $days } dag
       *[other] { $days } dage
    }: { $outcome }
case-contact-afterwards = seneste kontakt derefter { $on }
case-none = Ingen sag: { $referral }
referral-none = der er ingen henvisning
referral-offered-until = der er tilbudt en plads til og med { $until }

attention-head = Kræver handling
attention-nothing = Intet kræver handling.
attention-for = { $what } for { $person }
attention-approval = Skal godkendes af en anden: { $what }, foreslået af { $by } { $since } (rev. { $revision })
attention-handover = Overdragelsen til { $worker } siden { $since } er ikke gennemført: skal læses til og med rev. { $revision }
attention-plan-due = Familieplanen skal være klar { $due }: et ungespor blev åbnet før den
attention-stale = Risikoen skal vurderes igen: { $person }, { $area } (var { $level } til og med { $until })
attention-flag = Markering: { $kind }, siden { $since } (rev. { $revision })
attention-flag-due = Markering: { $kind }, siden { $since }, frist { $due } (rev. { $revision })
attention-overdue = Intet møde i { $days } dage: { $what }
attention-no-session = Endnu intet møde: { $what }

members-head = Familiemedlemmer ({ $ages })
members-under-18 = { $count } under 18 år
members-10-to-25 = { $count } mellem 10 og 25 år
members-age-unknown = { $count } med ukendt alder
head-name = Navn
head-role = Rolle
head-age = Alder
head-lives = Bor
special-care = ! { $person }: { $kind } (til og med { $until })
member-died = { $person } døde { $on }.
member-speaks = { $person } taler { $speech }.
needs-interpreter = har brug for tolk
no-relative-interpreter = ingen pårørende som tolk
primary-contact = Primær kontakt: { $person }, { $channel }
primary-contact-interpreter = Primær kontakt: { $person }, { $channel }, med tolk
network = Netværk: { $people }
network-person = { $person } ({ $role })
network-person-not-agreed = { $person } ({ $role }, ikke aftalt med familien)
education-and-work = Uddannelse og arbejde: { $reports }
report-since = { $person }: { $status } siden { $from }

plan-head = Plan
plan-family = Familieplan: { $state }
plan-goals = { $goals ->
        [0] ingen mål
       *[other] { $goals } mål
    }
plan-worked-on = der er arbejdet med { $goals }
plan-worked-on-last = der er arbejdet med { $goals }, senest { $last }
plan-youth-track = Ungespor: { $youths }

interventions-head = Indsatser ({ $active ->
        [0] ingen i gang
       *[other] { $active } i gang
    })
intervention-for = { $what } til { $whom }
intervention-ordered = { $what }: bestilt
intervention-running = { $what }: i gang siden { $started }
intervention-paused = { $what }: på pause; begyndt { $started }
intervention-ended = { $what }: afsluttet; { $started } til { $ended }
intervention-declined = { $what }: familien har takket nej
sessions = { $sessions ->
        [one] { $sessions } møde
       *[other] { $sessions } møder
    } ({ $time })

risks-head = Risiko, som vurderet
risk-holds = { $area }: { $level } ({ $direction }), vurderet { $on }, gælder til og med { $until }
risk-stale = { $area }: FORÆLDET; var { $level }, vurderet { $on }, gjaldt til og med { $until }

contacts-head = Kontakter
contact-last = Seneste kontakt: { $at }
contact-child = Med et barn eller en ung: { $at }
contact-home = I hjemmet: { $at }
contacts-all = { $contacts ->
        [one] { $contacts } kontakt
       *[other] { $contacts } kontakter
    } ({ $time }), { $notes ->
        [one] { $notes } notat
       *[other] { $notes } notater
    }
written-down = Journalført: { $parts }
written = { $in_time } rettidigt, { $late } for sent
unwritten = { $contacts ->
        [one] { $contacts } kontakt
       *[other] { $contacts } kontakter
    } uden tekst
incidents = { $count ->
        [one] { $count } hændelse
       *[other] { $count } hændelser
    }, senest { $last }
corrected = { $count ->
        [one] { $count } notat
       *[other] { $count } notater
    } rettet inden for de seneste 30 dage

changed-revision = revision { $revision }
changed-plan = plan: { $plan }
changed-active = { $active ->
        [one] { $active } aktiv indsats
       *[other] { $active } aktive indsatser
    }
changed-undone = oprettelsen er fortrudt
changed-last-contact = seneste kontakt { $on }
