//! `headwater fields`.

use clap::Args;
use headwater_relink::render;

use crate::arguments::Common;
use crate::command::connection::{Connection, failure, print_json};
use crate::failure::Outcome;

/// The arguments.
#[derive(Debug, Args)]
pub struct Fields {
    /// The object, for example `MessagingSession`.
    object: String,
    /// Ask about this record: whether it may be edited, and which record holds an inherited value.
    #[arg(long, value_name = "ID")]
    record: Option<String>,
    /// The server.
    #[command(flatten)]
    connection: Connection,
}

impl Fields {
    /// Prints each field of an object: whether the user may edit it, why not, and where instead.
    ///
    /// # Errors
    /// The server's refusal.
    pub async fn run(self, common: &Common) -> Outcome {
        let client = self.connection.open().await?;
        let answer = client
            .explain(&self.object, self.record.as_deref())
            .await
            .map_err(|error| failure(&error))?;
        if common.json {
            return print_json(&answer);
        }
        print!("{}", render::explanations(&answer));
        Ok(())
    }
}
