//! Rows in great numbers: COPY, in its binary form.

use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;

use super::cells::Parameter;
use super::writing::Writing;
use crate::connection::Failure;
use crate::rows::Content;

impl Writing {
    /// Adds rows, whose contents are in the order of the columns.
    pub(super) fn copy_in(
        &self,
        table: &str,
        columns: &[&str],
        rows: Vec<Vec<Content>>,
    ) -> Result<(), Failure> {
        rows.iter().try_for_each(|row| check(columns, row))?;
        let names: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
        let names = names.join(", ");
        let (client, statement) = self.statement(&format!("SELECT {names} FROM \"{table}\""))?;
        let columns = statement.columns().iter();
        let types: Vec<Type> = columns.map(|column| column.type_().clone()).collect();
        let copy = format!("COPY \"{table}\" ({names}) FROM STDIN BINARY");
        self.settle(async {
            let sink = client.copy_in(&*copy).await?;
            let writer = BinaryCopyInWriter::new(sink, &types);
            let mut writer = std::pin::pin!(writer);
            for row in rows {
                writer
                    .as_mut()
                    .write_raw(row.into_iter().map(Parameter))
                    .await?;
            }
            writer.finish().await.map(|_| ())
        })
    }
}

/// The one character that PostgreSQL's texts cannot hold, and SQLite's can.
fn check(columns: &[&str], row: &[Content]) -> Result<(), Failure> {
    for (column, content) in columns.iter().zip(row) {
        if matches!(content, Content::Text(text) if text.contains('\0')) {
            let key = row.first();
            return Err(Failure::Other(format!(
                "{column} of {key:?} holds the character U+0000, which PostgreSQL cannot keep: \
                 take it out of the record in the source"
            )));
        }
    }
    Ok(())
}
