//! The conversation that a request of a service's names.

use headwater_messaging::Named;

use super::caller::Partner;
use super::error::{Code, Refusal};
use crate::door::Channels;

/// Most characters of a conversation's identifier in a request.
const IDENTIFIER_CHARACTERS_MAX: usize = 240;

/// The conversation of a name, on a channel of the service's.
pub(super) async fn known(
    channels: &Channels,
    partner: &Partner,
    name: &str,
) -> Result<Named, Refusal> {
    let is_fine = (1..=IDENTIFIER_CHARACTERS_MAX).contains(&name.chars().count());
    let known = if is_fine {
        channels.messaging.conversation_named(name).await?
    } else {
        None
    };
    let known = known.filter(|known| partner.speaks_on(known.channel));
    known.ok_or_else(|| {
        let message = "The conversation identifier is not valid";
        Refusal::bad(Code::Conversation, message)
    })
}

/// The id of its customer's open session, which is one of this conversation.
pub(super) async fn open_session(channels: &Channels, known: &Named) -> Result<String, Refusal> {
    let messaging = &channels.messaging;
    let party = messaging.party(known.channel, &known.customer).await?;
    let open = party.session.filter(|session| {
        !session.status.is_over() && session.conversation == Some(known.conversation)
    });
    let session = open.ok_or_else(|| {
        let message = "The conversation has no open session: POST /conversation begins one";
        Refusal::bad(Code::Session, message)
    })?;
    Ok(session.id.to_string())
}
