//! Syntax tree to canonical SOQL: keywords in capitals, one space, no parenthesis that is not
//! needed. Names keep the case they were written in.

use std::fmt::{self, Display, Formatter, Write};

use crate::ast::{
    Argument, Call, CategorySelector, Comparison, Condition, DataCategory, DateLiteral, DateUnit,
    Expression, FieldGroup, GroupBy, Literal, LiteralValue, Name, Nulls, Operand, Operator, Order,
    Path, Purpose, Query, SelectItem, Source, Subtotals, TypeOf, UpdateStatistic, With,
};

impl Display for Query<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("SELECT ")?;
        list(f, &self.select)?;
        f.write_str(" FROM ")?;
        list(f, &self.from)?;
        if let Some(scope) = &self.scope {
            write!(f, " USING SCOPE {scope}")?;
        }
        if let Some(condition) = &self.condition {
            write!(f, " WHERE {condition}")?;
        }
        if let Some(with) = &self.with {
            write!(f, " WITH {with}")?;
        }
        if let Some(group_by) = &self.group_by {
            write!(f, " GROUP BY {group_by}")?;
        }
        if let Some(having) = &self.having {
            write!(f, " HAVING {having}")?;
        }
        if !self.order_by.is_empty() {
            f.write_str(" ORDER BY ")?;
            list(f, &self.order_by)?;
        }
        if let Some(limit) = self.limit {
            write!(f, " LIMIT {}", limit.rows)?;
        }
        if let Some(offset) = self.offset {
            write!(f, " OFFSET {}", offset.rows)?;
        }
        for purpose in &self.purposes {
            write!(f, " FOR {purpose}")?;
        }
        if !self.updates.is_empty() {
            f.write_str(" UPDATE ")?;
            list(f, &self.updates)?;
        }
        Ok(())
    }
}

impl Display for SelectItem<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expression { expression, alias } => {
                write!(f, "{expression}")?;
                alias.map_or(Ok(()), |alias| write!(f, " {alias}"))
            }
            Self::Fields { group, .. } => f.write_str(match group {
                FieldGroup::All => "FIELDS(ALL)",
                FieldGroup::Custom => "FIELDS(CUSTOM)",
                FieldGroup::Standard => "FIELDS(STANDARD)",
            }),
            Self::Subquery(query) => write!(f, "({query})"),
            Self::TypeOf(type_of) => write!(f, "{type_of}"),
        }
    }
}

impl Display for TypeOf<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "TYPEOF {}", self.relationship)?;
        for branch in &self.branches {
            write!(f, " WHEN {} THEN ", branch.object)?;
            list(f, &branch.fields)?;
        }
        if !self.otherwise.is_empty() {
            f.write_str(" ELSE ")?;
            list(f, &self.otherwise)?;
        }
        f.write_str(" END")
    }
}

impl Display for Source<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        self.alias.map_or(Ok(()), |alias| write!(f, " {alias}"))
    }
}

impl Display for Name<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl Display for Path<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (place, name) in self.names().enumerate() {
            let dot = if place == 0 { "" } else { "." };
            write!(f, "{dot}{name}")?;
        }
        Ok(())
    }
}

impl Display for Expression<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.fmt(f),
            Self::Call(call) => call.fmt(f),
        }
    }
}

impl Display for Call<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.function.name())?;
        list(f, &self.arguments)?;
        f.write_char(')')
    }
}

impl Display for Argument<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expression(expression) => expression.fmt(f),
            Self::Literal(literal) => literal.fmt(f),
        }
    }
}

impl Display for Condition<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(terms) => joined(f, " AND ", terms),
            Self::Or(terms) => joined(f, " OR ", terms),
            Self::Not(negated) => {
                f.write_str("NOT ")?;
                term(f, negated)
            }
            Self::Comparison(comparison) => comparison.fmt(f),
        }
    }
}

fn joined(f: &mut Formatter<'_>, word: &str, terms: &[Condition<'_>]) -> fmt::Result {
    for (place, condition) in terms.iter().enumerate() {
        f.write_str(if place == 0 { "" } else { word })?;
        term(f, condition)?;
    }
    Ok(())
}

/// A condition inside another. Salesforce wants a NOT in parentheses there.
fn term(f: &mut Formatter<'_>, condition: &Condition<'_>) -> fmt::Result {
    match condition {
        Condition::Comparison(comparison) => comparison.fmt(f),
        Condition::And(_) | Condition::Or(_) | Condition::Not(_) => write!(f, "({condition})"),
    }
}

impl Display for Comparison<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.left, self.operator, self.right)
    }
}

impl Display for Operator {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Like => "LIKE",
            Self::In => "IN",
            Self::NotIn => "NOT IN",
            Self::Includes => "INCLUDES",
            Self::Excludes => "EXCLUDES",
        })
    }
}

impl Display for Operand<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(literal) => literal.fmt(f),
            Self::List(literals) => parenthesised(f, literals),
            Self::Subquery(query) => write!(f, "({query})"),
        }
    }
}

impl Display for Literal<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl Display for LiteralValue<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Boolean(true) => f.write_str("TRUE"),
            Self::Boolean(false) => f.write_str("FALSE"),
            Self::Number(digits) => f.write_str(digits),
            Self::Text(text) => quoted(f, text, "\\\\"),
            // A pattern's backslashes are escapes already.
            Self::Pattern(pattern) => quoted(f, pattern, "\\"),
            Self::Date(date) => date.fmt(f),
            Self::DateTime(instant) => instant.fmt(f),
            Self::DateLiteral(literal) => literal.fmt(f),
            Self::Currency { code, amount } => write!(f, "{code}{amount}"),
        }
    }
}

fn quoted(f: &mut Formatter<'_>, text: &str, backslash: &str) -> fmt::Result {
    f.write_char('\'')?;
    for c in text.chars() {
        match c {
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\u{8}' => f.write_str("\\b")?,
            '\u{c}' => f.write_str("\\f")?,
            '\'' => f.write_str("\\'")?,
            '\\' => f.write_str(backslash)?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('\'')
}

impl Display for DateLiteral {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Last(DateUnit::Day) => f.write_str("YESTERDAY"),
            Self::This(DateUnit::Day) => f.write_str("TODAY"),
            Self::Next(DateUnit::Day) => f.write_str("TOMORROW"),
            Self::Last(unit) => write!(f, "LAST_{}", unit.singular()),
            Self::This(unit) => write!(f, "THIS_{}", unit.singular()),
            Self::Next(unit) => write!(f, "NEXT_{}", unit.singular()),
            Self::LastN(unit, n) => write!(f, "LAST_N_{}:{n}", unit.plural()),
            Self::NextN(unit, n) => write!(f, "NEXT_N_{}:{n}", unit.plural()),
            Self::Ago(unit, n) => write!(f, "N_{}_AGO:{n}", unit.plural()),
        }
    }
}

impl Display for With<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecurityEnforced => f.write_str("SECURITY_ENFORCED"),
            Self::UserMode => f.write_str("USER_MODE"),
            Self::SystemMode => f.write_str("SYSTEM_MODE"),
            Self::DataCategory(categories) => {
                f.write_str("DATA CATEGORY ")?;
                separated(f, " AND ", categories)
            }
            Self::RecordVisibility(settings) => {
                f.write_str("RecordVisibilityContext (")?;
                for (place, (name, value)) in settings.iter().enumerate() {
                    let comma = if place == 0 { "" } else { ", " };
                    write!(f, "{comma}{name} = {value}")?;
                }
                f.write_char(')')
            }
        }
    }
}

impl Display for DataCategory<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let selector = match self.selector {
            CategorySelector::At => "AT",
            CategorySelector::Above => "ABOVE",
            CategorySelector::Below => "BELOW",
            CategorySelector::AboveOrBelow => "ABOVE_OR_BELOW",
        };
        write!(f, "{} {selector} ", self.group)?;
        match self.categories.as_slice() {
            [only] => only.fmt(f),
            several => parenthesised(f, several),
        }
    }
}

impl Display for GroupBy<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.subtotals {
            Subtotals::Plain => return list(f, &self.expressions),
            Subtotals::Rollup => f.write_str("ROLLUP")?,
            Subtotals::Cube => f.write_str("CUBE")?,
        }
        parenthesised(f, &self.expressions)
    }
}

impl Display for Order<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.expression)?;
        f.write_str(if self.descending { " DESC" } else { "" })?;
        f.write_str(match self.nulls {
            None => "",
            Some(Nulls::First) => " NULLS FIRST",
            Some(Nulls::Last) => " NULLS LAST",
        })
    }
}

impl Display for Purpose {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::View => "VIEW",
            Self::Reference => "REFERENCE",
            Self::Update => "UPDATE",
        })
    }
}

impl Display for UpdateStatistic {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tracking => "TRACKING",
            Self::ViewStat => "VIEWSTAT",
        })
    }
}

pub(crate) fn list<T: Display>(f: &mut Formatter<'_>, items: &[T]) -> fmt::Result {
    separated(f, ", ", items)
}

fn parenthesised<T: Display>(f: &mut Formatter<'_>, items: &[T]) -> fmt::Result {
    f.write_char('(')?;
    list(f, items)?;
    f.write_char(')')
}

fn separated<T: Display>(f: &mut Formatter<'_>, separator: &str, items: &[T]) -> fmt::Result {
    for (place, item) in items.iter().enumerate() {
        f.write_str(if place == 0 { "" } else { separator })?;
        item.fmt(f)?;
    }
    Ok(())
}
