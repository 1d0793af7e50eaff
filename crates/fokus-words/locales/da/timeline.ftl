# Hvad der skete i en familie. Programmet gør en linjes første bogstav stort.

entry-revision = rev. { $revision }
entry-of = notat rev. { $revision }
mark-mistaken = FEJL (rev. { $revision })
mark-corrected = rettet (rev. { $revision })
mark-late = registreret for sent, { $on }
kind-note = notat: { $nature }
kind-session = { $what }: møde
timeline-as-of = Som det stod ved position { $position }, revision { $revision }.

## Dage

from-date = fra { $date }
until-date = til og med { $date }
from-to = { $from } til { $to }
on-date = { $date }
by-date = senest { $date }
due-date = frist { $date }
dated = dateret { $date }
open-until = gælder til og med { $date }
expected-until = forventet til og med { $date }
valid-until = gælder til og med { $date }
shared-on = drøftet med familien { $date }
family-told = familien fik besked { $date }
to-end-by = afsluttes senest { $date }

## Personer

with = med { $people }
by-people = af { $people }
for-whom = for { $whom }
from-source = fra { $source }
person-is = { $person }: { $what }
person-role = { $person } ({ $role })
now-role = { $person } er nu { $role }
as-role = { $worker } som { $role }
from-to-worker = fra { $from } til { $to }
relationship = { $one } er { $kind } { $other }
as-seen-by = som { $person } ser det
with-interpreter = med tolk
family-agrees = aftalt med familien
family-has-not-agreed = ikke aftalt med familien
anonymous = anonymt

## Henvisning og sag

family-knows = familien er orienteret
family-does-not-know = familien er ikke orienteret
target-group-met = i målgruppen
target-group-not-met = uden for målgruppen
place-free = der er en ledig plads
place-none = der er ingen ledig plads
priority = { $priority } prioritet
shown-to = henvist videre til { $agency }
lead-worker = sagsansvarlig { $worker }
kle = KLE { $code }
phase-is = fase: { $phase }
before-plan = før familieplanen, som skal være klar { $due }
replaces-lead = i stedet for den hidtidige sagsansvarlige
read-up-to = læst til og med rev. { $revision }
of-proposal = forslag rev. { $revision }
answered = fik svar
nobody-answered = ingen svarede

## Kontakter, undersøgelser, indsatser

about-areas = om { $areas }
served-goals = der blev arbejdet med { $goals } mål
child-words = barnets egne ord
proposes = foreslår { $what }
area-level = { $area }: { $level }
area-resources = Ressourcer: { $text }
area-problems = Problemer: { $text }
area-child = Barnet: { $text }
area-child-not-heard = Barnet er ikke hørt: { $text }
area-parents = Forældrene: { $text }
weight = vægt: { $band }
instrument-about = { $what } om { $whom }
answered-by = besvaret af { $respondent }
unlawful = { $share } ulovligt
lawful = { $share } lovligt
provided-by = ved { $provider }
other-goals = andre mål
