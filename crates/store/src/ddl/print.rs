//! Tables, columns and indexes as statements.

use headwater_catalogue::ValueType;
use sea_query::{
    ColumnDef, ConditionalStatement as _, Expr, ExprTrait as _, ForeignKey, Index, IndexOrder,
    PostgresQueryBuilder, SqliteQueryBuilder, Table,
};

use super::{ColumnFacts, IS_DELETED, IndexFacts, TableFacts, identifier};
use crate::dialect::{Dialect, TEXT_COLLATION};
use crate::rows::Content;

impl ColumnFacts {
    /// What is written down about an applied column, to compare with later.
    pub(crate) fn definition(&self) -> String {
        let collation = if self.binary { " binary" } else { "" };
        match self.value_type {
            ValueType::Decimal { scale } => format!("decimal({scale})"),
            ValueType::Boolean => "boolean".to_owned(),
            ValueType::Integer => "integer".to_owned(),
            ValueType::Text => format!("text{collation}"),
            ValueType::Id => "id".to_owned(),
            ValueType::Date => "date".to_owned(),
            ValueType::DateTime => "datetime".to_owned(),
            ValueType::Time => "time".to_owned(),
        }
    }

    /// The column for a table that has rows already: what cannot be known of those stays empty.
    pub(crate) fn for_existing_rows(&self) -> Self {
        Self {
            filled: self.filled && self.default.is_some(),
            ..self.clone()
        }
    }

    fn print(&self, dialect: Dialect) -> ColumnDef {
        let mut column = ColumnDef::new(self.name.clone());
        column.custom(dialect.column_type(self.value_type));
        if self.filled {
            column.not_null();
        }
        if self.primary {
            column.primary_key();
        }
        match &self.default {
            Some(Content::Number(n)) if self.value_type == ValueType::Boolean => {
                column.default(dialect.boolean(*n != 0));
            }
            Some(Content::Number(n)) => {
                column.default(Dialect::number(*n));
            }
            Some(Content::Text(text)) => {
                column.default(text.clone());
            }
            Some(Content::Null) | None => {}
        }
        let mut extra = Vec::new();
        if matches!(self.value_type, ValueType::Text | ValueType::Id) {
            let binary = dialect.binary_collation();
            let collation = if self.binary { binary } else { TEXT_COLLATION };
            extra.push(format!("COLLATE \"{collation}\""));
        }
        if let (Some(table), true) = (&self.refers_to, dialect.inline_foreign_keys()) {
            extra.push(format!("REFERENCES \"{table}\" (\"Id\")"));
        }
        if !extra.is_empty() {
            column.extra(extra.join(" "));
        }
        column
    }
}

impl TableFacts {
    /// CREATE TABLE, without the indexes.
    pub(crate) fn create(&self, dialect: Dialect) -> String {
        let mut table = Table::create();
        table.table(self.name.clone());
        for column in &self.columns {
            table.col(column.print(dialect));
        }
        if let Some(options) = dialect.table_options() {
            table.extra(options);
        }
        match dialect {
            Dialect::Sqlite => table.to_string(SqliteQueryBuilder),
            Dialect::Postgres => table.to_string(PostgresQueryBuilder),
        }
    }

    /// ALTER TABLE … ADD COLUMN.
    pub(crate) fn add_column(&self, column: &ColumnFacts, dialect: Dialect) -> String {
        let mut table = Table::alter();
        table
            .table(self.name.clone())
            .add_column(column.for_existing_rows().print(dialect));
        match dialect {
            Dialect::Sqlite => table.to_string(SqliteQueryBuilder),
            Dialect::Postgres => table.to_string(PostgresQueryBuilder),
        }
    }

    /// The foreign keys, for a dialect that has them outside of CREATE TABLE.
    pub(crate) fn foreign_keys(&self, dialect: Dialect) -> Vec<String> {
        if dialect.inline_foreign_keys() {
            return Vec::new();
        }
        let keys = self.columns.iter().filter_map(|column| {
            let target = column.refers_to.clone()?;
            let mut key = ForeignKey::create();
            key.name(identifier(&format!("{}_{}_fkey", self.name, column.name)))
                .from(self.name.clone(), column.name.clone())
                .to(target, "Id");
            Some(key.to_string(PostgresQueryBuilder))
        });
        keys.collect()
    }
}

impl IndexFacts {
    /// CREATE INDEX.
    pub(crate) fn create(&self, table: &str, dialect: Dialect) -> String {
        let mut index = Index::create();
        index.name(self.name.clone()).table(table.to_owned());
        if self.unique {
            index.unique();
        }
        for (name, descending) in &self.columns {
            let order = if *descending {
                IndexOrder::Desc
            } else {
                IndexOrder::Asc
            };
            index.col((name.clone(), order));
        }
        if let Some(name) = &self.filled {
            index.and_where(Expr::col(name.clone()).is_not_null());
        }
        if self.not_deleted {
            index.and_where(Expr::col(IS_DELETED).eq(dialect.boolean(false)));
        }
        if let Some((name, values)) = &self.unless {
            let values = values
                .iter()
                .map(|value| Expr::Constant(value.clone().into()));
            index.and_where(Expr::col(name.clone()).is_not_in(values));
        }
        match dialect {
            Dialect::Sqlite => index.to_string(SqliteQueryBuilder),
            Dialect::Postgres => index.to_string(PostgresQueryBuilder),
        }
    }
}
