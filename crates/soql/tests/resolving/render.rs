//! A resolved query as text that people can compare.

use std::fmt::Write;

use headwater_catalogue::Value;
use headwater_soql::resolved::{Comparison, Expression, Filter, Grouping, Output, Query};

pub(crate) fn render(query: &Query) -> String {
    let mut text = String::new();
    for (place, source) in query.sources.iter().enumerate() {
        let link = source.parent.map(|link| {
            let field = &query.sources[link.source].object.fields[link.field].name;
            format!(" by {}.{field}", link.source)
        });
        let name = &source.object.name;
        writeln!(text, "source {place}: {name}{}", link.unwrap_or_default()).expect("a String");
    }
    for (place, column) in query.columns.iter().enumerate() {
        writeln!(text, "column {place}: {}", expression(query, column)).expect("a String");
    }
    outputs(&mut text, "", &query.outputs);
    writeln!(text, "filter: {}", filter(query, &query.filter)).expect("a String");
    if let Some(grouping) = &query.group {
        group(&mut text, query, grouping);
    }
    for order in &query.order {
        let direction = if order.descending {
            "descending"
        } else {
            "ascending"
        };
        let nulls = if order.nulls_first { "first" } else { "last" };
        let by = expression(query, &order.by);
        writeln!(text, "order: {by} {direction}, nulls {nulls}").expect("a String");
    }
    if query.limit.is_some() || query.offset > 0 {
        writeln!(
            text,
            "rows: limit {:?}, offset {}",
            query.limit, query.offset
        )
        .expect("a String");
    }
    if query.count {
        text.push_str("count\n");
    }
    for children in &query.children {
        let parent = expression(&children.query, &children.parent);
        writeln!(text, "children {} by {parent}", children.relationship).expect("a String");
        for line in render(&children.query).lines() {
            writeln!(text, "  {line}").expect("a String");
        }
    }
    text
}

fn outputs(text: &mut String, indent: &str, list: &[Output]) {
    for output in list {
        match output {
            Output::Value { name, column, kind } => {
                let kind = format!("{kind:?}");
                let kind = kind.split(['(', ' ']).next().unwrap_or_default();
                writeln!(text, "{indent}output {name}: column {column}, {kind}").expect("a String");
            }
            Output::Function {
                name,
                column,
                kind,
                call,
                formatted,
            } => {
                let kind = format!("{kind:?}");
                let kind = kind.split(['(', ' ']).next().unwrap_or_default();
                let formatted = if formatted.is_some() {
                    ", formatted"
                } else {
                    ""
                };
                writeln!(
                    text,
                    "{indent}output {name}: column {column}, {kind}, {call}{formatted}"
                )
                .expect("a String");
            }
            Output::Address { name, parts } => {
                let parts: Vec<_> = parts
                    .iter()
                    .map(|(key, at)| format!("{key} {at}"))
                    .collect();
                writeln!(text, "{indent}output {name}: {}", parts.join(", ")).expect("a String");
            }
            Output::Parent {
                name,
                records,
                outputs: inner,
            } => {
                let records = records
                    .iter()
                    .map(|(object, id)| format!("{} {id}", object.name));
                let records: Vec<_> = records.collect();
                writeln!(text, "{indent}output {name}: {}", records.join(" or "))
                    .expect("a String");
                outputs(text, &format!("{indent}  "), inner);
            }
            Output::TypeOf { name, branches } => {
                for branch in branches {
                    let (object, id) = (&branch.object.name, branch.id);
                    writeln!(text, "{indent}output {name} when {object} {id}").expect("a String");
                    outputs(text, &format!("{indent}  "), &branch.outputs);
                }
            }
            Output::Children { name, place } => {
                writeln!(text, "{indent}output {name}: children {place}").expect("a String");
            }
        }
    }
}

fn expression(query: &Query, shown: &Expression) -> String {
    let all = |list: &[Expression]| {
        list.iter()
            .map(|part| expression(query, part))
            .collect::<Vec<_>>()
            .join(", ")
    };
    match shown {
        Expression::Column(column) => {
            let object = &query.sources[column.source].object;
            format!("{}.{}", column.source, object.fields[column.field].name)
        }
        Expression::FirstOf(choices) => format!("first of ({})", all(choices)),
        Expression::TypeName(sources) => format!("type of {sources:?}"),
        Expression::Concatenation { parts, separator } => {
            format!("({}) joined by {separator:?}", all(parts))
        }
        Expression::ConsentReached { given, required } => format!(
            "{} reaches {}",
            expression(query, given),
            expression(query, required)
        ),
        Expression::CountOf {
            source,
            object,
            reference,
            holding,
        } => {
            let holding = holding
                .iter()
                .map(|(field, value)| format!("{} {value:?}", object.fields[*field].name));
            let holding = holding.collect::<Vec<_>>().join(" and ");
            format!(
                "count of {} by {} of {source} with {holding}",
                object.name, object.fields[*reference].name
            )
        }
        Expression::LastSeen {
            source, object, at, ..
        } => {
            format!("{} of {source} for the caller", object.fields[*at].name)
        }
        Expression::Null(value_type) => format!("null {value_type:?}"),
        Expression::DateFunction { function, of, zone } => {
            let zone = zone.as_ref().map(|zone| format!(" in {zone}"));
            let zone = zone.unwrap_or_default();
            format!("{function:?}({}{zone})", expression(query, of))
        }
        Expression::Label { of, labels } => {
            format!("label of {} by {labels:?}", expression(query, of))
        }
        Expression::Distance(distance) => {
            let column = |column| expression(query, &Expression::Column(column));
            format!(
                "distance of ({}, {}) from {:?} in {:?}",
                column(distance.latitude),
                column(distance.longitude),
                distance.from,
                distance.unit
            )
        }
        Expression::OfGroup(of_group) => format!("{:?} of the group", of_group.part),
    }
}

fn group(text: &mut String, query: &Query, group: &Grouping) {
    for (place, key) in group.keys.iter().enumerate() {
        writeln!(text, "key {place}: {}", expression(query, key)).expect("a String");
    }
    if group.sets.len() > 1 {
        writeln!(text, "sets: {:?}", group.sets).expect("a String");
    }
    for (place, aggregate) in group.aggregates.iter().enumerate() {
        let of = expression(query, &aggregate.of);
        let ranks = if aggregate.ranks.is_empty() {
            String::new()
        } else {
            format!(" by {:?}", aggregate.ranks)
        };
        writeln!(
            text,
            "aggregate {place}: {:?} of {of}{ranks}",
            aggregate.function
        )
        .expect("a String");
    }
    if group.having != Filter::Always {
        writeln!(text, "having: {}", filter(query, &group.having)).expect("a String");
    }
}

pub(crate) fn filter(query: &Query, shown: &Filter) -> String {
    let all = |word: &str, list: &[Filter]| {
        let list: Vec<_> = list.iter().map(|part| filter(query, part)).collect();
        format!("({})", list.join(word))
    };
    match shown {
        Filter::Always => "always".into(),
        Filter::Never => "never".into(),
        Filter::And(list) => all(" and ", list),
        Filter::Or(list) => all(" or ", list),
        Filter::Not(negated) => format!("not {}", filter(query, negated)),
        Filter::IsNull(left) => format!("{} is null", expression(query, left)),
        Filter::Compare {
            left,
            operator,
            right,
        } => {
            let operator = match operator {
                Comparison::Equal => "=",
                Comparison::Less => "<",
                Comparison::LessOrEqual => "<=",
                Comparison::Greater => ">",
                Comparison::GreaterOrEqual => ">=",
            };
            format!("{} {operator} {}", expression(query, left), value(right))
        }
        Filter::In { left, values } => {
            let values: Vec<_> = values.iter().map(value).collect();
            format!("{} in [{}]", expression(query, left), values.join(", "))
        }
        Filter::Like { left, pattern } => {
            format!("{} like {pattern:?}", expression(query, left))
        }
        Filter::Includes { left, sets } => format!("{} includes {sets:?}", expression(query, left)),
        Filter::InQuery {
            left, query: inner, ..
        } => {
            format!(
                "{} in query {{\n{}}}",
                expression(query, left),
                render(inner)
            )
        }
        Filter::Found { source, search } => format!("{source} found by {search:?}"),
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Boolean(on) => on.to_string(),
        Value::Integer(n) => n.to_string(),
        Value::Decimal(number) => format!("{number}d"),
        Value::Text(text) => format!("{text:?}"),
        Value::Id(id) => id.to_string(),
        Value::Date(date) => date.to_string(),
        Value::DateTime(at) => at.to_string(),
        Value::Time(time) => time.to_string(),
    }
}
