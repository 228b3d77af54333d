//! Values that stand in other records than those of the query's sources: subqueries for one value.

use headwater_catalogue::{Object, Value, ValueType};
use sea_query::{Expr, ExprTrait as _, Func, SelectStatement};

use super::Scope;
use crate::ddl::{IS_DELETED, is_binary};

impl Scope<'_> {
    /// How many not deleted records refer to a source's row and hold these values.
    pub(super) fn count_of(
        self,
        source: usize,
        object: &Object,
        reference: usize,
        holding: &[(usize, Value)],
    ) -> Expr {
        let (id, mut rows) = (self.named(source, "Id"), SelectStatement::new());
        let column = |place: usize| Expr::col(("c", object.fields[place].name.to_string()));
        rows.expr(Func::count(Expr::col(("c", "Id"))))
            .from_as(object.name.to_string(), "c")
            .and_where(column(reference).eq(id));
        for (field, value) in holding {
            rows.and_where(self.equal(object, *field, value));
        }
        if object.keeps_deleted() {
            let deleted = Expr::col(("c", IS_DELETED));
            rows.and_where(deleted.eq(self.dialect.boolean(false)));
        }
        self.if_there(source, Expr::SubQuery(None, Box::new(rows.into())))
    }

    /// When somebody has last seen a source's row. Nobody has seen one that is not there.
    pub(super) fn last_seen(
        self,
        source: usize,
        object: &Object,
        [record, by, at]: [usize; 3],
        user: &Value,
    ) -> Expr {
        let column = |place: usize| Expr::col(("s", object.fields[place].name.to_string()));
        let user = self.dialect.value(user, ValueType::Id);
        let mut seen = SelectStatement::new();
        seen.expr(column(at))
            .from_as(object.name.to_string(), "s")
            .and_where(column(by).eq(Expr::val(user)))
            .and_where(column(record).eq(self.named(source, "Id")));
        Expr::SubQuery(None, Box::new(seen.into()))
    }

    /// A field of the rows counted by [`Expression::CountOf`] has this value.
    fn equal(self, object: &Object, field: usize, value: &Value) -> Expr {
        let facts = &object.fields[field];
        let column = Expr::col(("c", facts.name.to_string()));
        let value = Expr::val(self.dialect.value(value, facts.kind.value_type()));
        if is_binary(facts) || facts.kind.value_type() != ValueType::Text {
            column.eq(value)
        } else {
            self.dialect.folded(column).eq(self.dialect.folded(value))
        }
    }
}
