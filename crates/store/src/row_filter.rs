//! Filters that can be told from a row in hand.
//!
//! "The owner is one of these" decides most writes of callers with restricted rights. The row has
//! been read anyway; asking the database again would cost as much as the write's other reads
//! together.

use headwater_catalogue::Value;
use headwater_soql::resolved::{Column, Comparison, Expression, Filter};

/// Whether a row passes a filter; none if that takes the database to say. Only ids are compared
/// here: they are equal or not, without collation or rounding.
pub(crate) fn passes(filter: &Filter, row: &[Value]) -> Option<bool> {
    match filter {
        Filter::Always => Some(true),
        Filter::Never => Some(false),
        Filter::And(all) => all
            .iter()
            .try_fold(true, |so_far, one| Some(so_far & passes(one, row)?)),
        Filter::Or(all) => all
            .iter()
            .try_fold(false, |so_far, one| Some(so_far | passes(one, row)?)),
        Filter::Not(one) => passes(one, row).map(|passed| !passed),
        Filter::Compare {
            left,
            operator: Comparison::Equal,
            right: right @ Value::Id(_),
        } => Some(id(left, row)? == right),
        Filter::In { left, values } => Some(values.contains(id(left, row)?)),
        Filter::IsNull(_)
        | Filter::Compare { .. }
        | Filter::Like { .. }
        | Filter::Includes { .. }
        | Filter::InQuery { .. }
        | Filter::Found { .. } => None,
    }
}

/// What a column of the row holds, if that is an id or nothing.
fn id<'a>(left: &Expression, row: &'a [Value]) -> Option<&'a Value> {
    let Expression::Column(Column { source: 0, field }) = left else {
        return None;
    };
    let held = row.get(*field)?;
    matches!(held, Value::Id(_) | Value::Null).then_some(held)
}

#[cfg(test)]
mod tests {
    use headwater_catalogue::{Id, KeyPrefix};

    use super::*;

    #[test]
    fn owners_are_told_from_the_row_and_other_things_are_not() {
        let user = |n| Id::new(KeyPrefix::new("005"), n);
        let row = [Value::Id(user(1)), Value::Null, "text".into()];
        let column = |field| Expression::Column(Column { source: 0, field });
        let equal = |field, n| Filter::Compare {
            left: column(field),
            operator: Comparison::Equal,
            right: user(n).into(),
        };
        let among = |values| Filter::In {
            left: column(0),
            values,
        };
        assert_eq!(passes(&equal(0, 1), &row), Some(true));
        assert_eq!(passes(&equal(1, 1), &row), Some(false));
        assert_eq!(
            passes(&Filter::Not(Box::new(equal(1, 1))), &row),
            Some(true)
        );
        assert_eq!(
            passes(&among(vec![user(2).into(), user(1).into()]), &row),
            Some(true)
        );
        assert_eq!(passes(&among(vec![]), &row), Some(false));
        assert_eq!(
            passes(&Filter::Or(vec![equal(0, 2), equal(0, 1)]), &row),
            Some(true)
        );
        assert_eq!(
            passes(&Filter::And(vec![equal(0, 2), equal(0, 1)]), &row),
            Some(false)
        );
        assert_eq!(
            passes(
                &Filter::equal(
                    Column {
                        source: 0,
                        field: 2
                    },
                    "text".into()
                ),
                &row
            ),
            None
        );
        assert_eq!(
            passes(
                &Filter::And(vec![equal(0, 1), Filter::IsNull(column(1))]),
                &row
            ),
            None
        );
    }
}
