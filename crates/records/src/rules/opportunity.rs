//! Opportunities.

use headwater_catalogue::Value;
use rust_decimal::{Decimal, RoundingStrategy};

use super::Rule;
use crate::change::Change;

/// What each stage means: its name, probability in percent, closed, won, forecast category with
/// its name.
const STAGES: [(&str, i64, bool, bool, &str, &str); 10] = [
    ("Prospecting", 10, false, false, "Pipeline", "Pipeline"),
    ("Qualification", 10, false, false, "Pipeline", "Pipeline"),
    ("Needs Analysis", 20, false, false, "Pipeline", "Pipeline"),
    (
        "Value Proposition",
        50,
        false,
        false,
        "Pipeline",
        "Pipeline",
    ),
    (
        "Id. Decision Makers",
        60,
        false,
        false,
        "Pipeline",
        "Pipeline",
    ),
    (
        "Perception Analysis",
        70,
        false,
        false,
        "Pipeline",
        "Pipeline",
    ),
    (
        "Proposal/Price Quote",
        75,
        false,
        false,
        "Pipeline",
        "Pipeline",
    ),
    (
        "Negotiation/Review",
        90,
        false,
        false,
        "Pipeline",
        "Pipeline",
    ),
    ("Closed Won", 100, true, true, "Closed", "Closed"),
    ("Closed Lost", 0, true, false, "Omitted", "Omitted"),
];

/// The stage says how likely the deal is, and whether it is closed and won. What is given in the
/// same write is kept.
pub(super) const STAGE: Rule = Rule {
    objects: &["Opportunity"],
    when: &["StageName"],
    knows: &[],
    apply: stage,
};

/// What is to be expected of the amount.
pub(super) const EXPECTED_REVENUE: Rule = Rule {
    objects: &["Opportunity"],
    when: &["Amount", "Probability", "StageName"],
    knows: &["Amount", "Probability"],
    apply: expected_revenue,
};

fn stage(change: &mut Change<'_>) {
    let given = change.given("StageName").and_then(Value::as_text);
    let Some((_, probability, closed, won, category, category_name)) = given.and_then(|given| {
        STAGES
            .iter()
            .find(|stage| stage.0.eq_ignore_ascii_case(given))
    }) else {
        return;
    };
    change.set("IsClosed", *closed);
    change.set("IsWon", *won);
    if change.given("Probability").is_none() {
        change.set("Probability", Value::Decimal(Decimal::from(*probability)));
    }
    if change.given("ForecastCategoryName").is_none() {
        change.set("ForecastCategory", *category);
        change.set("ForecastCategoryName", *category_name);
    }
}

fn expected_revenue(change: &mut Change<'_>) {
    let (Value::Decimal(amount), Value::Decimal(probability)) =
        (change.holds("Amount"), change.holds("Probability"))
    else {
        change.set("ExpectedRevenue", Value::Null);
        return;
    };
    let revenue = (*amount * *probability / Decimal::ONE_HUNDRED)
        .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    change.set("ExpectedRevenue", Value::Decimal(revenue));
}
