//! The store's own tables.

use headwater_catalogue::ValueType;

use super::{ColumnFacts, IndexFacts, TableFacts};

/// The store's own tables: what was applied, the change log, jobs, counters, sheets.
pub(crate) fn own_tables() -> Vec<TableFacts> {
    let schema = own(
        "_headwater_schema",
        &[
            ("element", ValueType::Text, true),
            ("definition", ValueType::Text, true),
        ],
    );
    let setting = own(
        "_headwater_setting",
        &[
            ("name", ValueType::Text, true),
            ("value", ValueType::Text, true),
        ],
    );
    let counter = own(
        "_headwater_counter",
        &[
            ("name", ValueType::Text, true),
            ("value", ValueType::Integer, true),
        ],
    );
    let change = own(
        "_headwater_change",
        &[
            ("replay_id", ValueType::Integer, true),
            ("transaction_id", ValueType::Integer, true),
            ("at", ValueType::DateTime, true),
            ("actor", ValueType::Text, true),
            ("kind", ValueType::Integer, true),
            ("object", ValueType::Text, true),
            ("record", ValueType::Text, true),
            ("fields", ValueType::Text, true),
        ],
    );
    let mut job = own(
        "_headwater_job",
        &[
            ("id", ValueType::Integer, true),
            ("kind", ValueType::Text, true),
            ("payload", ValueType::Text, true),
            ("due", ValueType::DateTime, true),
            ("attempts", ValueType::Integer, true),
            ("error", ValueType::Text, false),
            ("given_up", ValueType::Boolean, true),
            ("lane", ValueType::Text, false),
        ],
    );
    job.indexes = vec![
        index("_headwater_job_due", &["kind", "given_up", "due"]),
        index("_headwater_job_lane", &["lane", "id"]),
    ];
    let line = own(
        "_headwater_line",
        &[
            ("key", ValueType::Integer, true),
            ("record", ValueType::Text, false),
            ("is_new", ValueType::Boolean, true),
            ("text", ValueType::Text, false),
        ],
    );
    let [recycled, part] = recycle_bin();
    vec![schema, setting, counter, change, job, line, recycled, part]
}

/// What was deleted, and what went or was cleared with it.
fn recycle_bin() -> [TableFacts; 2] {
    let mut recycled = own(
        "_headwater_recycled",
        &[
            ("record", ValueType::Text, true),
            ("object", ValueType::Text, true),
            ("at", ValueType::DateTime, true),
            ("actor", ValueType::Text, true),
        ],
    );
    recycled.indexes = vec![
        index("_headwater_recycled_at", &["at", "record"]),
        index("_headwater_recycled_actor", &["actor", "at", "record"]),
    ];
    let mut part = own(
        "_headwater_recycled_part",
        &[
            ("id", ValueType::Integer, true),
            ("root", ValueType::Text, true),
            ("object", ValueType::Text, true),
            ("record", ValueType::Text, true),
            ("field", ValueType::Text, false),
            ("referred", ValueType::Text, false),
        ],
    );
    part.indexes = vec![
        index("_headwater_recycled_part_root", &["root", "id"]),
        index("_headwater_recycled_part_record", &["record"]),
    ];
    [recycled, part]
}

fn index(name: &str, columns: &[&str]) -> IndexFacts {
    IndexFacts {
        name: name.to_owned(),
        columns: columns
            .iter()
            .map(|name| ((*name).to_owned(), false))
            .collect(),
        unique: false,
        filled: None,
        not_deleted: false,
        unless: None,
    }
}

fn own(name: &str, columns: &[(&str, ValueType, bool)]) -> TableFacts {
    let columns = columns
        .iter()
        .enumerate()
        .map(|(place, (name, value_type, filled))| ColumnFacts {
            name: (*name).to_owned(),
            value_type: *value_type,
            binary: true,
            primary: place == 0,
            filled: *filled,
            default: None,
            refers_to: None,
        });
    TableFacts {
        name: name.to_owned(),
        columns: columns.collect(),
        indexes: Vec::new(),
    }
}
