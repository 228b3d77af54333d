//! A PostgreSQL for tests, thrown away afterwards.
//!
//! [`Database::new`] gives a test a database of its own. The first one of a process starts a
//! cluster for it, from the PostgreSQL that is installed: in a directory of its own, on a Unix
//! socket, with durability off. It ends with the process, also when that is killed. Or
//! `HEADWATER_TEST_POSTGRES` names a server to use instead.
//!
//! The store's own tests need this as much as the test kit, so it is a crate beside it and knows
//! nothing of ours.

#[cfg(unix)]
mod cluster;
mod database;
#[cfg(unix)]
mod durable;
mod engine;
mod home;
mod server;

pub use database::Database;
#[cfg(unix)]
pub use durable::{Durable, Stop};
pub use engine::{Engine, has_postgres, run_again_on_postgres};
pub use home::Home;
