//! Merging records: whatever refers to one refers to another from now on, and the one goes.
//!
//! Each record that is moved goes the way of every update, so that its history, its rollups and
//! its change-log entry are what they would be if somebody had changed it by hand. What inherits
//! through it is not touched at all.

use std::sync::Arc;

use headwater_catalogue::{Catalogue, Id, Object, Value, ValueType};
use headwater_soql::resolved::Filter;
use sea_query::{Expr, ExprTrait as _, Query};

use crate::apply::{Run, is_deleted, modstamp};
use crate::ddl::{IS_DELETED, IndexFacts, is_filled};
use crate::rows::Content;
use crate::session::borrowed;
use crate::table::{Referring, Table, is_history_of, references_to};
use crate::write_set::{Outcome, WriteError};

/// The references that a merge of an object's records moves to the survivor, by the object that
/// holds them: all that are stored, but those of the records' own history.
pub fn moved_by_merge(object: &Object, catalogue: &Catalogue) -> Vec<(Arc<Object>, Vec<usize>)> {
    let mut moved: Vec<(Arc<Object>, Vec<usize>)> = Vec::new();
    for (child, field, _) in references_to(object, catalogue) {
        if is_history_of(object, child) {
            continue;
        }
        match moved.iter_mut().find(|(known, _)| known.name == child.name) {
            Some((_, fields)) => fields.push(field),
            None => moved.push((Arc::clone(child), vec![field])),
        }
    }
    moved
}

/// Who stays and who goes.
struct Merging<'a> {
    table: &'a Table,
    survivor: Id,
    merged: &'a [Id],
}

impl Run<'_> {
    pub(crate) fn merge(
        &mut self,
        table: &Table,
        survivor: Id,
        merged: &[Id],
        may: &Filter,
        reason: Option<&str>,
    ) -> Result<Outcome, WriteError> {
        let operation = self.operation;
        let before = self
            .row(table, survivor)?
            .filter(|row| !is_deleted(table, row) && !merged.contains(&survivor))
            .ok_or(WriteError::Dangling { operation })?;
        for id in merged {
            self.changeable(table, *id, may)?;
        }
        let merging = Merging {
            table,
            survivor,
            merged,
        };
        let mut moved: Vec<(Arc<Object>, u64)> = Vec::new();
        for referring in merging.moving() {
            let count = self.move_all(&merging, referring)?;
            match moved
                .iter_mut()
                .find(|(o, _)| o.name == referring.object.name)
            {
                Some((_, known)) => *known += count,
                None => moved.push((Arc::clone(&referring.object), count)),
            }
        }
        moved.retain(|(_, count)| *count > 0);
        for id in merged {
            self.leave_to(&merging, *id, may, reason)?;
        }
        let after = self.row(table, survivor)?;
        let modstamp = after.and_then(|row| modstamp(table, &row));
        Ok(Outcome {
            id: survivor,
            before,
            modstamp: modstamp.unwrap_or(self.at),
            moved,
        })
    }

    /// Gives the survivor whatever refers so to a record that goes: how many records that were.
    fn move_all(
        &mut self,
        merging: &Merging<'_>,
        referring: &Referring,
    ) -> Result<u64, WriteError> {
        let child = self.session.table(&referring.object);
        let mut moved = 0;
        for id in merging.merged {
            for referrer in self.ids(&referring.live, *id)? {
                // One that refers twice has been moved as a whole.
                let Some(row) = self.row(&child, referrer)? else {
                    continue;
                };
                let values = merging.values(&child, referrer, &row);
                if values.is_empty() {
                    continue;
                }
                if self.is_held(&child, &row, &values)? {
                    self.delete_for_good(&child, referrer, &row)?;
                    continue;
                }
                self.update(&child, referrer, &row, &values)?;
                if referrer != merging.survivor && !merging.merged.contains(&referrer) {
                    moved += 1;
                }
            }
        }
        Ok(moved)
    }

    /// Whether there is a record already such as this one becomes, where there may be one only: a
    /// file that is linked to both.
    fn is_held(
        &self,
        child: &Table,
        row: &[Value],
        values: &[(usize, Value)],
    ) -> Result<bool, WriteError> {
        let pairs = child.unique.iter().filter(|index| index.columns.len() > 1);
        for index in pairs.filter(|index| index.unless.is_none()) {
            let columns = index.columns.iter();
            let places = columns.filter_map(|(name, _)| child.object.position(name));
            let places: Vec<usize> = places.collect();
            let is_id = |place: &usize| child.value_type(*place) == ValueType::Id;
            let new = |place: &usize| values.iter().find(|(known, _)| known == place);
            if !places.iter().all(is_id) || !places.iter().any(|place| new(place).is_some()) {
                continue;
            }
            let after = |place: &usize| {
                let value = new(place).map_or(&row[*place], |(_, value)| value);
                Content::of(value, ValueType::Id)
            };
            let contents: Vec<Content> = places.iter().map(after).collect();
            let text = self.among_unique(child, index);
            if self
                .session
                .one(&text, &borrowed(&contents), |_| ())?
                .is_some()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Selects the record that holds these values in the columns of a unique index.
    fn among_unique(&self, child: &Table, index: &IndexFacts) -> String {
        let dialect = self.session.dialect();
        let mut rows = Query::select();
        rows.column("Id").from(child.object.name.to_string());
        for (name, _) in &index.columns {
            rows.and_where(Expr::col(name.clone()).eq(""));
        }
        if index.not_deleted {
            rows.and_where(Expr::col(IS_DELETED).eq(dialect.boolean(false)));
        }
        dialect.build(&rows).text
    }

    /// Deletes a record that nothing refers to any more. It says itself what it was merged into,
    /// in the change log too, and the survivor's history says what became part of it.
    fn leave_to(
        &mut self,
        merging: &Merging<'_>,
        id: Id,
        may: &Filter,
        reason: Option<&str>,
    ) -> Result<(), WriteError> {
        let table = merging.table;
        let mut row = self.changeable(table, id, may)?;
        if let Some(place) = table.object.merged_into() {
            let survivor = Value::Id(merging.survivor);
            self.update(table, id, &row, &[(place, survivor)])?;
            row = self.changeable(table, id, &Filter::Always)?;
        }
        self.delete(table, id, &row)?;
        let event = format!("{}Merged", table.object.name.to_lowercase());
        let reason = reason.map(str::to_owned);
        self.happened(
            table,
            merging.survivor,
            &event,
            Some(id.to_string()),
            reason,
        )
    }
}

impl<'a> Merging<'a> {
    fn moving(&self) -> impl Iterator<Item = &'a Referring> {
        let table = self.table;
        table
            .referring
            .iter()
            .filter(|referring| !referring.history)
    }

    /// What a referring record's references to those that go become, all together. The survivor
    /// does not refer to itself because it referred to one of them, unless it has to.
    fn values(&self, child: &Table, id: Id, row: &[Value]) -> Vec<(usize, Value)> {
        let goes = |value: &Value| value.as_id().is_some_and(|id| self.merged.contains(&id));
        let of_child = self
            .moving()
            .filter(|referring| referring.object.name == child.object.name);
        let to_move = of_child.filter(|referring| goes(&row[referring.field]));
        let moved = to_move.map(|referring| {
            let may_be_empty = !is_filled(&child.object.fields[referring.field]);
            let value = if id == self.survivor && may_be_empty {
                Value::Null
            } else {
                Value::Id(self.survivor)
            };
            (referring.field, value)
        });
        moved.collect()
    }
}
