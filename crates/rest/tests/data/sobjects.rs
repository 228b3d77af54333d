//! `/sobjects`.

mod changes;
mod describe;
mod external_id;
mod password;
mod row;
