//! Twenty command lines written by hand: one family from its referral to its closing assessment.
//! They are the first steps of whoever tries the journal, on an empty store of invented people.

/// The lines, one request as JSON each, in order. All of them can be sent with a team lead's token
/// on any day from 2020-12-15 on, which is where the clock of the served demo stands: what has a
/// time limit says when it happened. No plan uses their ids, reference or CPR numbers.
pub const FIRST_STEPS: &str = include_str!("../first-steps.jsonl");

/// The CPR-shaped references of the lines, which the generator leaves free.
pub(crate) const FIRST_STEPS_CPRS: [&str; 2] = ["1225850124", "0423124003"];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fokus_proto::v1::Purpose;
    use fokus_proto::v1::execute_request::Command;

    use super::*;
    use crate::commands;

    #[test]
    fn they_are_twenty_requests_with_ids_of_their_own() {
        let requests: Vec<_> = FIRST_STEPS
            .lines()
            .map(|line| fokus_proto::execute_request_from_json(line).unwrap())
            .collect();
        let ids: BTreeSet<_> = requests.iter().map(|it| &it.command_id).collect();
        assert_eq!((requests.len(), ids.len()), (20, 20));
        assert!(requests.iter().all(|it| it.purpose() == Purpose::Casework));
    }

    #[test]
    fn they_go_from_the_programme_over_the_referral_to_a_concluded_assessment() {
        let names: Vec<_> = FIRST_STEPS
            .lines()
            .map(|line| fokus_proto::execute_request_from_json(line).unwrap())
            .map(|it| commands::name(it.command.as_ref().unwrap()))
            .collect();
        assert_eq!(names.first(), Some(&"OpenProgramme"));
        assert_eq!(names.get(5), Some(&"SubmitReferral"));
        assert_eq!(names.last(), Some(&"ConcludeAssessment"));
    }

    #[test]
    fn their_cpr_numbers_are_those_left_free() {
        let cprs: Vec<_> = FIRST_STEPS
            .lines()
            .map(|line| fokus_proto::execute_request_from_json(line).unwrap())
            .filter_map(|it| match it.command {
                Some(Command::RegisterPerson(it)) => Some(it.cpr),
                _ => None,
            })
            .collect();
        assert_eq!(cprs, FIRST_STEPS_CPRS);
    }

    #[test]
    fn each_is_well_formed_to_the_last_field() {
        for (at, line) in FIRST_STEPS.lines().enumerate() {
            let request = fokus_proto::execute_request_from_json(line).unwrap();
            assert!(fokus_proto::request(request).is_ok(), "line {}", at + 1);
        }
    }
}
