//! What the change log still says of those who were erased: emptied at the end, a stretch at a time.

use std::time::Duration;

use headwater_records::Together;

use crate::error::Error;
use crate::messaging::Messaging;

/// The kind of work that this is. What it says is after which entry it goes on.
const FORGET: &str = "messaging.forget";

/// How long a stretch may take before another node takes over.
const LEASE: Duration = Duration::from_mins(1);

/// Of which objects the log says what customers have said, or who they are.
const OBJECTS: [&str; 8] = [
    "ContentDocument",
    "ContentVersion",
    "ConversationEntry",
    "ConversationParticipant",
    "InboundEvent",
    "MessagingEndUser",
    "MessagingSession",
    "MessagingUserAddress",
];

/// Also leaves it as work to go through the change log, from its beginning.
pub(crate) fn forget_later(write: &mut Together<'_>) {
    let at = write.at();
    write.later(FORGET, "0", at, None);
}

impl Messaging {
    /// Goes on through the change log, if that is to be done: whether it was.
    pub(crate) async fn forget_next(&self) -> Result<bool, Error> {
        let Some(work) = self.org().claim_work(FORGET, LEASE).await? else {
            return Ok(false);
        };
        // What cannot be read begins anew, for to do it twice does no harm.
        let after = work.payload.parse().unwrap_or_default();
        if let Some(next) = self.org().forget_gone(&OBJECTS, after).await? {
            let system = self.org().system();
            let mut write = self.org().together(&system);
            let at = write.at();
            write.later(FORGET, next.to_string(), at, None);
            write.commit().await?;
        }
        self.org().work_done(&work).await?;
        Ok(true)
    }
}
