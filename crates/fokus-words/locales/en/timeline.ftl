# What happened in a family. The first letter of a line is made large by the program.

entry-revision = rev. { $revision }
entry-of = entry rev. { $revision }
mark-mistaken = MISTAKEN (rev. { $revision })
mark-corrected = corrected (rev. { $revision })
mark-late = recorded late, { $on }
kind-note = note: { $nature }
kind-session = { $what }: session
timeline-as-of = As of position { $position }, revision { $revision }.

## Days

from-date = from { $date }
until-date = until { $date }
from-to = { $from } to { $to }
on-date = { $date }
by-date = by { $date }
due-date = due { $date }
dated = dated { $date }
open-until = open until { $date }
expected-until = expected until { $date }
valid-until = valid until { $date }
shared-on = shared with the family { $date }
family-told = the family was told { $date }
to-end-by = to end by { $date }

## People

with = with { $people }
by-people = by { $people }
for-whom = for { $whom }
from-source = from { $source }
person-is = { $person }: { $what }
person-role = { $person } ({ $role })
now-role = { $person } is now { $role }
as-role = { $worker } as { $role }
from-to-worker = from { $from } to { $to }
relationship = { $one } is { $kind } { $other }
as-seen-by = as { $person } sees it
with-interpreter = with an interpreter
family-agrees = the family agrees
family-has-not-agreed = the family has not agreed
anonymous = anonymous

## Referral and case

family-knows = the family knows of it
family-does-not-know = the family does not know of it
target-group-met = in the target group
target-group-not-met = not in the target group
place-free = a place is free
place-none = no place is free
priority = { $priority } priority
shown-to = shown to { $agency }
lead-worker = lead worker { $worker }
kle = KLE { $code }
phase-is = phase: { $phase }
before-plan = before the family's plan, which is due { $due }
replaces-lead = instead of the lead before
read-up-to = read up to rev. { $revision }
of-proposal = proposal rev. { $revision }
answered = answered
nobody-answered = nobody answered

## Contacts, assessments, interventions

about-areas = about { $areas }
served-goals = { $goals ->
        [one] served { $goals } goal
       *[other] served { $goals } goals
    }
child-words = the child's own words
proposes = proposes { $what }
area-level = { $area }: { $level }
area-resources = Resources: { $text }
area-problems = Problems: { $text }
area-child = The child: { $text }
area-child-not-heard = The child was not heard: { $text }
area-parents = The parents: { $text }
weight = weight { $band }
instrument-about = { $what } about { $whom }
answered-by = answered by { $respondent }
unlawful = { $share } unlawful
lawful = { $share } lawful
provided-by = by { $provider }
other-goals = other goals
