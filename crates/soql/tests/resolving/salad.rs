//! Whatever is SOQL is resolved or refused in words; nothing breaks.

use headwater_catalogue::{Catalogue, Kind, Value, ValueType};
use headwater_soql::parse;
use headwater_soql::resolved::{Expression, Filter, GroupPart, Query};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::{AllBut, resolved_with};

const PATHS: &[&str] = &[
    "Id",
    "Name",
    "Status",
    "OwnerId",
    "Owner.Name",
    "Owner.Type",
    "EndUserAccountId",
    "EndUserAccount.Name",
    "EndUserContact.Account.Owner.Profile.Name",
    "MessagingEndUser.IsFullyOptedIn",
    "StartTime",
    "AgentMessageCount",
    "EndUserAccount.BillingAddress",
    "ChannelEndUserFormula",
    "CreatedBy.Manager.Email",
    "MessagingSession.CaseId",
    "Case.Owner.Id",
    "Nope",
    "Nope.Name",
    "PreviewDetails",
    "EndUserAccount.AnnualRevenue",
    "IsDeleted",
    "Opportunity.CloseDate",
];

const COMPARISONS: &[&str] = &[
    "= NULL",
    "!= NULL",
    "= 'a'",
    "< 'b'",
    "LIKE 'a%'",
    "IN ('a', NULL)",
    "NOT IN (1, 2.5)",
    "= TRUE",
    "!= FALSE",
    ">= TODAY",
    "IN (LAST_WEEK, 2026-01-01)",
    "= 2026-01-31T10:00:00Z",
    "> 1.23456",
    "= '001HW000000000B'",
    "INCLUDES ('a;b')",
    "<= USD5",
    "= N_YEARS_AGO:99999",
    "IN (SELECT AccountId FROM Contact)",
];

fn condition() -> impl Strategy<Value = String> {
    let leaf =
        (select(PATHS), select(COMPARISONS)).prop_map(|(path, rest)| format!("{path} {rest}"));
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(|terms| format!("({})", terms.join(" AND "))),
            vec(inner.clone(), 2..4).prop_map(|terms| format!("({})", terms.join(" OR "))),
            inner.prop_map(|term| format!("NOT ({term})")),
        ]
    })
}

/// Whether every place that a query names is one it has.
fn is_sound(query: &Query) -> bool {
    let columns = query
        .columns
        .iter()
        .all(|column| is_sound_expression(query, column));
    let orders = query
        .order
        .iter()
        .all(|order| is_sound_expression(query, &order.by));
    let links = query.sources.iter().enumerate().all(|(place, source)| {
        source.parent.is_none_or(|link| {
            let field = &query.sources[link.source].object.fields[link.field];
            link.source < place && field.is_column() && matches!(field.kind, Kind::Reference(_))
        })
    });
    let group = query.group.as_ref().is_none_or(|group| {
        let of = group.aggregates.iter().map(|aggregate| &aggregate.of);
        group
            .keys
            .iter()
            .chain(of)
            .all(|expression| is_sound_expression(query, expression))
            && is_sound_filter(query, &group.having)
    });
    columns && orders && links && group && is_sound_filter(query, &query.filter)
}

fn is_sound_expression(query: &Query, expression: &Expression) -> bool {
    match expression {
        Expression::Column(column) => {
            query.sources[column.source].object.fields[column.field].is_column()
        }
        Expression::FirstOf(choices) => {
            let first = query.value_type(&choices[0]);
            choices.len() > 1
                && choices.iter().all(|choice| {
                    is_sound_expression(query, choice) && query.value_type(choice) == first
                })
        }
        Expression::TypeName(sources) => sources.iter().all(|place| *place < query.sources.len()),
        Expression::Concatenation { parts, .. } => {
            parts.iter().all(|part| is_sound_expression(query, part))
        }
        Expression::ConsentReached { given, required } => {
            is_sound_expression(query, given) && is_sound_expression(query, required)
        }
        Expression::CountOf { source, .. } | Expression::LastSeen { source, .. } => {
            *source < query.sources.len()
        }
        Expression::Null(_) => true,
        Expression::DateFunction { of, .. } | Expression::Label { of, .. } => {
            is_sound_expression(query, of)
        }
        Expression::Distance(distance) => [distance.latitude, distance.longitude]
            .iter()
            .all(|column| is_sound_expression(query, &Expression::Column(*column))),
        Expression::OfGroup(of_group) => {
            query
                .group
                .as_ref()
                .is_some_and(|group| match of_group.part {
                    GroupPart::Key(place) | GroupPart::Subtotal(place) => place < group.keys.len(),
                    GroupPart::Aggregate(place) => place < group.aggregates.len(),
                    GroupPart::Set => false,
                })
        }
    }
}

fn is_sound_filter(query: &Query, filter: &Filter) -> bool {
    match filter {
        Filter::And(terms) | Filter::Or(terms) => {
            terms.len() > 1 && terms.iter().all(|term| is_sound_filter(query, term))
        }
        Filter::Not(negated) => is_sound_filter(query, negated),
        Filter::IsNull(left) | Filter::Like { left, .. } | Filter::Includes { left, .. } => {
            is_sound_expression(query, left)
        }
        Filter::Compare { left, right, .. } => {
            is_sound_expression(query, left) && is_of(right, query.value_type(left))
        }
        Filter::In { left, values } => {
            let value_type = query.value_type(left);
            is_sound_expression(query, left) && values.iter().all(|value| is_of(value, value_type))
        }
        Filter::InQuery {
            left, query: inner, ..
        } => is_sound_expression(query, left) && inner.columns.len() == 1 && is_sound(inner),
        Filter::Found { source, .. } => *source < query.sources.len(),
        Filter::Always | Filter::Never => true,
    }
}

fn is_of(value: &Value, value_type: ValueType) -> bool {
    match (value, value_type) {
        (Value::Boolean(_), ValueType::Boolean)
        | (Value::Integer(_), ValueType::Integer)
        | (Value::Text(_), ValueType::Text)
        | (Value::Id(_), ValueType::Id)
        | (Value::Date(_), ValueType::Date)
        | (Value::DateTime(_), ValueType::DateTime)
        | (Value::Time(_), ValueType::Time)
        | (Value::Decimal(_), ValueType::Double) => true,
        (Value::Decimal(number), ValueType::Decimal { scale }) => {
            number.scale() == u32::from(scale)
        }
        _ => false,
    }
}

const AGGREGATES: &[&str] = &[
    "COUNT",
    "COUNT_DISTINCT",
    "SUM",
    "AVG",
    "MIN",
    "MAX",
    "CALENDAR_YEAR",
    "GROUPING",
    "toLabel",
    "FORMAT",
];

proptest! {
    #[test]
    fn every_grouped_query_is_resolved_soundly_or_refused_in_words(
        keys in vec(select(PATHS), 0..4),
        subtotals in select(&["", "ROLLUP", "CUBE"][..]),
        calls in vec((select(AGGREGATES), select(PATHS)), 1..5),
        having in (select(AGGREGATES), select(PATHS), select(COMPARISONS)),
        order in (select(AGGREGATES), select(PATHS)),
    ) {
        let catalogue = Catalogue::built_in().expect("a catalogue");
        let calls: Vec<_> = calls.iter().map(|(call, path)| format!("{call}({path})")).collect();
        let group = if keys.is_empty() {
            String::new()
        } else {
            format!(" GROUP BY {subtotals}({})", keys.join(", ")).replace("BY (", "BY ")
        };
        let group = if subtotals.is_empty() { group.replace(')', "") } else { group };
        let query = format!(
            "SELECT {} FROM MessagingSession{group} HAVING {}({}) {} ORDER BY {}({})",
            calls.join(", "), having.0, having.1, having.2, order.0, order.1,
        );
        prop_assert!(parse(&query).is_ok(), "{query}");
        match resolved_with(&catalogue, &AllBut(&[]), &query) {
            Ok(resolved) => prop_assert!(is_sound(&resolved), "{query}"),
            Err(error) => prop_assert!(!error.message.is_empty()),
        }
    }

    #[test]
    fn every_query_is_resolved_soundly_or_refused_in_words(
        paths in vec(select(PATHS), 1..6),
        condition in condition(),
        order in select(PATHS),
    ) {
        let catalogue = Catalogue::built_in().expect("a catalogue");
        let select = paths.join(", ");
        let query = format!("SELECT {select} FROM MessagingSession WHERE {condition} ORDER BY {order}");
        prop_assert!(parse(&query).is_ok());
        match resolved_with(&catalogue, &AllBut(&[]), &query) {
            Ok(resolved) => prop_assert!(is_sound(&resolved), "{query}"),
            Err(error) => prop_assert!(!error.message.is_empty()),
        }
    }

    #[test]
    fn every_condition_that_fits_is_sound(path in select(PATHS), rest in select(COMPARISONS)) {
        let catalogue = Catalogue::built_in().expect("a catalogue");
        let query = format!("SELECT Id FROM MessagingSession WHERE {path} {rest}");
        if let Ok(resolved) = resolved_with(&catalogue, &AllBut(&[]), &query) {
            prop_assert!(is_sound(&resolved), "{query}");
        }
    }
}
