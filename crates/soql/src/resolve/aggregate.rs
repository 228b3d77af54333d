//! Aggregates: which kinds each takes, and what it gives.

use headwater_catalogue::{Digits, Field, Kind, Name};

use super::condition::Left;
use super::function::{misplaced, path_of};
use super::group::COUNT;
use super::{Clause, Resolver};
use crate::ast::{self, Argument, Function};
use crate::error::SoqlError;
use crate::resolved::{Aggregate, AggregateFunction, Expression, GroupPart, OfGroup};

/// What an average of whole numbers is.
static AVERAGE: Kind = Kind::Double(Digits {
    precision: 18,
    scale: 2,
});

impl<'a> Resolver<'a> {
    /// One value of the rows of each group.
    pub(super) fn aggregate(
        &mut self,
        call: &ast::Call<'_>,
        function: AggregateFunction,
    ) -> Result<Left<'a>, SoqlError> {
        if call.arguments.is_empty() {
            let message = "COUNT() stands alone in the SELECT list; here COUNT takes a field";
            return Err(SoqlError::malformed(call.at, message));
        }
        let path = path_of(call)?;
        let is_converted = matches!(
            call.arguments.first(),
            Some(Argument::Expression(ast::Expression::Call(_)))
        );
        let reached = self.reach(path)?;
        let field = reached.field;
        if !takes(function, field) || is_converted && !matches!(field.kind, Kind::Currency(_)) {
            let (name, function) = (&reached.name, call.function.name());
            return Err(SoqlError::malformed(
                call.at,
                format!("field {name} does not support aggregate operator {function}"),
            ));
        }
        let name = reached.name.clone();
        let of = reached.value(path)?;
        let value_type = function.value_type(self.query.value_type(&of));
        let aggregate = Aggregate {
            function,
            ranks: ranks(function, field),
            of: of.clone(),
        };
        let Some(group) = &mut self.query.group else {
            return Err(misplaced(call, Clause::Where));
        };
        let part = GroupPart::Aggregate(group.aggregate(aggregate));
        let expression = match function {
            AggregateFunction::Least | AggregateFunction::Greatest => self.part(part, &of),
            AggregateFunction::Count
            | AggregateFunction::CountDistinct
            | AggregateFunction::Sum
            | AggregateFunction::Average => Expression::OfGroup(OfGroup {
                part,
                value_type,
                case_sensitive: false,
            }),
        };
        Ok(Left {
            at: call.at,
            name,
            kind: kind_of(function, field),
            value_type,
            expression,
            takes_date_literals: true,
            is_own: false,
        })
    }
}

/// The aggregate that a function is.
pub(super) fn aggregate_function(function: Function) -> Option<AggregateFunction> {
    match function {
        Function::Count => Some(AggregateFunction::Count),
        Function::CountDistinct => Some(AggregateFunction::CountDistinct),
        Function::Sum => Some(AggregateFunction::Sum),
        Function::Avg => Some(AggregateFunction::Average),
        Function::Min => Some(AggregateFunction::Least),
        Function::Max => Some(AggregateFunction::Greatest),
        _ => None,
    }
}

/// Whether an aggregate takes a field.
fn takes(function: AggregateFunction, field: &Field) -> bool {
    match function {
        AggregateFunction::Sum | AggregateFunction::Average => matches!(
            field.kind,
            Kind::Integer { .. } | Kind::Double(_) | Kind::Currency(_) | Kind::Percent(_)
        ),
        AggregateFunction::Count
        | AggregateFunction::CountDistinct
        | AggregateFunction::Least
        | AggregateFunction::Greatest => field.is_aggregatable(),
    }
}

/// The least and the greatest value of a picklist are so by the order of the list.
fn ranks(function: AggregateFunction, field: &Field) -> Vec<Name> {
    match (function, &field.kind) {
        (
            AggregateFunction::Least | AggregateFunction::Greatest,
            Kind::Picklist(list) | Kind::Combobox(list),
        ) => {
            let values = list.choices.iter().map(|choice| choice.value.clone());
            values.collect()
        }
        _ => Vec::new(),
    }
}

fn kind_of(function: AggregateFunction, field: &Field) -> &Kind {
    match function {
        AggregateFunction::Count | AggregateFunction::CountDistinct => &COUNT,
        AggregateFunction::Average if matches!(field.kind, Kind::Integer { .. }) => &AVERAGE,
        AggregateFunction::Sum
        | AggregateFunction::Average
        | AggregateFunction::Least
        | AggregateFunction::Greatest => &field.kind,
    }
}
