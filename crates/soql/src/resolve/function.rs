//! Functions of one row's values: parts of dates, labels, distances.

use std::borrow::Cow;

use headwater_catalogue::{Digits, Field, Kind, Name, Object, ValueType};
use rust_decimal::Decimal;

use super::condition::Left;
use super::path::{Content, Reached};
use super::value::{decimal_of, type_name};
use super::{Clause, Resolver, unsupported};
use crate::ast::{self, Argument, Function, LiteralValue};
use crate::error::{SoqlError, SoqlErrorKind};
use crate::resolved::{Column, DISTANCE_SCALE, DateFunction, Distance, DistanceUnit, Expression};

/// What a part of a date is.
static PART: Kind = Kind::Integer { digits: 4 };
static DAY: Kind = Kind::Date;
pub(super) static LABEL: Kind = Kind::Text { length: 255 };
static DISTANCE: Kind = Kind::Double(Digits {
    precision: 18,
    scale: DISTANCE_SCALE,
});

impl<'a> Resolver<'a> {
    /// What a function gives for each row, where it may stand for a field.
    pub(super) fn of_row(
        &mut self,
        call: &ast::Call<'_>,
        clause: Clause,
    ) -> Result<Left<'a>, SoqlError> {
        let function = call.function;
        if function.is_date_part() {
            return self.date_part(call);
        }
        match function {
            Function::ToLabel => {
                let path = path_of(call)?;
                let of = self.filterable(path)?;
                label(of)
            }
            Function::Distance => self.distance(call),
            _ => Err(misplaced(call, clause)),
        }
    }

    /// `CALENDAR_YEAR(CreatedDate)`, `DAY_ONLY(convertTimezone(CreatedDate))`
    pub(super) fn date_part(&mut self, call: &ast::Call<'_>) -> Result<Left<'a>, SoqlError> {
        let Some(function) = date_function(call.function) else {
            return Err(unsupported(call.at, call.function.name()));
        };
        let inner = match call.arguments.first() {
            Some(Argument::Expression(ast::Expression::Call(inner))) => Some(inner),
            _ => None,
        };
        let of = self.filterable(path_of(inner.unwrap_or(call))?)?;
        let wants_time =
            inner.is_some() || matches!(function, DateFunction::DayOnly | DateFunction::HourInDay);
        if !(*of.kind == Kind::DateTime || *of.kind == Kind::Date && !wants_time) {
            return Err(does_not_support(call, &of.name));
        }
        let kind = if function == DateFunction::DayOnly {
            &DAY
        } else {
            &PART
        };
        Ok(Left {
            at: call.at,
            name: of.name,
            kind,
            value_type: kind.value_type(),
            expression: Expression::DateFunction {
                function,
                of: Box::new(of.expression),
                zone: inner.and_then(|_| self.zone()),
            },
            takes_date_literals: false,
            is_own: false,
        })
    }

    /// The name of the caller's zone; none for UTC, in which everything is kept.
    fn zone(&self) -> Option<Name> {
        let name = self.context.zone.iana_name()?;
        (name != "UTC").then(|| Cow::Owned(name.to_owned()))
    }

    /// `DISTANCE(BillingAddress, GEOLOCATION(52.5, 13.4), 'km')`
    fn distance(&mut self, call: &ast::Call<'_>) -> Result<Left<'a>, SoqlError> {
        let path = path_of(call)?;
        let reached = self.reach(path)?;
        let (Content::Address(source), Kind::Address { prefix }) =
            (&reached.content, &reached.field.kind)
        else {
            return Err(does_not_support(call, &reached.name));
        };
        let part = |ending: &str| self.coordinate(*source, &format!("{prefix}{ending}"));
        let (Some(latitude), Some(longitude)) = (part("Latitude"), part("Longitude")) else {
            return Err(does_not_support(call, &reached.name));
        };
        let distance = Distance {
            latitude,
            longitude,
            from: geolocation(call)?,
            unit: unit(call),
        };
        Ok(Left {
            at: call.at,
            name: reached.name,
            kind: &DISTANCE,
            value_type: DISTANCE.value_type(),
            expression: Expression::Distance(Box::new(distance)),
            takes_date_literals: false,
            is_own: false,
        })
    }

    fn coordinate(&self, source: usize, name: &str) -> Option<Column> {
        let object: &Object = self.objects[source];
        let field = object.position(name)?;
        let is_seen = self.context.sees_field(object, field);
        let is_number = |field: &Field| {
            field.is_column() && matches!(field.kind.value_type(), ValueType::Decimal { .. })
        };
        (is_seen && is_number(&object.fields[field])).then_some(Column { source, field })
    }

    /// The field of `toLabel`, `FORMAT` or `convertCurrency`, where it can be.
    pub(super) fn shown(&mut self, call: &ast::Call<'_>) -> Result<Reached<'a>, SoqlError> {
        let path = path_of(call)?;
        let mut reached = self.reach(path)?;
        match call.function {
            Function::ToLabel => {
                let of = Left {
                    at: path.at,
                    name: reached.name.clone(),
                    kind: &reached.field.kind,
                    value_type: reached.field.kind.value_type(),
                    expression: match reached.content {
                        Content::Value(value) => value,
                        Content::Address(_) => return Err(does_not_support(call, &reached.name)),
                    },
                    takes_date_literals: false,
                    is_own: false,
                };
                reached.content = Content::Value(label(of)?.expression);
                Ok(reached)
            }
            Function::ConvertCurrency if !matches!(reached.field.kind, Kind::Currency(_)) => {
                Err(does_not_support(call, &reached.name))
            }
            _ if matches!(reached.content, Content::Address(_)) => {
                Err(does_not_support(call, &reached.name))
            }
            _ => Ok(reached),
        }
    }
}

/// A value as people see it. What is not of the list is shown as it is.
pub(super) fn label(of: Left<'_>) -> Result<Left<'_>, SoqlError> {
    if type_name(of.kind) != "string" && !matches!(of.kind, Kind::MultiPicklist(_)) {
        return Err(SoqlError::new(
            SoqlErrorKind::InvalidField,
            of.at,
            format!("field {} does not support toLabel", of.name),
        ));
    }
    let choices = of.kind.as_picklist().map(|list| list.choices.iter());
    let labels: Vec<(Name, Name)> = choices
        .into_iter()
        .flatten()
        .filter(|choice| choice.value != choice.label)
        .map(|choice| (choice.value.clone(), choice.label.clone()))
        .collect();
    if matches!(of.kind, Kind::MultiPicklist(_)) && !labels.is_empty() {
        return Err(unsupported(of.at, "toLabel of several values"));
    }
    let expression = if labels.is_empty() {
        of.expression
    } else {
        Expression::Label {
            of: Box::new(of.expression),
            labels,
        }
    };
    Ok(Left {
        kind: &LABEL,
        value_type: ValueType::Text,
        expression,
        takes_date_literals: false,
        ..of
    })
}

/// The field that a function is called with.
pub(super) fn path_of<'q>(call: &ast::Call<'q>) -> Result<ast::Path<'q>, SoqlError> {
    match call.arguments.first() {
        Some(Argument::Expression(ast::Expression::Path(path))) => Ok(*path),
        Some(Argument::Expression(ast::Expression::Call(inner))) => path_of(inner),
        Some(Argument::Literal(_)) | None => Err(SoqlError::malformed(
            call.at,
            format!("{} takes a field", call.function.name()),
        )),
    }
}

/// A function that is not for this clause.
pub(super) fn misplaced(call: &ast::Call<'_>, clause: Clause) -> SoqlError {
    let name = call.function.name();
    SoqlError::malformed(
        call.at,
        format!("{name} is not allowed in {}", clause.name()),
    )
}

/// A field of a kind that the function does not take.
pub(super) fn does_not_support(call: &ast::Call<'_>, field: &str) -> SoqlError {
    SoqlError::new(
        SoqlErrorKind::InvalidField,
        call.at,
        format!("field {field} does not support {}", call.function.name()),
    )
}

fn geolocation(call: &ast::Call<'_>) -> Result<(Decimal, Decimal), SoqlError> {
    let Some(Argument::Expression(ast::Expression::Call(place))) = call.arguments.get(1) else {
        return Err(unsupported(call.at, call.function.name()));
    };
    let coordinate = |number: usize, most: i64| match place.arguments.get(number) {
        Some(Argument::Literal(literal)) => match literal.value {
            LiteralValue::Number(digits) if decimal_of(digits).abs() <= Decimal::from(most) => {
                Ok(decimal_of(digits))
            }
            _ => Err(SoqlError::new(
                SoqlErrorKind::NumberOutsideValidRange,
                literal.at,
                format!("a coordinate here is a number from -{most} to {most}"),
            )),
        },
        _ => Err(unsupported(place.at, place.function.name())),
    };
    Ok((coordinate(0, 90)?, coordinate(1, 180)?))
}

fn unit(call: &ast::Call<'_>) -> DistanceUnit {
    match call.arguments.get(2) {
        Some(Argument::Literal(literal)) if literal.value == LiteralValue::Text("mi".into()) => {
            DistanceUnit::Miles
        }
        // The parser lets only the two through.
        _ => DistanceUnit::Kilometres,
    }
}

fn date_function(function: Function) -> Option<DateFunction> {
    Some(match function {
        Function::CalendarMonth => DateFunction::CalendarMonth,
        Function::CalendarQuarter => DateFunction::CalendarQuarter,
        Function::CalendarYear => DateFunction::CalendarYear,
        Function::DayInMonth => DateFunction::DayInMonth,
        Function::DayInWeek => DateFunction::DayInWeek,
        Function::DayInYear => DateFunction::DayInYear,
        Function::DayOnly => DateFunction::DayOnly,
        Function::FiscalMonth => DateFunction::FiscalMonth,
        Function::FiscalQuarter => DateFunction::FiscalQuarter,
        Function::FiscalYear => DateFunction::FiscalYear,
        Function::HourInDay => DateFunction::HourInDay,
        Function::WeekInMonth => DateFunction::WeekInMonth,
        Function::WeekInYear => DateFunction::WeekInYear,
        Function::Avg
        | Function::Count
        | Function::CountDistinct
        | Function::Max
        | Function::Min
        | Function::Sum
        | Function::Grouping
        | Function::ConvertTimezone
        | Function::ConvertCurrency
        | Function::Format
        | Function::ToLabel
        | Function::Distance
        | Function::Geolocation => return None,
    })
}
