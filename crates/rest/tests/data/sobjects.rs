//! `/sobjects`.

mod changes;
mod describe;
mod external_id;
mod list_views;
mod password;
mod row;
