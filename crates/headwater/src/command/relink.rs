//! `headwater relink`.

use clap::Args;

use crate::arguments::Common;
use crate::failure::{Failure, Outcome};

/// The arguments.
#[derive(Debug, Args)]
pub struct Relink {}

impl Relink {
    /// Runs it.
    ///
    /// # Errors
    /// What went wrong.
    #[expect(clippy::unused_async, reason = "a stub for now")]
    pub async fn run(self, _common: &Common) -> Outcome {
        Err(Failure::broken("not built yet"))
    }
}
