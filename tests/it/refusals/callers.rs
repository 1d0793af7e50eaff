//! Who may ask at all, and for what. Nobody learns from a refusal whether something exists.

use fokus_proto::v1::execute_request::Command;
use fokus_proto::v1::*;
use serde_json::{Value, json};
use tonic::{Code, Status};

use super::{Expected, PLANTED, Stage, check};
use crate::harness::clients::Clients;
use crate::harness::place::{AUDIENCE, ISSUER, Place, Role, TENANT};
use crate::harness::world::request;

const NO_TOKEN: Expected = (Code::Unauthenticated, "TOKEN_INVALID", "");
const NO_RIGHT: Expected = (Code::PermissionDenied, "NOT_PERMITTED", "");

/// The claims of an honest token, with some changed.
fn claims(changes: &[(&str, Value)]) -> Value {
    // An hour in 2020; what is good for ever is refused for its length.
    let mut claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": PLANTED, "tenant": TENANT, "role": "AUDITOR",
        "purposes": ["AUDIT"], "iat": 1_577_880_000_u64, "nbf": 1_577_880_000_u64,
        "exp": 1_577_883_600_u64,
    });
    for (key, value) in changes {
        claims[*key] = value.clone();
    }
    claims
}

/// What a token's bearer is told.
async fn told(stage: &Stage, token: &str) -> Result<(), Status> {
    let clients = Clients::connect(&stage.server.url, token, Purpose::Audit).await;
    let request = GetCheckpointRequest { purpose: clients.purpose };
    clients.audit.clone().get_checkpoint(request).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_good_is_refused_and_no_more_is_said() {
    let stage = Stage::new("refusals/tokens").await;
    let good = stage.place.token(Role::Auditor, "auditor-1");
    told(&stage, &good).await.expect("a good token");
    let (header, rest) = good.split_once('.').expect("three parts");
    let (body, signature) = rest.split_once('.').expect("three parts");
    let turned: String = signature.chars().rev().collect();
    // Nobody's clock is there by then.
    let far: u64 = 32_503_680_000;
    let rows = [
        ("no token", String::new()),
        ("no parts", PLANTED.to_owned()),
        ("another signature", format!("{header}.{body}.{turned}")),
        ("no signature", format!("{header}.{body}.")),
        ("not signed at all", format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{body}.")),
        ("another issuer's key", Place::new().token(Role::Auditor, "auditor-1")),
        ("run out", stage.place.signed(&claims(&[]))),
        (
            "not yet good",
            stage.place.signed(&claims(&[
                ("iat", json!(far)),
                ("nbf", json!(far)),
                ("exp", json!(far + 60)),
            ])),
        ),
        ("good too long", stage.place.signed(&claims(&[("exp", json!(far))]))),
        ("too long", "x".repeat(9000)),
    ];
    for (what, token) in rows {
        let status = told(&stage, &token).await.err().unwrap_or_else(|| panic!("{what}: good"));
        check(what, &status, NO_TOKEN);
    }
    // All of these would be good, but for one claim.
    let now = now_of(&good);
    let honest = |changes: &[(&str, Value)]| {
        let times = [("iat", json!(now)), ("nbf", json!(now)), ("exp", json!(now + 600))];
        stage.place.signed(&claims(&[&times, changes].concat()))
    };
    told(&stage, &honest(&[])).await.expect("the honest claims are good");
    let rows = [
        ("another issuer", honest(&[("iss", json!(PLANTED))])),
        ("another audience", honest(&[("aud", json!(PLANTED))])),
        ("nobody", honest(&[("sub", json!(""))])),
        ("no municipality", honest(&[("tenant", json!(""))])),
        ("a municipality in capitals", honest(&[("tenant", json!("Demo"))])),
        ("no role", honest(&[("role", json!(PLANTED))])),
        ("no purposes", honest(&[("purposes", json!([]))])),
        ("unknown purpose", honest(&[("purposes", json!([PLANTED]))])),
    ];
    for (what, token) in rows {
        let status = told(&stage, &token).await.err().unwrap_or_else(|| panic!("{what}: good"));
        check(what, &status, NO_TOKEN);
    }
}

/// When a token was made.
fn now_of(token: &str) -> u64 {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    let body = token.split('.').nth(1).expect("three parts");
    let claims = BASE64_URL_SAFE_NO_PAD.decode(body).expect("base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    claims["iat"].as_u64().expect("a time")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_may_do_what_is_its_own_and_no_more() {
    let mut stage = Stage::new("refusals/roles").await;
    let head = stage.lead.head().await;
    let note = stage.world.note(&mut stage.seeded, PLANTED);
    let nobodys = {
        let mut nobodys = note.clone();
        if let Some(Command::RecordNote(it)) = &mut nobodys.command {
            it.family_id = stage.seeded.id();
        }
        nobodys
    };
    let programme = crate::harness::world::World::new(&mut stage.seeded, 1).open_programme();
    let programme = request(&mut stage.seeded, programme);
    let audit =
        |it: &ExecuteRequest| ExecuteRequest { purpose: Purpose::Audit.into(), ..it.clone() };
    let supervision =
        |it: &ExecuteRequest| ExecuteRequest { purpose: Purpose::Supervision.into(), ..it.clone() };
    let rows = [
        ("an auditor writes", Role::Auditor, audit(&note)),
        ("an auditor writes to nobody", Role::Auditor, audit(&nobodys)),
        ("an operator writes", Role::Operator, note.clone()),
        ("a programme manager writes a note", Role::ProgrammeManager, supervision(&note)),
        ("a caseworker opens a programme", Role::Caseworker, programme),
        ("a purpose that is not in the token", Role::Caseworker, supervision(&note)),
        ("the same, to nobody", Role::Caseworker, supervision(&nobodys)),
    ];
    let mut words = std::collections::BTreeSet::new();
    for (what, role, request) in rows {
        let clients = stage.server.clients(&stage.place, role, "somebody").await;
        let status = clients.execute(request).await.err().unwrap_or_else(|| panic!("{what}"));
        check(what, &status, NO_RIGHT);
        words.insert((status.message().to_owned(), status.details().to_vec()));
    }
    assert_eq!(words.len(), 1, "the same words, whatever is there");
    assert_eq!(stage.lead.head().await, head);

    // Reads: the operator sees no family, the others operate no views; existing or not is the same.
    let operator = stage.server.clients(&stage.place, Role::Operator, "somebody").await;
    for family_id in [stage.world.family_id.clone(), stage.seeded.id()] {
        let status = operator.status(&family_id, 0, None).await.expect_err("a refusal");
        check("an operator reads", &status, NO_RIGHT);
    }
    let request = ListViewsRequest { purpose: stage.lead.purpose };
    let status = stage.lead.operations.clone().list_views(request).await.expect_err("a refusal");
    check("a team lead operates", &status, NO_RIGHT);
}
