//! A real server in the test's own process, on a database of its own, with time and randomness
//! that the test decides.
//!
//! ```no_run
//! # use headwater_testkit::{AGENT, TestServer};
//! # use serde_json::json;
//! # async fn example() {
//! let server = TestServer::start().await;
//! let account = server.account("Sample").await;
//! let answer = server
//!     .patch(&format!("/services/data/v67.0/sobjects/Account/{account}"))
//!     .as_(AGENT)
//!     .json(&json!({ "Site": "Harbour" }))
//!     .send()
//!     .await;
//! answer.expect(204);
//! # }
//! ```
//!
//! A test that ends well also ends quietly: a WARN or ERROR that it did not announce with
//! [`TestServer::expect_log`] fails it.

mod answer;
mod clock;
mod files;
mod fixtures;
mod log;
mod process;
mod request;
mod scanner;
mod server;

pub use answer::Answer;
pub use clock::{SeededRandomness, TestClock};
pub use files::FilesDirectory;
pub use process::Process;
pub use request::TestRequest;
pub use scanner::TestScanner;
pub use server::{ADMIN, AGENT, PASSWORD, Settings, TestServer, VIEWER, start_of_time};
