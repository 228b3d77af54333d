//! That somebody else has answered while an answer was being written: said before the customer gets two.

use headwater_catalogue::Value;
use headwater_records::{Caller, literal};
use jiff::Timestamp;

use crate::conversation::whole;
use crate::error::Error;
use crate::messaging::Messaging;
use crate::outbound::Work;

/// Most entries that are looked through for somebody else's answer.
const LOOKED_THROUGH_MAX: u64 = 200;

/// What somebody else has sent meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What they are called.
    pub by: String,
    /// When.
    pub at: Option<Timestamp>,
    /// What they say.
    pub text: String,
}

impl Messaging {
    /// Looks whether others have answered since a page that knew of so many entries of agents
    /// (`AgentMessageCount`). They are counted, because that misses none whatever the order in which they
    /// came to be.
    ///
    /// # Errors
    /// [`Error::Answered`], with the newest of their answers.
    pub(crate) async fn must_be_unanswered(
        &self,
        caller: &Caller,
        work: &Work,
        known: i64,
    ) -> Result<(), Error> {
        let session = literal(work.session.id.as_str());
        let soql = format!("SELECT AgentMessageCount FROM MessagingSession WHERE Id = {session}");
        let table = self.one(&soql).await?;
        let now = table
            .first()
            .map_or(0, |row| whole(row.get("AgentMessageCount")));
        let Some(new) = u64::try_from(now - known).ok().filter(|new| *new > 0) else {
            return Ok(());
        };
        let soql = format!(
            "SELECT EntryType, ActorId, ActorName, Message, EntryTime FROM ConversationEntry \
             WHERE ConversationId = {session} AND ActorType = 'Agent' \
             ORDER BY EntryTime DESC, Seq DESC"
        );
        let most = new.min(LOOKED_THROUGH_MAX);
        let table = self.org().browse(caller, &soql, None, most).await?;
        let theirs = table.rows().find(|row| {
            row.text("EntryType") == "Text" && row.get("ActorId") != &Value::Id(caller.user)
        });
        theirs.map_or(Ok(()), |row| {
            Err(Error::Answered(Answer {
                by: row.text("ActorName").to_owned(),
                at: row.get("EntryTime").as_datetime(),
                text: row.text("Message").to_owned(),
            }))
        })
    }
}
