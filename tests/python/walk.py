"""Walks one family's story over gRPC, knowing nothing but what reflection tells, and meets a refusal of
each status that a client can bring about.

    walk.py ADDRESS TOKENS [PID]

TOKENS is a folder with `caseworker.jwt`, `team-lead.jwt`, `auditor.jwt` and `operator.jwt`, as
`fokus demo` writes them; the store must be one of invented people, and its clock today's. With the
server's process id, the walk ends by asking it to stop while somebody watches. Prints a line for each step; the first
difference ends it with exit code 1.
"""

import datetime
import json
import os
import pathlib
import random
import signal
import sys
import threading
import uuid
import zoneinfo

from client import Client, Refusal

SERVICES = ["AuditService", "FamilyService", "JournalService", "OperationsService", "WorkService"]
FOLLOW_SECONDS_MAX = 15
# One connection may have 32 calls at work.
CALLS_AT_ONCE = 60


class Difference(Exception):
    """What came was not what should have come."""


def expect(found, wanted, what):
    if found != wanted:
        raise Difference(f"{what}: wanted {wanted!r}, found {found!r}")


def told(what):
    print(f"ok  {what}", flush=True)


def new_id():
    return str(uuid.uuid4())


def day(offset=0):
    """A day as the journal counts days, whatever time zone this machine is in."""
    today = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Copenhagen")).date()
    return (today + datetime.timedelta(days=offset)).isoformat()


class Walk:
    """The story; each part uses what the parts before it made."""

    def __init__(self, address, tokens):
        token = lambda role: (tokens / f"{role}.jwt").read_text().strip()
        self.address = address
        self.worker = Client(address, token("caseworker"))
        self.lead = Client(address, token("team-lead"))
        self.auditor = Client(address, token("auditor"))
        self.operator = Client(address, token("operator"))
        self.family, self.mother, self.youth, self.child = (new_id() for _ in range(4))
        self.programme, self.employee, self.referral, self.case = (new_id() for _ in range(4))
        self.assessment, self.plan, self.goal, self.intervention = (new_id() for _ in range(4))
        self.reference = f"PY-{random.randint(1900, 2099)}-{random.randint(100, 99999)}"
        self.position = 0
        self.revision = 0

    # Calls.

    def request(self, command, fields, **words):
        request = {"command_id": new_id(), "purpose": "PURPOSE_CASEWORK", command: fields}
        return request | words

    def execute(self, request, client=None):
        """Carries a request out, and checks what every accepted command's answer has."""
        answer = (client or self.worker).call("JournalService", "Execute", request)
        if not answer["replayed"]:
            expect(answer["position"] > self.position, True, "positions grow")
            self.position = answer["position"]
        for stream in answer["streams"]:
            if stream["id"] == self.family:
                self.revision = stream["revision"]
        return answer

    def do(self, command, fields, client=None, **words):
        answer = self.execute(self.request(command, fields, **words), client)
        told(command)
        return answer

    def on_family(self, command, fields, **words):
        return self.do(command, {"family_id": self.family} | fields, **words)

    def read(self, name, request, client=None):
        words = {"purpose": "PURPOSE_CASEWORK", "family_id": self.family}
        return (client or self.worker).call("FamilyService", name, words | request)

    def status(self, **request):
        return self.read("GetFamilyStatus", {"min_position": self.position} | request)["status"]

    def timeline(self, **request):
        return self.read("GetTimeline", {"min_position": self.position} | request)["entries"]

    def refused(self, status, reason, call, field=None, **metadata):
        """Makes a call that must be refused, so and not otherwise."""
        try:
            answer = call()
        except Refusal as refusal:
            expect(refusal.status, status, f"status of {reason}")
            expect(refusal.reason, reason, f"reason with {status}")
            expect(refusal.domain, "fokus" if reason else "", f"domain of {reason}")
            if field is not None:
                expect(refusal.field, field, f"field of {reason}")
            for key, value in metadata.items():
                expect(refusal.metadata.get(key), value, f"{key} of {reason}")
            told(f"refused: {status} {reason}")
            return
        raise Difference(f"{status} {reason} did not come, but {answer!r}")

    # The story.

    def walk(self):
        self.services()
        self.organisation()
        self.people()
        self.intake()
        self.assessed()
        self.planned()
        self.helped()
        self.corrected()
        self.told_back()
        self.audited()
        self.operated()
        self.refusals()

    def services(self):
        served = self.worker.services()
        for name in SERVICES:
            expect(f"fokus.v1.{name}" in served, True, f"{name} is served")
        told("reflection lists the services")

    def organisation(self):
        self.do("open_programme", {
            "programme_id": self.programme,
            "name": "Families first",
            "first_case_from": day(-400),
            "capacity_families": 60,
            "criteria": [{"code": "AT_RISK", "mandatory": True, "text": "Is a child at risk?"}],
        }, client=self.lead)
        self.do("employ_worker", {
            "worker_id": self.employee,
            "name": "Mette Holm",
            "subject": f"worker-{self.employee}",
            "agency": "AGENCY_SOCIAL",
            "employed_from": day(-400),
        }, client=self.lead)

    def people(self):
        for person, given, born in [
            (self.mother, "Amina", "1981-04-12"),
            (self.youth, "Yusuf", day(-14 * 366)),
            (self.child, "Leyla", day(-8 * 366)),
        ]:
            self.do("register_person", {
                "person_id": person,
                "name": {"given": given, "family": "Haddad"},
                "birth": {"date": born, "precision": "BIRTH_PRECISION_EXACT"},
                "source": "PERSON_SOURCE_MANUAL",
                "is_synthetic": True,
            })
        self.registration = self.request("register_family", {
            "family_id": self.family,
            "reference": self.reference,
            "initial_members": [
                {"person_id": self.mother, "role": "FAMILY_ROLE_MOTHER"},
                {"person_id": self.youth, "role": "FAMILY_ROLE_CHILD"},
                {"person_id": self.child, "role": "FAMILY_ROLE_CHILD"},
            ],
            "source": "FAMILY_SOURCE_REFERRAL",
        })
        self.registered = self.execute(self.registration)
        told("register_family")
        again = self.execute(self.registration)
        expect(again["replayed"], True, "the same command again is replayed")
        for field in ["position", "streams", "event_ids", "recorded_at"]:
            expect(again[field], self.registered[field], f"{field} of a replay")
        outcome = self.worker.call("JournalService", "GetCommand", {
            "command_id": self.registration["command_id"], "purpose": "PURPOSE_CASEWORK",
        })["outcome"]
        expect(outcome["position"], self.registered["position"], "GetCommand")
        told("a repeated command has one outcome")

    def intake(self):
        self.on_family("submit_referral", {
            "referral_id": self.referral,
            "programme_id": self.programme,
            "agency": "AGENCY_SCHOOL",
            "risk_areas": ["RISK_AREA_SCHOOL_THRIVING"],
            "grounds": "Absent from school since the summer.",
            "family_knows": True,
        })
        self.on_family("triage_referral", {
            "referral_id": self.referral,
            "target_group": {"met": True, "criteria": [
                {"code": "AT_RISK", "met": True, "grounds": "Seen at school."},
            ]},
            "capacity": True,
            "priority": "PRIORITY_HIGH",
        })
        self.on_family("open_case", {
            "case_id": self.case,
            "programme_id": self.programme,
            "referral_id": self.referral,
            "opened_on": day(),
            "kle": "27.27.09",
            "lead_worker_id": self.employee,
            "regime": "REGIME_BL",
        }, legal_basis={"code": "BL_32", "provision": "§ 32"})
        status = self.status()
        expect(status["reference"], self.reference, "reference")
        expect(status["case_state"], "CASE_STATE_OPEN", "case")
        expect(status["phase"], "CASE_PHASE_ENGAGEMENT", "phase of a new case")
        expect(status["days_open"], 0, "days open")
        expect(len(status["members"]), 3, "members")
        expect(sorted(it["name"]["given"] for it in status["members"]),
               ["Amina", "Leyla", "Yusuf"], "names")
        expect(status["children_under_18"], 2, "children")
        expect(status["youth_10_to_25"], 1, "youth")
        told("the status shows the open case")

    def youth_track(self):
        return self.request("open_youth_track", {
            "family_id": self.family, "youth_id": self.youth, "track_id": new_id(),
        })

    def assessed(self):
        self.refused("FAILED_PRECONDITION", "FAMILY_FIRST",
                     lambda: self.execute(self.youth_track()))
        self.on_family("enter_case_phase", {"phase": "CASE_PHASE_FAMILY_ASSESSMENT"})
        self.on_family("start_assessment", {
            "assessment_id": self.assessment,
            "kind": "ASSESSMENT_KIND_FAMILY_ASSESSMENT",
            "regime": "REGIME_BL",
        })
        self.contact_id = new_id()
        self.visit = {
            "family_id": self.family,
            "contact_id": self.contact_id,
            "kind": "CONTACT_KIND_VISIT",
            "minutes": 45,
            "present": [self.mother, self.youth],
            "text": "Yusuf told of the football club.",
        }
        contact = self.do("record_contact", self.visit)
        self.contact = {"revision": contact["streams"][0]["revision"]}
        self.on_family("record_note", {
            "note_id": new_id(),
            "nature": "NOTE_NATURE_FACT",
            "grade": "GRADE_CERTAIN",
            "source": "The school",
            "about": [self.youth],
            "text": "The school keeps a place for Yusuf.",
        })
        self.on_family("judge_risk", {
            "person_id": self.youth,
            "risk_area": "RISK_AREA_SCHOOL_THRIVING",
            "level": "RISK_LEVEL_HIGH",
            "direction": "RISK_DIRECTION_FIRST",
            "basis": [self.contact],
            "reasoning": "Absent every Monday since the summer, and alone in the breaks.",
            "valid_until": day(90),
        })
        self.on_family("conclude_assessment", {
            "assessment_id": self.assessment,
            "conclusion": "Support in the home and at school.",
            "proposal": "ASSESSMENT_PROPOSAL_SUPPORT",
            "shared_with_family_on": day(),
        })
        risk = self.status()["risks"][0]
        expect((risk["level"], risk["stale"]), ("RISK_LEVEL_HIGH", False), "risk")

    def planned(self):
        self.on_family("enter_case_phase", {"phase": "CASE_PHASE_FAMILY_PLAN"})
        self.on_family("draft_plan", {"plan_id": self.plan, "kind": "PLAN_KIND_FAMILY"})
        levels = ["minus_two", "minus_one", "zero", "plus_one", "plus_two"]
        self.on_family("set_goal", {
            "plan_id": self.plan,
            "goal_id": self.goal,
            "theme": "GOAL_THEME_SCHOOL",
            "risk_area": "RISK_AREA_SCHOOL_THRIVING",
            "statement": "To school every day.",
            "family_words": "We get up together.",
            "levels": {level: f"Days at school, level {level}." for level in levels},
            "weight": 3,
            "baseline": -1,
            "target_date": day(120),
        })
        heard = [{"person_id": it, "how": "Talked at home."} for it in [self.youth, self.child]]
        self.on_family("agree_plan", {
            "plan_id": self.plan,
            "agreed_by": [{"person_id": self.mother, "manner": "AGREEMENT_MANNER_SIGNED"}],
            "children_heard": heard,
        })
        expect(self.status()["family_plan_state"], "PLAN_STATE_AGREED", "plan")

    def helped(self):
        self.on_family("enter_case_phase", {"phase": "CASE_PHASE_FAMILY_INTERVENTION"})
        this = {"intervention_id": self.intervention}
        self.on_family("order_intervention", this | {
            "type": "INTERVENTION_TYPE_FAMILY_TREATMENT",
            "goal_ids": [self.goal],
            "provider": "Team South",
            "planned": {"start": day(), "end": day(120), "sessions": 12},
        })
        self.on_family("start_intervention", this | {"on": day()})
        self.on_family("hold_session", this | {
            "on": day(),
            "minutes": 60,
            "attendance": [{"person_id": self.mother, "state": "ATTENDANCE_STATE_PRESENT"}],
            "note": "Looked at the mornings.",
        })
        self.on_family("end_intervention", this | {
            "on": day(), "reason": "INTERVENTION_END_REASON_COMPLETED", "result": "Mornings work.",
        })
        self.execute(self.youth_track())
        told("open_youth_track, after the family")
        status = self.status()
        expect(status["interventions"][0]["state"], "INTERVENTION_STATE_ENDED", "intervention")
        expect(status["interventions"][0]["minutes"], 60, "minutes of sessions")
        expect(status["youth_with_track"], [self.youth], "youth track")

    def entry(self, revision, **request):
        found = [it for it in self.timeline(**request) if it["revision"] == revision]
        return found[0] if found else None

    def corrected(self):
        before = self.position
        entry = {"stream": {"kind": "STREAM_KIND_FAMILY", "id": self.family}, "entry": self.contact}
        revision = self.contact["revision"]
        self.do("correct_entry", entry | {
            "reason": "CORRECTION_REASON_TYPO",
            "explanation": "It was an hour.",
            "corrected": {"record_contact": self.visit | {"minutes": 60}},
        })
        now = self.entry(revision)
        expect(json.loads(now["facts_json"])["minutes"], 60, "minutes after the correction")
        expect(now["corrected_by"], self.revision, "corrected by")
        expect(self.status()["contact_minutes"], 60, "the status counts corrected minutes")
        then = self.entry(revision, clocks={"known_at_position": before})
        expect(json.loads(then["facts_json"])["minutes"], 45, "minutes as known before")
        self.do("mark_mistaken", entry | {
            "reason": "MISTAKE_REASON_DUPLICATE", "explanation": "Written twice.",
        })
        expect(self.entry(revision), None, "a mistaken entry is not shown")
        shown = self.entry(revision, include_mistaken=True)
        expect(shown["mistaken_by"], self.revision, "mistaken by")
        expect(self.status()["contacts"], 0, "a mistaken contact does not count")
        self.do("withdraw_mistaken_mark", entry | {"explanation": "It was not written twice."})
        expect(self.entry(revision)["mistaken_by"], 0, "the mark is withdrawn")
        expect(self.status()["contacts"], 1, "the contact counts again")
        told("corrections and marks are applied, and the past stays known")

    def told_back(self):
        texts = [json.loads(field["json"]) for entry in self.timeline()
                 for field in entry["personal"] if field["name"] == "text"]
        expect("Yusuf told of the football club." in texts, True, "the visit's text")
        whole = self.timeline()
        paged, token = [], ""
        while True:
            page = self.read("GetTimeline", {"page_size": 5, "page_token": token})
            paged += page["entries"]
            token = page["next_page_token"]
            if not token:
                break
        expect([it["event_id"] for it in paged], [it["event_id"] for it in whole], "pages")
        listed, token = [], ""
        while True:
            page = self.worker.call("FamilyService", "ListFamilies", {
                "purpose": "PURPOSE_CASEWORK", "page_size": 3, "page_token": token,
                "min_position": self.position,
            })
            listed += [it["family_id"] for it in page["families"]]
            token = page["next_page_token"]
            if not token:
                break
        expect(listed.count(self.family), 1, "the family is listed once")
        yesterday = self.read("GetTimeline", {"clocks": {"was_at_date": day(-1)}})["entries"]
        expect(yesterday, [], "nothing had happened yesterday")
        told("timeline, list and clocks agree")
        self.watched()

    def watched(self):
        """A change while somebody watches is seen by whoever watches."""
        after, seen = self.position, []
        watcher = threading.Thread(target=lambda: seen.extend(self.worker.stream(
            "FamilyService", "WatchFamilies",
            {"purpose": "PURPOSE_CASEWORK", "after_position": after}, wanted=1)))
        watcher.start()
        self.on_family("record_note", {
            "note_id": new_id(), "nature": "NOTE_NATURE_FACT", "grade": "GRADE_CERTAIN",
            "text": "Somebody watches.",
        })
        watcher.join(FOLLOW_SECONDS_MAX)
        expect(len(seen), 1, "changes seen")
        expect(seen[0]["family"]["family_id"], self.family, "the family that changed")
        expect(seen[0]["as_of_position"] >= self.position, True, "the position of the change")
        told("a watch sees the change")

    def audited(self):
        stream = {"kind": "STREAM_KIND_FAMILY", "id": self.family}
        answers = self.auditor.stream("AuditService", "ReadHistory",
                                      {"purpose": "PURPOSE_AUDIT", "stream": stream})
        events = [event for answer in answers for event in answer["events"]]
        expect([it["revision"] for it in events], list(range(1, self.revision + 1)), "revisions")
        first = events[0]
        expect(first["type"], "FamilyRegistered", "first event")
        expect(first["event_id"], self.registered["event_ids"][0], "id of the first event")
        expect(first["command_id"], self.registration["command_id"], "command of the first event")
        visit = events[self.contact["revision"] - 1]
        minutes = [it["json"] for it in visit["fields"] if it["name"] == "minutes"]
        expect(minutes, ["45"], "a history is never overlaid")
        log = self.auditor.stream("AuditService", "ReadHistory",
                                  {"purpose": "PURPOSE_AUDIT", "after_position": first["position"] - 1,
                                   "limit": 5})
        positions = [event["position"] for answer in log for event in answer["events"]]
        expect(positions, list(range(first["position"], first["position"] + 5)), "positions are dense")
        note = self.auditor.call("AuditService", "GetCheckpoint", {"purpose": "PURPOSE_AUDIT"})
        expect(bool(note["verifier_key"]), True, "verifier key")
        told("history and checkpoint")

    def operated(self):
        words = {"purpose": "PURPOSE_OPERATIONS"}
        views = self.operator.call("OperationsService", "ListViews", words)
        for view in views["views"]:
            expect(view["halted_at"], 0, f"{view['name']} runs")
        name = views["views"][0]["name"]
        last = self.operator.stream("OperationsService", "RebuildView", words | {"name": name})[-1]
        expect(last["done"], True, "the rebuild ends")
        changes = [last[f"rows_{it}"] for it in ["changed", "added", "removed"]]
        expect(changes, [0, 0, 0], "a rebuild gives the same rows")
        told(f"rebuilt {name}, nothing changed")

    # One refusal of each status.

    def refusals(self):
        def contact(**changes):
            fields = self.visit | {"contact_id": new_id()} | changes
            return self.request("record_contact", fields)

        self.refused("INVALID_ARGUMENT", "FIELD_INVALID",
                     lambda: self.execute(contact(minutes=1441)), "record_contact.minutes")
        self.refused("INVALID_ARGUMENT", "FREE_TEXT_TOO_LONG",
                     lambda: self.execute(contact(text="x" * 65537)), "record_contact.text")
        self.refused("INVALID_ARGUMENT", "CONTROL_CHARS",
                     lambda: self.execute(contact(text="bell\u0007")), "record_contact.text")
        tomorrow = f"{day(1)}T12:00:00Z"
        self.refused("INVALID_ARGUMENT", "IN_FUTURE",
                     lambda: self.execute(contact() | {"occurred_at": {"time": tomorrow}}))

        no_show = contact(kind="CONTACT_KIND_NO_SHOW", minutes=90, present=[], about=[self.youth])
        self.refused("FAILED_PRECONDITION", "IMPLAUSIBLE",
                     lambda: self.execute(no_show), confirmable="true")
        self.execute(no_show | {"confirmations": ["IMPLAUSIBLE"]})
        told("a confirmed warning is accepted")
        self.refused("FAILED_PRECONDITION", "NO_CHANGE", lambda: self.execute(
            self.request("enter_case_phase", {
                "family_id": self.family, "phase": "CASE_PHASE_FAMILY_INTERVENTION"})))

        stale = contact() | {"expected_revision": self.revision - 1}
        self.refused("ABORTED", "REVISION_CONFLICT", lambda: self.execute(stale),
                     expected=str(self.revision - 1), actual=str(self.revision))

        changed = json.loads(json.dumps(self.registration))
        changed["register_family"]["source"] = "FAMILY_SOURCE_MANUAL"
        self.refused("ALREADY_EXISTS", "COMMAND_ID_REUSED", lambda: self.execute(changed))
        self.refused("ALREADY_EXISTS", "COMMAND_ID_REUSED",
                     lambda: self.execute(self.registration, self.lead))
        again = self.registration["register_family"]
        self.refused("ALREADY_EXISTS", "REFERENCE_TAKEN", lambda: self.execute(
            self.request("register_family", again | {"family_id": new_id()})))
        self.refused("ALREADY_EXISTS", "ID_TAKEN", lambda: self.execute(
            self.request("register_family", again | {"reference": "PY-1899-00001"})))

        self.refused("PERMISSION_DENIED", "NOT_PERMITTED",
                     lambda: self.execute(contact(), self.auditor))
        self.refused("PERMISSION_DENIED", "NOT_PERMITTED",
                     lambda: self.read("GetFamilyStatus", {"family_id": new_id()}, self.operator))
        self.refused("NOT_FOUND", "UNKNOWN_ID",
                     lambda: self.read("GetFamilyStatus", {"family_id": new_id()}))
        self.refused("OUT_OF_RANGE", "BEYOND_HEAD",
                     lambda: self.read("GetFamilyStatus", {"min_position": self.position + 10**9}))
        self.refused("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID",
                     lambda: self.read("GetTimeline", {"page_token": "nonsense"}))
        self.transport_refusals(contact)
        self.too_many(contact)

    def too_many(self, contact):
        """Many calls at once on one connection: some are refused, and then accepted when repeated."""
        requests = [contact(text="") for _ in range(CALLS_AT_ONCE)]
        outcomes = self.worker.at_once("JournalService", "Execute", requests)
        refused = [it for it in zip(requests, outcomes) if isinstance(it[1], Refusal)]
        for _, refusal in refused:
            expect((refusal.status, refusal.reason), ("RESOURCE_EXHAUSTED", "RATE_LIMITED"),
                   "many calls at once")
        accepted = [it for it in outcomes if not isinstance(it, Refusal)]
        self.position = max(it["position"] for it in accepted)
        expect(len(refused) > 0, True, "some of many calls are refused")
        answer = self.execute(refused[0][0])
        expect(answer["replayed"], False, "a refused command uses nothing up")
        told("refused: RESOURCE_EXHAUSTED RATE_LIMITED")

    def stopped(self, pid):
        """Asks the server to stop while a watch is open: it says so to whoever watches."""
        answers = []

        def watch():
            request = {"purpose": "PURPOSE_CASEWORK", "after_position": 0}
            try:
                for answer in self.worker.answers("FamilyService", "WatchFamilies", request):
                    answers.append(answer)
                    if len(answers) == 1:
                        os.kill(pid, signal.SIGTERM)
            except Refusal as refusal:
                answers.append(refusal)

        watcher = threading.Thread(target=watch)
        watcher.start()
        watcher.join(FOLLOW_SECONDS_MAX)

        def last():
            if answers and isinstance(answers[-1], Refusal):
                raise answers[-1]
            return answers[-1:]

        self.refused("UNAVAILABLE", "SHUTTING_DOWN", last)

    def transport_refusals(self, contact):
        """What is refused before a message is decoded."""
        self.refused("INTERNAL", "",
                     lambda: self.worker.garbage("JournalService", "Execute", b"\xff\xff"))
        self.refused("OUT_OF_RANGE", "", lambda: self.execute(contact(text="x" * (2 << 20))))
        stranger = Client(self.address, "")
        stranger.method = self.worker.method
        self.refused("UNAUTHENTICATED", "TOKEN_INVALID",
                     lambda: self.execute(contact(), stranger))
        forger = Client(self.address, "eyJhbGciOiJub25lIn0.e30.")
        forger.method = self.worker.method
        self.refused("UNAUTHENTICATED", "TOKEN_INVALID",
                     lambda: self.read("GetFamilyStatus", {}, forger))
        stranger.close()
        forger.close()


def main():
    if len(sys.argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        walk = Walk(sys.argv[1], pathlib.Path(sys.argv[2]))
        walk.walk()
        if len(sys.argv) == 4:
            walk.stopped(int(sys.argv[3]))
    except (Difference, Refusal) as difference:
        print(f"DIFFERENT  {difference}", flush=True)
        return 1
    told("the whole walk")
    return 0


if __name__ == "__main__":
    sys.exit(main())
