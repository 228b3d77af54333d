//! `headwater relink`.

use clap::Args;
use headwater_relink::{Client, Order, Report, render, resolve};

use crate::arguments::Common;
use crate::command::connection::{Connection, failure, print_json};
use crate::failure::{Failure, Outcome};

const EXAMPLES: &str = "\
Examples:
  headwater relink --username admin@headwater.example --user '+1 555 0100' --account Test1
  headwater relink --user 0PAHW0000000001AAA --contact 'Ada Byron' --reason 'she called' --dry-run
  headwater relink --user '+1 555 0100' --account none
  headwater relink --undo HW1HW0000000001AAA";

/// The arguments.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Relink {
    /// The messaging user: an id, a phone number or other platform key, or a name. Give it again
    /// for several.
    #[arg(long = "user", value_name = "USER", required_unless_present = "undo")]
    users: Vec<String>,
    /// The account to link to: an id or a name; `none` clears the link. Without it, the account
    /// stays as it is.
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// The contact to link to: an id or a name; `none` clears the link. Without it, the contact
    /// stays as it is.
    #[arg(long, value_name = "CONTACT")]
    contact: Option<String>,
    /// Why, for whoever reads the relink later.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Check everything and show what would change, but change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Undo the relink of this id: what has not been changed since gets its links back.
    #[arg(long, value_name = "ID", conflicts_with_all = ["users", "account", "contact", "reason", "dry_run"])]
    undo: Option<String>,
    /// The server.
    #[command(flatten)]
    connection: Connection,
}

impl Relink {
    /// Relinks, or undoes a relink, and prints what changed.
    ///
    /// # Errors
    /// What the command line lacks, or the server's refusal; nothing was changed then.
    pub async fn run(self, common: &Common) -> Outcome {
        if self.undo.is_none() && self.account.is_none() && self.contact.is_none() {
            return Err(Failure::usage(
                "say what to link to: --account, --contact or both; `none` clears a link",
            ));
        }
        let client = self.connection.clone().open().await?;
        let report = self.send(&client).await.map_err(|error| failure(&error))?;
        print(&report, common.json)
    }

    async fn send(self, client: &Client) -> Result<Report, headwater_relink::Error> {
        if let Some(relink) = &self.undo {
            return client.undo(relink).await;
        }
        let mut users = Vec::with_capacity(self.users.len());
        for user in &self.users {
            users.push(resolve::messaging_user(client, user).await?);
        }
        let order = Order {
            messaging_end_user_ids: users,
            account: resolve::account(client, self.account.as_deref()).await?,
            contact: resolve::contact(client, self.contact.as_deref()).await?,
            reason: self.reason,
            dry_run: self.dry_run,
        };
        client.relink(&order).await
    }
}

fn print(report: &Report, as_json: bool) -> Outcome {
    if as_json {
        return print_json(report);
    }
    print!("{}", render::report(report));
    Ok(())
}
