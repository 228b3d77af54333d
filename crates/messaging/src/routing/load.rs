//! What a session takes of an agent's capacity.

use headwater_catalogue::Value;
use headwater_records::Cells;

/// Hundredths of a unit of capacity: weights have two decimals.
pub(crate) type Hundredths = i64;

/// What one session takes of an agent's capacity.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Load {
    pub(crate) weight: Value,
    pub(crate) percentage: Value,
}

impl Load {
    /// One unit, which is what a session takes where the set-up does not say.
    pub(crate) fn unit() -> Self {
        Self {
            weight: Value::Integer(1),
            percentage: Value::Null,
        }
    }

    pub(crate) fn of(row: Cells<'_>) -> Self {
        let (weight, percentage) = (row.get("CapacityWeight"), row.get("CapacityPercentage"));
        if weight.is_null() && percentage.is_null() {
            return Self::unit();
        }
        Self {
            weight: weight.clone(),
            percentage: percentage.clone(),
        }
    }

    /// Of an agent with this capacity.
    pub(crate) fn of_capacity(&self, capacity: Hundredths) -> Hundredths {
        match hundredths(&self.percentage) {
            Some(percentage) => capacity.saturating_mul(percentage) / 10_000,
            None => hundredths(&self.weight).unwrap_or(100).max(0),
        }
    }
}

/// A number in hundredths.
pub(crate) fn hundredths(value: &Value) -> Option<Hundredths> {
    let text = match value {
        Value::Integer(whole) => return whole.checked_mul(100),
        Value::Decimal(decimal) => decimal.to_string(),
        _ => return None,
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let cents: i64 = format!("{fraction:0<2}").get(..2)?.parse().ok()?;
    let whole: i64 = whole.parse().ok()?;
    whole.checked_mul(100)?.checked_add(cents)
}

#[cfg(test)]
mod tests {
    use headwater_catalogue::Value;

    use super::{Load, hundredths};

    #[test]
    fn a_weight_is_taken_as_it_is_and_a_percentage_of_what_the_agent_has() {
        let whole = Load {
            weight: Value::Integer(2),
            percentage: Value::Null,
        };
        assert_eq!(whole.of_capacity(500), 200);
        let half = Load {
            weight: Value::Null,
            percentage: Value::Integer(50),
        };
        assert_eq!(half.of_capacity(500), 250);
        assert_eq!(Load::unit().of_capacity(500), 100);
    }

    #[test]
    fn what_is_no_number_has_no_hundredths() {
        assert_eq!(hundredths(&Value::Null), None);
        assert_eq!(hundredths(&Value::Integer(3)), Some(300));
    }
}
