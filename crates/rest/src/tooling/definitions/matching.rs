//! Whether a definition is what a condition demands.

use std::cmp::Ordering;

use headwater_soql::SoqlError;
use headwater_soql::ast::{
    Comparison, Condition, Expression, Literal, LiteralValue, Operand, Operator,
};
use serde_json::Value;

use super::{Row, unsupported, value};

pub(super) fn matches(row: &Row, condition: &Condition<'_>) -> Result<bool, SoqlError> {
    match condition {
        Condition::And(all) => {
            for condition in all {
                if !matches(row, condition)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Condition::Or(any) => {
            for condition in any {
                if matches(row, condition)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Condition::Not(condition) => Ok(!matches(row, condition)?),
        Condition::Comparison(comparison) => compared(row, comparison),
    }
}

fn compared(row: &Row, comparison: &Comparison<'_>) -> Result<bool, SoqlError> {
    let Expression::Path(path) = &comparison.left else {
        return Err(unsupported("A condition on a function"));
    };
    let left = value(row, path)?;
    let is = |literal: &Literal<'_>| order(left, &of_literal(literal)) == Ordering::Equal;
    match (&comparison.right, comparison.operator) {
        (Operand::List(list), Operator::In) => Ok(list.iter().any(is)),
        (Operand::List(list), Operator::NotIn) => Ok(!list.iter().any(is)),
        (Operand::Literal(literal), operator) => {
            let ordering = order(left, &of_literal(literal));
            match operator {
                Operator::Equal => Ok(ordering == Ordering::Equal),
                Operator::NotEqual => Ok(ordering != Ordering::Equal),
                Operator::Less => Ok(ordering == Ordering::Less),
                Operator::LessOrEqual => Ok(ordering != Ordering::Greater),
                Operator::Greater => Ok(ordering == Ordering::Greater),
                Operator::GreaterOrEqual => Ok(ordering != Ordering::Less),
                Operator::Like => Ok(is_like(left, literal)),
                Operator::In | Operator::NotIn | Operator::Includes | Operator::Excludes => {
                    Err(unsupported("This operator"))
                }
            }
        }
        (Operand::List(_) | Operand::Subquery(_), _) => Err(unsupported("This condition")),
    }
}

/// How two values stand: null first, texts without their case, numbers by what they are worth.
pub(super) fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.to_lowercase().cmp(&b.to_lowercase()),
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64(), b.as_f64());
            a.partial_cmp(&b).unwrap_or(Ordering::Equal)
        }
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (a, b) => rank(a).cmp(&rank(b)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) | Value::Object(_) => 4,
    }
}

fn of_literal(literal: &Literal<'_>) -> Value {
    match &literal.value {
        LiteralValue::Boolean(on) => Value::Bool(*on),
        LiteralValue::Number(digits) => {
            serde_json::from_str(digits.trim_start_matches('+')).unwrap_or(Value::Null)
        }
        LiteralValue::Text(text) | LiteralValue::Pattern(text) => Value::from(text.as_ref()),
        LiteralValue::Null
        | LiteralValue::Date(_)
        | LiteralValue::DateTime(_)
        | LiteralValue::DateLiteral(_)
        | LiteralValue::Currency { .. } => Value::Null,
    }
}

fn is_like(value: &Value, literal: &Literal<'_>) -> bool {
    let (Value::String(text), LiteralValue::Pattern(pattern)) = (value, &literal.value) else {
        return false;
    };
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    fits(&text, &pattern)
}

/// Whether a text is of a pattern. Both are short: the names of objects and fields.
fn fits(text: &[char], pattern: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|skipped| fits(&text[skipped..], rest)),
        ['_', rest @ ..] => !text.is_empty() && fits(&text[1..], rest),
        ['\\', meant, rest @ ..] | [meant, rest @ ..] => {
            text.first() == Some(meant) && fits(&text[1..], rest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_know_any_text_and_any_character() {
        let fits = |text: &str, pattern: &str| {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            super::fits(&chars(text), &chars(pattern))
        };
        assert!(fits("messagingsession", "messaging%"));
        assert!(fits("a_c", "a\\_c") && !fits("abc", "a\\_c"));
        assert!(fits("abc", "a_c") && fits("", "%") && !fits("", "_"));
        assert!(!fits("account", "acc"));
    }

    #[test]
    fn texts_are_the_same_without_their_case() {
        assert_eq!(order(&"Account".into(), &"ACCOUNT".into()), Ordering::Equal);
        assert_eq!(order(&Value::Null, &"".into()), Ordering::Less);
        assert_eq!(order(&2.into(), &10.into()), Ordering::Less);
    }
}
