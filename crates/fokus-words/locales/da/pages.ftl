# Sider.

page-first = Velkommen
page-what-1 = fokus er en journal over arbejdet med familier: Hver kontakt, undersøgelse og indsats står, som den blev registreret, og intet ændres i det skjulte.
page-what-2 = Ud fra det registrerede viser siderne, hvordan hver familie har det, hvad der skal gøres, og hvem der arbejder med hvem.
page-what-3 = Hvad du ser, afhænger af din rolle; hver side siger, fra hvornår den er.
page-demo = Dette er en demo: Alle i den er opdigtede, og dens ur står på 15. december 2020.
page-choose-role = Vælg en rolle
page-token-head = Med dit eget token
page-token = Token
page-token-help = Det bliver i denne browser, til det udløber, eller du logger ud.
page-token-refused = Tokenet godtages ikke: Det kan være udløbet eller lavet til en anden.
page-sign-in = Log ind
page-sign-in-first = Log ind for at se siden.
page-sign-out = Log ud
page-signed-out = Du er logget ud. Indlæs siden igen for at logge ind.
page-go-on = Videre
page-again = Et øjeblik
page-again-go = Videre til siden
page-skip = Gå til indholdet
page-nav = Sider
page-follows = Siden følger med i, hvad der sker.
page-lost = Ingen forbindelse til serveren; prøver igen.
page-to-first = Til forsiden

page-problem = Siden kan ikke vises
page-not-found = Her er intet, eller ikke længere.
page-not-found-help = Adressen kan være skrevet forkert, eller linket er gammelt. Se i listen over familier.
page-denied = Din rolle må ikke se dette.
page-denied-help = Spørg din teamleder, om du har brug for det i dit arbejde.
page-unavailable = Journalen svarer ikke i tide.
page-unavailable-help = Prøv igen om lidt. Intet er gået tabt.
page-corrupt = Det gemte modsiger sig selv.
page-corrupt-help = Sig det straks til driften, og hvad der står nedenfor.
page-invalid = Noget af det, der er spurgt om, forstås ikke.
page-invalid-help = Gå tilbage, og vælg igen. Nedenfor står hvilket felt, og hvad der ventes.

page-clocks = Fra et andet tidspunkt
page-known = Som kendt (en dag eller en position)
page-was = Som det var
page-clocks-help = Som kendt: hvad der var registreret da. Som det var: hvad der var sket da.
page-past = Du ser på fortiden.
page-show = Vis
page-reset = Begynd forfra
page-all = alle

page-families = Familier
page-text = Navn eller nummer
page-waits = Venter
page-stale = { $count } forældet
page-families-count = { $count ->
        [one] { $count } familie
       *[other] { $count } familier
    }
page-cut = Der er flere, end en side læser: Vælg færre.
page-none-match = Ingen familie er sådan. Vælg mindre, eller begynd forfra.
page-no-families = Der er endnu ingen familier. De kommer med den første kommando.

page-attention-line = { $count } kræver handling
page-timeline = Hvad der skete
page-lanes-chart = Hvad der skete, efter person og myndighed. Listen nedenfor siger det samme.
page-from = Fra
page-to = Til
page-three-months = Tre måneder
page-year = Et år
page-everything = Alt
page-entries = { $shown ->
        [one] Den nyeste af { $count } notater
       *[other] De nyeste { $shown } af { $count } notater
    }
page-all-entries = Vis alle { $count } notater
page-with-mistaken = Vis også fejlmarkerede notater
page-without-mistaken = Uden fejlmarkerede notater
page-no-entries = Der skete intet i perioden.
page-as-recorded = som registreret
page-entries-cut = Der er flere notater, end en side læser; de ældste vises.
page-key-contact = kontakt, møde
page-key-assessment = undersøgelse, vurdering
page-key-intervention = indsats (streg: så længe den varer)
page-key-case = sag, plan, henvisning
page-key-note = notat
page-key-incident = hændelse, markering
page-key-corrected = ring: rettet
page-risk-chart = Risiko for { $person }, som vurderet. Tabellen nedenfor siger det samme.
page-risk-help = En vurdering står til den næste, og ikke længere, end den gælder. Intet lægges sammen. Hvor der ingen linje er, står ingen vurdering: Det er ikke lav.
page-out-of-date = forældet
page-no-risks = Ingen risiko er vurderet endnu.
page-from-until = Fra { $from } til { $until }
head-area = Område
head-level = Niveau
head-change = Ændring
head-judged = Vurderet
head-stands = Står til
head-by = Af
head-entry = Notat
page-who-family = Hvem familien er
page-genogram-chart = Familien efter husstand: Firkanter er mænd, cirkler kvinder, ruder andre. Tabellerne siger det samme.
page-relationships = Relationer
page-no-relationships = Ingen relation er beskrevet.
head-person = Person
head-relation = Er
head-to = Til hvem
head-quality = Hvordan
page-who-works = Hvem der arbejder med familien
page-workers = Medarbejdere
head-from = Fra
head-until = Til
page-others = Hvem der har skrevet, og hvem noget kom fra
head-entries = Notater
head-last = Senest
page-no-workers = Ingen er tilknyttet.
page-entry = Notat { $revision } som registreret
page-entry-original = Som det først blev registreret
page-entry-later = Hvad der kom til
page-entry-back = Tilbage til familien
page-history = Hele historikken
RoleSees =
    .CASEWORKER = Familier, deres forløb og risici, og hvad der skal gøres.
    .TEAM_LEAD = Det samme, og hvem der har hvor meget, og hvad der afventer godkendelse.
    .PROGRAMME_MANAGER = Hvordan programmet går, i tal.
    .AUDITOR = Hele historikken med dens oprindelige ord og dens beviser.
    .OPERATOR = Hvordan journalen selv kører; ingen persondata.
    .DASHBOARD = Det, der er frigivet af programmet, og intet andet.
page-nothing-for-role = Dit token gælder ikke til nogen side her: Bed den, der gav dig det, om et med et andet formål.

page-today = I dag
page-everybody = alle
page-deadlines = Frister
page-deadlines-later = Lovens frister beregnes endnu ikke; de kommer til at stå her.
page-you-may-answer = du kan svare
page-no-approvals = Intet afventer en anden.
page-quiet = Ingen kontakt i 21 dage
page-quiet-since = seneste kontakt { $on }
page-quiet-always = ingen kontakt endnu
page-no-quiet = Der har været kontakt i alle sager.
page-sessions = Møder, der ikke blev holdt
page-no-sessions = Intet møde mangler.
page-stale-risks = Risici, der skal vurderes igen
page-no-stale-risks = Alle vurderinger gælder.
page-unread = siden { $since }, skal læses til og med rev. { $revision }
page-no-unread = Alle overdragelser er læst.
page-flags = Markeringer
page-no-flags = Intet er markeret.
page-changed-head = Ændret siden i går
page-changed = nu på revision { $revision }, position { $position }
page-no-changed = Intet er registreret siden i går.

page-caseload = Sagstal
page-day = Dag
page-no-cases = Ingen havde en sag den dag.
page-caseload-months = Vægtet sagstal over et år
page-caseload-chart = Hver medarbejders vægtede sagstal, måned for måned. Tabellen nedenfor siger det samme.

page-programme = Programmet
page-programme-live = Som det står { $day }
page-programme-live-what = Interne tal, også små, til dem, der har ansvar for programmet: De må ikke gives videre. Hvad der må gives videre, er frigivet nedenfor.
page-programme-none = Ingen familie er henvist til et program endnu. Tallene begynder med den første henvisning.
page-programme-funnel = Fra henvisning til afslutning
page-programme-funnel-chart = Familier efter, hvor langt de er kommet i programmet. Tabellen nedenfor siger det samme.
page-programme-closed = Afsluttet
page-programme-closed-as = Af de afsluttede
page-key-reached = kom mindst så langt
page-key-here = står dér nu
page-programme-months = Måned for måned
page-programme-months-chart = Åbne sager, kontakter og møder, måned for måned. Tabellen nedenfor siger det samme.
page-programme-most = { $what } (højst { $most })
page-programme-risks = Risiko nu mod første vurdering
page-programme-risks-what = Der sammenlignes personer, som er vurderet mindst to gange, og hvis nyeste vurdering stadig gælder: n for hvert område. Niveauer sammenlignes med niveauer; intet lægges sammen på tværs af områder.
page-programme-risks-chart = Personer, hvis risiko er bedre, uændret eller værre end ved første vurdering, efter område. Tabellen nedenfor siger det samme.
page-programme-area = { $area }, n = { $count }
page-released = Frigivet
page-released-what = Hvad der må forlade kommunen: kvartaler, der er forbi, hvert frosset med sine små tal skjult.
page-released-none = Intet er frigivet endnu. Et kvartal, der er forbi, frigives af programlederen (ReleaseStatistic, sendt med »fokus send«) og kommer så her af sig selv.
page-released-quarters = Kvartaler
page-released-programmes = Programmer
page-released-chart = { $table }. En tom ramme er et skjult tal. Tabellen nedenfor siger det samme.
page-released-withdrawn = Kvartalet er trukket tilbage. Det har ikke længere tal her, og de tal, der blev læst, kan man ikke stole på.
page-released-anew = En tidligere frigivelse af kvartalet er trukket tilbage; dette er, hvad der gælder.
page-released-all-hidden = Alle tal i tabellen er skjult: Hvert bygger på for få familier eller ville røbe et sådant tal.
page-hidden = skjult

page-interventions = Indsatser
page-interventions-count = { $count ->
        [one] { $count } indsats
       *[other] { $count } indsatser
    }
page-no-interventions = Ingen indsats er sådan.
page-overdue = møde mangler
page-overdue-only = Kun hvor et møde mangler

page-history-of = Historik for { $reference }
page-history-what = Hver hændelse, som den blev registreret, aldrig overskrevet; rettelser står som hændelser for sig.
page-verified-what = "Efterprøvet" regnes ud på denne side, fra hændelsens blad og dens bevis, mod den rod, som checkpointet underskriver. Det værner mod, at noget er ændret; mod en server, der lyver, efterprøves en pakke med fokus-verify, som kun stoler på en offentlig nøgle.
page-verified-needs = Hændelserne kan efterprøves, hvor scripts kører.
page-verified-all = Alle hændelser på siden er efterprøvet.
page-verified-some = Ikke alle hændelser på siden kunne efterprøves.
page-verified = ✓ efterprøvet
page-not-verified = ✗ ikke efterprøvet
page-checkpoint = Loggens checkpoint
page-history-through = Til og med revision { $through } af { $revision }.
page-from-start = Fra begyndelsen
page-next = Næste hændelser

page-export = Revisionspakke
page-export-what = En pakke rummer, hvad der er registreret, beviserne for det, og nøglerne, forseglet til dig alene. Den efterprøves uden net, og uden tillid til denne server.
page-export-wrong = Det her er ikke til at forstå:
page-export-recipient = Modtager, som nøglerne forsegles til
page-export-recipient-help = En age-modtager, age1…, som dette laver og skriver; identiteten bliver hos dig:
page-export-family = Kun én familie: reference eller id
page-export-first = Kun en periode: første position
page-export-last = sidste position
page-export-scope = Lad alle tre stå tomme for hele loggen på { $size } blade.
page-export-go = Lav pakken
page-export-begins = Den begynder.
page-export-step = { $leaves } af { $of } blade, { $size } MB
page-export-whole = Pakken er hel: { $of } blade, { $size } MB.
page-export-broken = Pakken blev afbrudt. Lav den igen.
page-export-then = Hvad man gør med den
page-export-then-help = Pak den ud, sig, hvilken nøgle du kender loggen ved, og efterprøv den. Hent nøglen et andet sted end fra denne server, hvis du kan.
page-export-of-family = Lav en revisionspakke for denne familie
page-reads-not-recorded = Hvem der har set på familien, kan ikke vises: opslag registreres endnu ikke.

page-operations = Drift
page-halted = En visning er stoppet. Hvad den viser, står stille, til årsagen er rettet.
page-municipality = Kommune
page-version = Version
page-log = Log
page-views = Visninger
page-verifier-key = Nøgle til efterprøvning:
page-machines = For maskiner: /metrics (Prometheus, med en driftsrolles token) og /health.
page-read-only = Loggen kan kun læses; kommandoer afvises:
page-store = Lager
page-store-whole = Hele lageret, for alle kommuner i det; hvad der er skrevet ved siden af en fil og endnu ikke flyttet ind, tælles med.
page-megabytes = { $size } MB
head-part = Del
head-schema = Skema
head-size = Størrelse
