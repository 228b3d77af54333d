//! USING SCOPE: whose records.

use headwater_catalogue::{Object, Value};

use super::Context;
use crate::ast;
use crate::error::SoqlError;
use crate::resolved::{Column, Expression, Filter};

/// The scopes that are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// All that the caller sees.
    Everything,
    /// What the caller owns.
    Mine,
    /// What the caller owns, or a group or queue they are in.
    MineAndMyGroups,
}

/// Each scope with what becomes of it. Of territories, teams of accounts and delegation this
/// server has no records, so that those scopes are refused as on an organisation without them.
const SCOPES: [(&str, Option<Scope>); 8] = [
    ("everything", Some(Scope::Everything)),
    ("mine", Some(Scope::Mine)),
    ("mine_and_my_groups", Some(Scope::MineAndMyGroups)),
    // No rule is set, so that none narrows the scope.
    ("scopingRule", Some(Scope::Everything)),
    ("team", None),
    ("delegated", None),
    ("my_territory", None),
    ("my_team_territory", None),
];

impl Context<'_> {
    /// The records of an object, which is source 0, that a scope holds.
    pub(super) fn scope(&self, object: &Object, scope: ast::Name<'_>) -> Result<Filter, SoqlError> {
        let known = SCOPES.iter().find(|(name, _)| scope.is(name));
        let Some((name, known)) = known else {
            let message = format!("invalid scope '{scope}' in USING SCOPE");
            return Err(SoqlError::malformed(scope.at, message));
        };
        let unavailable = || {
            let message = format!("scope '{name}' is not available for {}", object.name);
            SoqlError::malformed(scope.at, message)
        };
        let known = known.ok_or_else(unavailable)?;
        if known == Scope::Everything {
            return Ok(Filter::Always);
        }
        let owner = object
            .position("OwnerId")
            .filter(|place| object.fields[*place].is_column());
        let column = Column {
            source: 0,
            field: owner.ok_or_else(unavailable)?,
        };
        let mine = Value::Id(self.caller);
        if known == Scope::Mine || self.groups.is_empty() {
            return Ok(Filter::equal(column, mine));
        }
        let groups = self.groups.iter().copied().map(Value::Id);
        Ok(Filter::In {
            left: Expression::Column(column),
            values: std::iter::once(mine).chain(groups).collect(),
        })
    }
}
