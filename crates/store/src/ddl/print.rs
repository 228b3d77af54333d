//! Tables, columns and indexes as statements.

use headwater_catalogue::ValueType;
use sea_query::{
    ColumnDef, ConditionalStatement as _, Expr, ExprTrait as _, ForeignKey, Index, IndexOrder,
    PostgresQueryBuilder, SqliteQueryBuilder, Table,
};

use super::{ColumnFacts, IS_DELETED, IndexFacts, TableFacts, identifier};
use crate::dialect::Dialect;
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
            ValueType::Double => "double".to_owned(),
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
            extra.push(format!("COLLATE \"{}\"", dialect.collation(self.binary)));
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

    /// Whether a column is text that compares without case.
    fn ignores_case(&self, column: &str) -> bool {
        self.columns.iter().any(|facts| {
            facts.name == column && facts.value_type == ValueType::Text && !facts.binary
        })
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
    pub(crate) fn create(&self, table: &TableFacts, dialect: Dialect) -> String {
        let mut index = Index::create();
        index.name(self.name.clone()).table(table.name.clone());
        if self.unique {
            index.unique();
        }
        for (name, descending) in &self.columns {
            let order = if *descending {
                IndexOrder::Desc
            } else {
                IndexOrder::Asc
            };
            match dialect {
                Dialect::Postgres if table.ignores_case(name) => {
                    index.col((dialect.folded(Expr::col(name.clone())), order));
                }
                Dialect::Sqlite | Dialect::Postgres => {
                    index.col((name.clone(), order));
                }
            }
        }
        if let Some(name) = &self.filled {
            index.and_where(Expr::col(name.clone()).is_not_null());
        }
        if self.not_deleted {
            index.and_where(Expr::col(IS_DELETED).eq(dialect.boolean(false)));
        }
        if let Some((name, values)) = &self.unless {
            let ignores_case = table.ignores_case(name);
            let folded = |value: Expr| {
                if ignores_case {
                    dialect.folded(value)
                } else {
                    value
                }
            };
            let values = values
                .iter()
                .map(|value| folded(Expr::Constant(value.clone().into())));
            index.and_where(folded(Expr::col(name.clone())).is_not_in(values));
        }
        match dialect {
            Dialect::Sqlite => index.to_string(SqliteQueryBuilder),
            Dialect::Postgres => index.to_string(PostgresQueryBuilder),
        }
    }
}
