use super::change::{Change, change};
use super::*;

fn score(scale: &str, value: &str, missing_items: u8) -> ScaleScore {
    let value = Hundredths::parse(value).unwrap();
    ScaleScore { scale: scale.to_owned(), value, missing_items }
}

#[track_caller]
fn check(code: &str, scores: &[(&str, &str, u8)], expected: Option<(Reason, &str)>) {
    let scores: Vec<_> = scores.iter().map(|it| score(it.0, it.1, it.2)).collect();
    let rejection = judge(instrument(code).unwrap(), &scores).err();
    let actual = rejection.as_ref().map(|it| (it.reason, it.field.as_deref().unwrap()));
    assert_eq!(actual, expected);
}

#[test]
fn scores_lie_on_their_scale() {
    check("SDQ", &[("PROSOCIAL", "10", 0)], None);
    check("SDQ", &[("PROSOCIAL", "11", 0)], Some((Reason::OutOfRange, "scores[0].value")));
    check("SDQ", &[("PROSOCIAL", "-1", 0)], Some((Reason::OutOfRange, "scores[0].value")));
    check("SDQ", &[("PROSOCIAL", "3.5", 0)], Some((Reason::OutOfRange, "scores[0].value")));
    check("NCFAS", &[("FAMILY_SAFETY", "-3", 0)], None);
    check("NCFAS", &[("FAMILY_SAFETY", "3", 0)], Some((Reason::OutOfRange, "scores[0].value")));
    check("FAMSTAR", &[("ROUTINE", "0", 0)], Some((Reason::OutOfRange, "scores[0].value")));
    check("SOS", &[("SAFETY", "6.5", 0)], None);
    check("SOS", &[("SAFETY", "6.4", 0)], Some((Reason::OutOfRange, "scores[0].value")));
    check("SOS", &[("TOTAL", "6", 0)], Some((Reason::FieldInvalid, "scores[0].scale")));
    check("SOS", &[], Some((Reason::FieldInvalid, "scores")));
}

#[test]
fn a_total_is_the_sum_of_all_its_subscales_or_stands_alone() {
    let parts = [("EMOTIONAL", "3", 0), ("CONDUCT", "2", 0), ("HYPERACTIVITY", "7", 1)];
    let with = |more: &[(&'static str, &'static str, u8)]| [&parts[..], more].concat();
    check("SDQ", &with(&[("PEER", "4", 0), ("TOTAL", "16", 1)]), None);
    let off = Some((Reason::SumMismatch, "scores[4].value"));
    check("SDQ", &with(&[("PEER", "4", 0), ("TOTAL", "17", 1)]), off);
    check("SDQ", &with(&[("TOTAL", "12", 1)]), Some((Reason::SumMismatch, "scores[3].value")));
    check("SDQ", &with(&[("PROSOCIAL", "8", 0)]), None);
    check("SDQ", &[("TOTAL", "12", 8)], None);
}

#[test]
fn a_score_needs_enough_answers() {
    check("SDQ", &[("CONDUCT", "2", 2)], None);
    let many = Some((Reason::TooManyMissing, "scores[0].missing_items"));
    check("SDQ", &[("CONDUCT", "2", 3)], many);
    check("YLS_CMI_2", &[("PEERS", "2", 1)], many);
}

#[test]
fn the_table_is_sound() {
    for it in all() {
        assert!(std::ptr::eq(instrument(it.code).unwrap(), instrument(it.code).unwrap()));
        for scale in it.scales {
            assert!(scale.least < scale.most && scale.step.0 > 0, "{} {}", it.code, scale.code);
            let parts = scale.sum_of.iter().map(|part| it.scale(part).unwrap());
            if !scale.sum_of.is_empty() {
                let most: i32 = parts.map(|part| part.most.0).sum();
                assert_eq!(most, scale.most.0, "{} {}", it.code, scale.code);
            }
            let bands: Vec<_> = scale.bands.iter().map(|band| band.most).collect();
            assert!(bands.is_sorted() && bands.last().is_none_or(|it| *it == scale.most));
            for norm in scale.norms {
                assert!(it.answering(norm.respondent).is_some());
                assert!((0..=100).contains(&norm.reliability.0) && norm.standard_deviation.0 > 0);
            }
        }
        let scales: Vec<_> = it.scales.iter().map(|it| it.code).collect();
        assert_eq!(scales.iter().collect::<std::collections::BTreeSet<_>>().len(), scales.len());
    }
    let total = instrument("YLS_CMI_2").unwrap().scale("TOTAL").unwrap();
    let bands = ["8", "9", "22", "23", "34", "35", "42"];
    let bands = bands.map(|it| total.band(Hundredths::parse(it).unwrap()).unwrap());
    assert_eq!(bands, ["LOW", "MODERATE", "MODERATE", "HIGH", "HIGH", "VERY_HIGH", "VERY_HIGH"]);
}

#[test]
fn a_change_beyond_the_instruments_noise_is_reliable() {
    // SD 5, r .80: 6.2 points.
    let of_five = Norm {
        respondent: Respondent::Parent,
        standard_deviation: Hundredths(500),
        reliability: Hundredths(80),
        source: "",
    };
    let falling = instrument("SDQ").unwrap().scale("TOTAL").unwrap();
    let rising = instrument("SDQ").unwrap().scale("PROSOCIAL").unwrap();
    let of = |scale, norm, before: &str, after: &str| {
        let value = |it: &str| Hundredths::parse(it).unwrap();
        change(scale, norm, value(before), value(after))
    };
    let norm = Some(&of_five);
    assert_eq!(of(falling, norm, "20", "13.81"), Change::NotReliable);
    assert_eq!(of(falling, norm, "20", "13.80"), Change::Better);
    assert_eq!(of(falling, norm, "20", "26"), Change::NotReliable);
    assert_eq!(of(falling, norm, "20", "27"), Change::Worse);
    assert_eq!(of(rising, norm, "2", "9"), Change::Better);
    assert_eq!(of(rising, norm, "9", "2"), Change::Worse);
    assert_eq!(of(rising, rising.norm(Respondent::Parent), "9", "2"), Change::ReliabilityUnknown);
    assert_eq!(of(falling, falling.norm(Respondent::Parent), "20", "13"), Change::Better);
    let exact = Norm { reliability: Hundredths(100), ..of_five };
    assert_eq!(of(falling, Some(&exact), "20", "20"), Change::NotReliable);
}

#[test]
fn decimals_come_back_as_they_are_meant() {
    for (text, hundredths, again) in [
        ("0", 0, "0"),
        ("12", 1200, "12"),
        ("-3", -300, "-3"),
        ("6.5", 650, "6.5"),
        ("6.50", 650, "6.5"),
        ("-0.05", -5, "-0.05"),
        ("0007", 700, "7"),
    ] {
        let value = Hundredths::parse(text).unwrap();
        assert_eq!((value.0, value.to_string().as_str()), (hundredths, again));
        let json = serde_json::to_value(value).unwrap();
        assert_eq!(json, serde_json::json!(again));
        assert_eq!(serde_json::from_value::<Hundredths>(json).unwrap(), value);
    }
    for text in ["", "-", "+1", "1.", ".5", "1,5", "1.234", "12345", "1e3", "١", "--1", " 1"] {
        assert_eq!(Hundredths::parse(text), None, "{text}");
    }
}
