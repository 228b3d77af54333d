//! Functions of a row's values, as SQL.

use headwater_catalogue::{Name, Value, ValueType};
use headwater_soql::resolved::{DateFunction, Distance, DistanceUnit, Expression};
use rust_decimal::Decimal;
use sea_query::{CaseStatement, Expr, ExprTrait as _, Func};

use super::scope::Scope;
use crate::dialect::{DATE_PART, DAY, DISTANCE, Dialect, OFFSET};
use crate::rows::Content;

/// Digits after the point of a place's degrees, as they are given to the function of distances.
pub(crate) const DEGREE_SCALE: u8 = 15;

/// Of a ball with the earth's mean radius, in millionths of the unit.
const RADIUS_MILES: i64 = 3_958_761_334;
const RADIUS_KILOMETRES: i64 = 6_371_008_800;

impl Scope<'_> {
    pub(super) fn date_function(
        self,
        function: DateFunction,
        of: &Expression,
        zone: Option<&Name>,
    ) -> Expr {
        let value = self.expression(of);
        let (instant, offset) = match (of.value_type(self.sources), zone) {
            // A day begins at its midnight, whatever the caller's zone.
            (ValueType::Date, _) => (
                value.mul(Dialect::number(86_400_000_000)),
                Dialect::number(0),
            ),
            (_, None) => (value, Dialect::number(0)),
            (_, Some(zone)) => {
                let name = Expr::Constant(zone.to_string().into());
                let offset = Func::cust(OFFSET).arg(name).arg(value.clone());
                (value, offset.into())
            }
        };
        let part = match function {
            DateFunction::DayOnly => return Func::cust(DAY).arg(instant).arg(offset).into(),
            DateFunction::CalendarMonth | DateFunction::FiscalMonth => "month",
            DateFunction::CalendarQuarter | DateFunction::FiscalQuarter => "quarter",
            DateFunction::CalendarYear | DateFunction::FiscalYear => "year",
            DateFunction::DayInMonth => "day",
            DateFunction::DayInWeek => "weekday",
            DateFunction::DayInYear => "yearday",
            DateFunction::HourInDay => "hour",
            DateFunction::WeekInMonth => "monthweek",
            DateFunction::WeekInYear => "yearweek",
        };
        let part = Expr::Constant(part.to_owned().into());
        Func::cust(DATE_PART)
            .arg(part)
            .arg(instant)
            .arg(offset)
            .into()
    }

    pub(super) fn label(self, of: &Expression, labels: &[(Name, Name)]) -> Expr {
        let mut case = CaseStatement::new();
        for (value, label) in labels {
            let value = self.dialect.folded(Expr::val(value.to_string()));
            let is_it = self.comparable(of).eq(value);
            case = case.case(is_it, Expr::val(label.to_string()));
        }
        case.finally(self.expression(of)).into()
    }

    pub(super) fn distance(self, distance: &Distance) -> Expr {
        let (latitude, longitude) = (
            self.field(distance.latitude),
            self.field(distance.longitude),
        );
        let divisor = |value_type| match value_type {
            ValueType::Decimal { scale } => Dialect::number(10_i64.pow(u32::from(scale))),
            _ => Dialect::number(1),
        };
        let degrees = |degrees: Decimal| {
            let scale = ValueType::Decimal {
                scale: DEGREE_SCALE,
            };
            match Content::of(&Value::Decimal(degrees), scale) {
                Content::Number(n) => Dialect::number(n),
                Content::Null | Content::Text(_) => Dialect::number(0),
            }
        };
        let radius = match distance.unit {
            DistanceUnit::Miles => RADIUS_MILES,
            DistanceUnit::Kilometres => RADIUS_KILOMETRES,
        };
        Func::cust(DISTANCE)
            .args([
                self.column(distance.latitude),
                divisor(latitude.kind.value_type()),
                self.column(distance.longitude),
                divisor(longitude.kind.value_type()),
                degrees(distance.from.0),
                degrees(distance.from.1),
                Dialect::number(radius),
            ])
            .into()
    }
}
