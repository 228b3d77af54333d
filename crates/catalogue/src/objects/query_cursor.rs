//! An open query whose next pages are still to be fetched: `01g…-2000` in `nextRecordsUrl`.

use crate::{Access, Calls, Columns, Field, Index, Object, OnDelete, SystemFields};

const LAST_USED: Columns = &[Index::ascending("LastUsedDate")];
const INDEXES: &[Index] = &[Index::on(LAST_USED)];

const FIELDS: &[Field] = &[
    // A cursor is of use to nobody else.
    Field::reference("UserId", "User").required().on_delete(OnDelete::Cascade),
    Field::text_area("Soql", 100_000).required(),
    Field::boolean("AllRows"),
    Field::integer("PageSize", 9).required(),
    Field::integer("TotalSize", 9).required(),
    // Where each page begins, so that pages are as they were when the query began.
    Field::text_area("Keys", 32_000_000),
    Field::datetime("LastUsedDate").required(),
];

/// A query cursor.
pub const OBJECT: Object = Object::new("QueryCursor", "01g", FIELDS)
    .label("Query Cursor", "Query Cursors")
    .system(SystemFields::WithoutIsDeleted)
    .calls(Calls::NONE)
    .access(Access::Internal)
    .indexes(INDEXES);
