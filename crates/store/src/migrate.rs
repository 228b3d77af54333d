//! From the tables that are there to the tables the catalogue asks for.
//!
//! What was applied is written down element by element (a table, a column, an index) in the
//! database itself. Only additions are made by difference; columns that the catalogue no longer
//! has stay, with their data. Indexes hold no data of their own and are made anew when they
//! change.

use std::collections::{HashMap, HashSet};

use headwater_catalogue::{Catalogue, Field, Keeps, Object, Source};
use sea_query::{Expr, ExprTrait as _, Func, Query};

use crate::ddl::{self, IS_DELETED, TableFacts};
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::recycle;
use crate::search::{self, Note};

/// What was applied: elements with their definitions.
pub(crate) type Applied = HashMap<String, String>;

/// What to do.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Migration {
    /// Statements, in order.
    pub(crate) statements: Vec<String>,
    /// Elements to write down.
    pub(crate) elements: Vec<(String, String)>,
}

impl Migration {
    /// The difference between what was applied and the catalogue.
    ///
    /// # Errors
    /// [`StoreError::NotAdditive`] when a column would have to change its type.
    pub(crate) fn between(
        applied: &Applied,
        catalogue: &Catalogue,
        dialect: Dialect,
    ) -> Result<Self, StoreError> {
        let mut migration = Self::default();
        migration.functions(applied, dialect);
        let tables = tables(catalogue);
        let mut fresh = HashSet::new();
        for table in &tables {
            if migration.table(applied, table, dialect)? {
                fresh.insert(table.name.as_str());
            }
        }
        for table in tables
            .iter()
            .filter(|table| fresh.contains(table.name.as_str()))
        {
            migration.statements.extend(table.foreign_keys(dialect));
        }
        for table in &tables {
            migration.indexes(applied, table, dialect);
        }
        migration.fill_rollups(applied, catalogue, dialect);
        for object in catalogue.objects() {
            let is_new = fresh.contains(&*object.name);
            migration.words(applied, object, is_new, dialect);
        }
        migration.fill_recycle_bin(applied, catalogue);
        Ok(migration)
    }

    /// For a database without tables that is about to be loaded: what is made before the rows, and
    /// what is made after them.
    ///
    /// # Errors
    /// None with nothing applied; see [`Migration::between`].
    pub(crate) fn around_load(
        catalogue: &Catalogue,
        dialect: Dialect,
    ) -> Result<(Self, Self), StoreError> {
        let (mut before, mut after) = (Self::default(), Self::default());
        let nothing = Applied::new();
        before.functions(&nothing, dialect);
        for table in &tables(catalogue) {
            before.table(&nothing, table, dialect)?;
            after.statements.extend(table.foreign_keys(dialect));
            after.indexes(&nothing, table, dialect);
        }
        for object in catalogue.objects() {
            after.words(&nothing, object, false, dialect);
        }
        Ok((before, after))
    }

    /// Makes the functions that are new. One that an index holds what it gives must stay as it is.
    fn functions(&mut self, applied: &Applied, dialect: Dialect) {
        for (name, make) in dialect.prelude() {
            let element = format!("function {name}");
            if applied.get(&element).is_none_or(|known| known != make) {
                self.statements.push((*make).to_owned());
                self.elements.push((element, (*make).to_owned()));
            }
        }
    }

    /// Makes a table or its new columns; true if the whole table is new.
    fn table(
        &mut self,
        applied: &Applied,
        table: &TableFacts,
        dialect: Dialect,
    ) -> Result<bool, StoreError> {
        let fresh = !applied.contains_key(&table.name);
        if fresh {
            self.statements.push(table.create(dialect));
            self.elements.push((table.name.clone(), "table".to_owned()));
        }
        for column in &table.columns {
            let element = format!("{}.{}", table.name, column.name);
            let definition = column.definition();
            match applied.get(&element) {
                Some(known) if *known == definition => continue,
                Some(known) => {
                    return Err(StoreError::NotAdditive(format!(
                        "{element} is {known} and would have to become {definition}"
                    )));
                }
                None if fresh => {}
                None => self.statements.push(table.add_column(column, dialect)),
            }
            self.elements.push((element, definition));
        }
        Ok(fresh)
    }

    fn indexes(&mut self, applied: &Applied, table: &TableFacts, dialect: Dialect) {
        for index in &table.indexes {
            let element = format!("{}/{}", table.name, index.name);
            let definition = index.create(table, dialect);
            match applied.get(&element) {
                Some(known) if *known == definition => continue,
                Some(_) => self
                    .statements
                    .push(format!("DROP INDEX \"{}\"", index.name)),
                None => {}
            }
            self.statements.push(definition.clone());
            self.elements.push((element, definition));
        }
    }

    /// Makes the index of an object's words, empty: it is whole when the table is new too, and is
    /// filled later when not. See [`crate::search`].
    fn words(&mut self, applied: &Applied, object: &Object, is_new: bool, dialect: Dialect) {
        let Some(made_of) = search::made_of(object) else {
            return;
        };
        let name = search::table_name(&object.name);
        let known = applied.get(&name).map(|text| Note::read(text));
        let following = known
            .as_ref()
            .and_then(|known| known.following(&object.name, &made_of, applied));
        if following.is_some() && following == known {
            return;
        }
        let note = following.unwrap_or_else(|| {
            if known.is_some() {
                self.statements.push(format!("DROP TABLE \"{name}\""));
            }
            self.statements.extend(dialect.create_words(&name));
            let after = (!is_new).then(String::new);
            Note { made_of, after }
        });
        self.elements.push((name, note.text()));
    }

    /// A rollup that is new on a table with rows starts from what those rows have.
    fn fill_rollups(&mut self, applied: &Applied, catalogue: &Catalogue, dialect: Dialect) {
        for object in catalogue.objects() {
            for field in object.fields.iter() {
                let element = format!("{}.{}", object.name, field.name);
                if applied.contains_key(&*object.name) && !applied.contains_key(&element) {
                    self.statements
                        .extend(fill(catalogue, object, field, dialect));
                }
            }
        }
    }
}

impl Migration {
    /// A database that was made before deletes left notes gets them from its deleted rows.
    fn fill_recycle_bin(&mut self, applied: &Applied, catalogue: &Catalogue) {
        if applied.is_empty() || applied.contains_key("_headwater_recycled") {
            return;
        }
        let known = catalogue
            .objects()
            .iter()
            .filter(|object| applied.contains_key(&*object.name));
        self.statements
            .extend(known.filter_map(|object| recycle::fill(object)));
    }
}

/// Every table: our own and the objects'.
fn tables(catalogue: &Catalogue) -> Vec<TableFacts> {
    let objects = catalogue.objects().iter().map(|object| ddl::table(object));
    ddl::own_tables().into_iter().chain(objects).collect()
}

fn fill(catalogue: &Catalogue, object: &Object, field: &Field, dialect: Dialect) -> Option<String> {
    let mut update = Query::update();
    let value = rollup_of(catalogue, field, Expr::col((name(object), "Id")), dialect)?;
    update.table(name(object)).value(name_of(field), value);
    Some(dialect.show(&update))
}

/// A rollup's value, counted from the rows that refer to the row with this id.
pub(crate) fn rollup_of(
    catalogue: &Catalogue,
    field: &Field,
    id: Expr,
    dialect: Dialect,
) -> Option<Expr> {
    let Source::Rollup(rollup) = &field.source else {
        return None;
    };
    let child = catalogue.object(&rollup.object)?;
    let reference = child.field(&rollup.reference)?;
    let mut rows = Query::select();
    rows.from_as(name(child), "c")
        .and_where(Expr::col(("c", name_of(reference))).eq(id));
    if child.keeps_deleted() {
        rows.and_where(Expr::col(("c", IS_DELETED)).eq(dialect.boolean(false)));
    }
    match &rollup.keeps {
        Keeps::Count => rows.expr(Func::count(Expr::col(("c", "Id")))),
        Keeps::Greatest(of) => {
            let of = child.field(of)?;
            rows.expr(Func::max(Expr::col(("c", name_of(of)))))
        }
    };
    Some(Expr::SubQuery(None, Box::new(rows.into())))
}

fn name(object: &Object) -> String {
    object.name.to_string()
}

fn name_of(field: &Field) -> String {
    field.name.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(applied: &Applied) -> Vec<String> {
        let catalogue = Catalogue::built_in().unwrap();
        let migration = Migration::between(applied, &catalogue, Dialect::Postgres).unwrap();
        migration.statements
    }

    #[test]
    fn a_database_of_an_earlier_release_gets_the_functions_that_are_new() {
        let catalogue = Catalogue::built_in().unwrap();
        let fresh = Migration::between(&Applied::new(), &catalogue, Dialect::Postgres).unwrap();
        let mut applied: Applied = fresh.elements.into_iter().collect();
        assert_eq!(statements(&applied), Vec::<String>::new());
        applied.remove("function headwater_sum");
        let missing = statements(&applied);
        assert_eq!(missing.len(), 1);
        assert!(
            missing[0].contains("FUNCTION headwater_sum("),
            "{missing:?}"
        );
    }
}
