//! The rows of one permission set in `ObjectPermissions` or `FieldPermissions`, as checkboxes, and
//! back.
//!
//! A checkbox is called by what it is a right on and the column that holds it:
//! `Account.PermissionsEdit`, `Account.Phone.PermissionsEdit`.

use std::collections::BTreeSet;

use headwater_catalogue::{Id, Value};
use headwater_records::browse::ROWS_MAX;
use headwater_records::{Caller, Draft, Error, Precondition};
use jiff::Timestamp;

use super::switches::On;
use crate::console::Console;
use crate::text::literal;

/// A sort of rights.
#[derive(Debug)]
pub(super) struct Sort {
    /// The object that keeps them.
    object: &'static str,
    /// The field that says what a row is on.
    named_by: &'static str,
    /// The columns, each with what people call it.
    pub(super) columns: &'static [(&'static str, &'static str)],
    /// Which columns a column makes no sense without.
    needs: &'static [(&'static str, &'static [&'static str])],
}

/// Rights on objects.
pub(super) const OBJECTS: Sort = Sort {
    object: "ObjectPermissions",
    named_by: "SobjectType",
    columns: &[
        ("PermissionsRead", "Read"),
        ("PermissionsCreate", "Create"),
        ("PermissionsEdit", "Edit"),
        ("PermissionsDelete", "Delete"),
        ("PermissionsViewAllRecords", "See all records"),
        ("PermissionsModifyAllRecords", "Edit all records"),
        ("PermissionsViewAllFields", "Read all fields"),
    ],
    needs: &[
        ("PermissionsCreate", &["PermissionsRead"]),
        ("PermissionsEdit", &["PermissionsRead"]),
        ("PermissionsDelete", &["PermissionsRead", "PermissionsEdit"]),
        ("PermissionsViewAllRecords", &["PermissionsRead"]),
        (
            "PermissionsModifyAllRecords",
            &[
                "PermissionsRead",
                "PermissionsEdit",
                "PermissionsDelete",
                "PermissionsViewAllRecords",
            ],
        ),
        ("PermissionsViewAllFields", &["PermissionsRead"]),
    ],
};

/// Rights on fields.
pub(super) const FIELDS: Sort = Sort {
    object: "FieldPermissions",
    named_by: "Field",
    columns: &[("PermissionsRead", "Read"), ("PermissionsEdit", "Edit")],
    needs: &[("PermissionsEdit", &["PermissionsRead"])],
};

impl Sort {
    /// The checkboxes that one makes no sense without.
    pub(super) fn needs(&self, name: &str) -> Vec<String> {
        let Some((on, column)) = name.rsplit_once('.') else {
            return Vec::new();
        };
        let mut needs = self.needs.iter();
        let needed = needs
            .find(|(known, _)| *known == column)
            .map_or(&[][..], |(_, needed)| needed);
        needed
            .iter()
            .map(|needed| format!("{on}.{needed}"))
            .collect()
    }
}

/// The rows of one set as they are now.
#[derive(Debug)]
pub(super) struct Rows {
    sort: &'static Sort,
    /// Each row by what it is a right on.
    held: Vec<Row>,
    /// The checkboxes that are on.
    pub(super) on: On,
}

#[derive(Debug)]
struct Row {
    id: Id,
    /// What it is a right on.
    name: String,
    version: Option<Timestamp>,
}

impl Rows {
    /// Reads those of a permission set: all, or those on one object and its fields.
    pub(super) async fn read(
        console: &Console,
        caller: &Caller,
        set: Id,
        sort: &'static Sort,
        object: Option<&str>,
    ) -> Result<Self, Error> {
        let columns: Vec<_> = sort.columns.iter().map(|(column, _)| *column).collect();
        let narrowed = object.map(|object| format!(" AND SobjectType = {}", literal(object)));
        let soql = format!(
            "SELECT Id, SystemModstamp, {}, {} FROM {} WHERE ParentId = {}{} ORDER BY Id ASC",
            sort.named_by,
            columns.join(", "),
            sort.object,
            literal(set.as_str()),
            narrowed.unwrap_or_default()
        );
        let mut found = Self {
            sort,
            held: Vec::new(),
            on: On::new(),
        };
        let mut after: Option<String> = None;
        loop {
            let table = console
                .org
                .browse(caller, &soql, after.as_deref(), ROWS_MAX)
                .await?;
            for row in table.rows() {
                let name = row.text(sort.named_by).to_owned();
                let on = columns
                    .iter()
                    .filter(|column| matches!(row.get(column), Value::Boolean(true)));
                found.on.extend(on.map(|column| format!("{name}.{column}")));
                if let Some(id) = row.id("Id") {
                    let version = row.get("SystemModstamp").as_datetime();
                    found.held.push(Row { id, name, version });
                }
            }
            match table.next {
                Some(next) => after = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// Makes these checkboxes the ones that are on. A row that would hold nothing goes.
    pub(super) async fn write(
        &self,
        console: &Console,
        caller: &Caller,
        set: Id,
        wanted: &On,
    ) -> Result<(), Error> {
        let changed = self.on.symmetric_difference(wanted);
        let changed: BTreeSet<&str> = changed
            .filter_map(|name| Some(name.rsplit_once('.')?.0))
            .collect();
        for name in changed {
            self.write_one(console, caller, set, name, wanted).await?;
        }
        Ok(())
    }

    async fn write_one(
        &self,
        console: &Console,
        caller: &Caller,
        set: Id,
        name: &str,
        wanted: &On,
    ) -> Result<(), Error> {
        let (org, object) = (&console.org, self.sort.object);
        let is_on = |column: &str| wanted.contains(&format!("{name}.{column}"));
        let row = self.held.iter().find(|row| row.name == name);
        let mut draft = Draft::new();
        for (column, _) in self.sort.columns {
            draft = draft.with(column, is_on(column));
        }
        let is_empty = !self.sort.columns.iter().any(|(column, _)| is_on(column));
        match row {
            Some(row) if is_empty => org.delete(caller, object, row.id.as_str()).await,
            Some(row) => {
                let when = Precondition {
                    match_version: row.version,
                    ..Precondition::default()
                };
                org.update(caller, object, row.id.as_str(), draft, when)
                    .await
                    .map(|_| ())
            }
            None if is_empty => Ok(()),
            None => {
                let on = name.split('.').next().unwrap_or(name);
                let mut draft = draft.with("ParentId", set).with("SobjectType", on);
                if self.sort.named_by != "SobjectType" {
                    draft = draft.with(self.sort.named_by, name);
                }
                org.create(caller, object, draft).await.map(|_| ())
            }
        }
    }
}
