//! The SELECT list: which columns are fetched, and how they make up a row.

use std::borrow::Cow;

use headwater_catalogue::{Kind, Name};
use jiff::tz::TimeZone;

use super::function::{LABEL, misplaced, path_of};
use super::group::written;
use super::path::{Content, Node, Reached, Walk, id_of};
use super::{Clause, FIELDS_ROWS_MAX, Resolver, field_at};
use crate::ast::{
    self, Argument, FieldGroup, Function, LiteralValue, Operand, Operator, SelectItem,
};
use crate::error::{SoqlError, SoqlErrorKind};
use crate::resolved::{Column, Expression, Output};

/// The parts of an address: the ending of the part's field, and its key in results.
const ADDRESS_PARTS: [(&str, &str); 10] = [
    ("City", "city"),
    ("Country", "country"),
    ("CountryCode", "countryCode"),
    ("GeocodeAccuracy", "geocodeAccuracy"),
    ("Latitude", "latitude"),
    ("Longitude", "longitude"),
    ("PostalCode", "postalCode"),
    ("State", "state"),
    ("StateCode", "stateCode"),
    ("Street", "street"),
];

/// Whether a query is `SELECT COUNT()`, which goes with nothing else in the list.
pub(super) fn is_count(query: &ast::Query<'_>) -> Result<bool, SoqlError> {
    let counts = |item: &SelectItem<'_>| match item {
        SelectItem::Expression {
            expression: ast::Expression::Call(call),
            ..
        } if call.arguments.is_empty() => Some(call.at),
        _ => None,
    };
    match (
        query.select.iter().find_map(counts),
        query.select.as_slice(),
    ) {
        (None, _) => Ok(false),
        (Some(_), [SelectItem::Expression { alias: None, .. }]) => Ok(true),
        (Some(at), _) => {
            let message = "COUNT() must be the only element in the select list";
            Err(SoqlError::malformed(at, message))
        }
    }
}

impl Resolver<'_> {
    pub(super) fn outputs(&mut self, query: &ast::Query<'_>) -> Result<Vec<Output>, SoqlError> {
        let mut outputs = Vec::with_capacity(query.select.len());
        for item in &query.select {
            match item {
                SelectItem::Expression { expression, alias } => match expression {
                    ast::Expression::Path(path) => {
                        check_no_alias(*alias)?;
                        let reached = self.reach(*path)?;
                        self.add(&mut outputs, reached)?;
                    }
                    ast::Expression::Call(call) => {
                        self.add_function(&mut outputs, call, *alias)?;
                    }
                },
                SelectItem::Fields { group, at } => {
                    check_rows_of_fields(query, *group, *at)?;
                    self.add_group(&mut outputs, *group)?;
                }
                SelectItem::Subquery(subquery) => {
                    let children = self.children(query, subquery)?;
                    outputs.push(children);
                }
                SelectItem::TypeOf(type_of) => self.add_type_of(&mut outputs, type_of)?,
            }
        }
        Ok(outputs)
    }

    fn add_group(&mut self, outputs: &mut Vec<Output>, group: FieldGroup) -> Result<(), SoqlError> {
        let object = self.objects[0];
        for place in 0..object.fields.len() {
            let wanted = match group {
                FieldGroup::All => true,
                FieldGroup::Custom => object.fields[place].custom,
                FieldGroup::Standard => !object.fields[place].custom,
            };
            if !wanted || !self.context.sees_field(object, place) {
                continue;
            }
            if let Some((field, name, content)) = self.content(0, place) {
                let reached = Reached {
                    walk: Walk::default(),
                    field,
                    name,
                    content,
                };
                self.add(outputs, reached)?;
            }
        }
        Ok(())
    }

    /// Puts a field into its place in the row: inside its parents, each made once.
    pub(super) fn add(
        &mut self,
        outputs: &mut Vec<Output>,
        reached: Reached<'_>,
    ) -> Result<(), SoqlError> {
        let Reached {
            walk,
            field,
            name,
            content,
        } = reached;
        let inner = self.place(outputs, &walk, &name)?;
        inner.push(match content {
            Content::Value(expression) => Output::Value {
                name,
                column: self.query.column(expression),
                kind: field.kind.clone(),
            },
            Content::Address(source) => self.address(source, name, &field.kind),
        });
        Ok(())
    }

    /// Where a value of this name goes: into its parents, unless it is there already.
    fn place<'o>(
        &mut self,
        outputs: &'o mut Vec<Output>,
        walk: &Walk,
        name: &str,
    ) -> Result<&'o mut Vec<Output>, SoqlError> {
        let mut inner = outputs;
        for (relationship, node) in &walk.steps {
            inner = self.parent(inner, relationship, node);
        }
        if inner
            .iter()
            .any(|output| output.name() == name && !output.is_parent())
        {
            let steps = walk.steps.iter().map(|(step, _)| &**step);
            let path: Vec<_> = steps.chain([name]).collect();
            return Err(selected_twice(&path.join(".")));
        }
        Ok(inner)
    }

    /// `toLabel(Status)` stands where the field would; with an alias, in the record itself.
    fn add_function(
        &mut self,
        outputs: &mut Vec<Output>,
        call: &ast::Call<'_>,
        alias: Option<ast::Name<'_>>,
    ) -> Result<(), SoqlError> {
        let is_shown = matches!(
            call.function,
            Function::ToLabel | Function::Format | Function::ConvertCurrency
        );
        if !is_shown {
            return Err(misplaced(call, Clause::Select));
        }
        let reached = match call.arguments.first() {
            Some(Argument::Expression(ast::Expression::Call(inner))) => self.shown(inner)?,
            _ => self.shown(call)?,
        };
        let kind = if call.function == Function::ToLabel {
            LABEL.clone()
        } else {
            reached.field.kind.clone()
        };
        let (walk, name) = match alias {
            Some(alias) => (Walk::default(), alias.text.to_owned().into()),
            None => (reached.walk.clone(), reached.name.clone()),
        };
        let value = reached.value(path_of(call)?)?;
        let column = self.query.column(value);
        let formatted = self.formatted(call);
        self.place(outputs, &walk, &name)?.push(Output::Function {
            name,
            column,
            kind,
            call: written(call),
            formatted,
        });
        Ok(())
    }

    /// Whether a call makes text for people, and on whose clock.
    pub(super) fn formatted(&self, call: &ast::Call<'_>) -> Option<TimeZone> {
        (call.function == Function::Format).then(|| self.context.zone.clone())
    }

    pub(super) fn parent<'o>(
        &mut self,
        outputs: &'o mut Vec<Output>,
        relationship: &Name,
        node: &Node,
    ) -> &'o mut Vec<Output> {
        let known = outputs
            .iter()
            .position(|output| output.is_parent() && output.name() == relationship);
        let place = known.unwrap_or_else(|| {
            let records = node.sources().iter().map(|source| {
                let id = self.query.column(id_of(*source));
                (self.objects[*source].clone(), id)
            });
            outputs.push(Output::Parent {
                name: relationship.clone(),
                records: records.collect(),
                outputs: Vec::new(),
            });
            outputs.len() - 1
        });
        match &mut outputs[place] {
            Output::Parent { outputs, .. } => outputs,
            Output::Value { .. }
            | Output::Function { .. }
            | Output::Address { .. }
            | Output::TypeOf { .. }
            | Output::Children { .. } => unreachable!("only parents are looked for and made"),
        }
    }

    /// An address of the parts that the object has and the caller sees.
    fn address(&mut self, source: usize, name: Name, kind: &Kind) -> Output {
        let object = self.objects[source];
        let prefix = match kind {
            Kind::Address { prefix } => &**prefix,
            _ => "",
        };
        let mut parts = Vec::new();
        for (ending, key) in ADDRESS_PARTS {
            let place = object
                .position(&format!("{prefix}{ending}"))
                .filter(|place| field_at(object, *place).is_column())
                .filter(|place| self.context.sees_field(object, *place));
            if let Some(field) = place {
                let column = self
                    .query
                    .column(Expression::Column(Column { source, field }));
                parts.push((Cow::Borrowed(key), column));
            }
        }
        Output::Address { name, parts }
    }
}

impl Output {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Value { name, .. }
            | Self::Function { name, .. }
            | Self::Address { name, .. }
            | Self::Parent { name, .. }
            | Self::TypeOf { name, .. }
            | Self::Children { name, .. } => name,
        }
    }

    fn is_parent(&self) -> bool {
        matches!(self, Self::Parent { .. })
    }
}

/// What stands twice in a SELECT list.
pub(super) fn selected_twice(path: &str) -> SoqlError {
    SoqlError::whole(
        SoqlErrorKind::InvalidField,
        format!("duplicate field selected: {path}"),
    )
}

/// Names of their own are for what functions give.
fn check_no_alias(alias: Option<ast::Name<'_>>) -> Result<(), SoqlError> {
    match alias {
        None => Ok(()),
        Some(alias) => Err(SoqlError::malformed(
            alias.at,
            "only aggregate expressions use field aliasing",
        )),
    }
}

/// Groups that may hold any number of custom fields are only for few rows.
fn check_rows_of_fields(
    query: &ast::Query<'_>,
    group: FieldGroup,
    at: ast::Position,
) -> Result<(), SoqlError> {
    let is_bounded = match group {
        FieldGroup::Standard => true,
        FieldGroup::All | FieldGroup::Custom => {
            query
                .limit
                .is_some_and(|limit| limit.rows <= FIELDS_ROWS_MAX)
                || query.condition.as_ref().is_some_and(names_few_ids)
        }
    };
    if is_bounded {
        return Ok(());
    }
    Err(SoqlError::malformed(
        at,
        format!("The SOQL FIELDS function must have a LIMIT of at most {FIELDS_ROWS_MAX}"),
    ))
}

fn names_few_ids(condition: &ast::Condition<'_>) -> bool {
    match condition {
        ast::Condition::And(terms) => terms.iter().any(names_few_ids),
        ast::Condition::Or(_) | ast::Condition::Not(_) => false,
        ast::Condition::Comparison(comparison) => {
            let is_id = match &comparison.left {
                ast::Expression::Path(path) => path.single().is_some_and(|name| name.is("Id")),
                ast::Expression::Call(_) => false,
            };
            let few = match (comparison.operator, &comparison.right) {
                (Operator::Equal, Operand::Literal(literal)) => literal.value != LiteralValue::Null,
                (Operator::In, Operand::List(ids)) => ids.len() <= FIELDS_ROWS_MAX as usize,
                _ => false,
            };
            is_id && few
        }
    }
}
