//! Getting messages out: one try after another, until a carrier has it or there is no hope.

use std::time::Duration;

use headwater_catalogue::{Id, Value};
use headwater_records::{Attempt, Draft, Work, literal};
use jiff::SignedDuration;
use tracing::{info, warn};

use crate::carrier::{Again, Outgoing, Sender, Undelivered};
use crate::choices::Offer;
use crate::error::Error;
use crate::files::File;
use crate::happening::Happened;
use crate::health::Sign;
use crate::inbound::{Arrival, Inbound};
use crate::messaging::Messaging;
use crate::outbound::SEND;
use crate::template::Template;

/// How long a try may take before another node takes over.
const LEASE: Duration = Duration::from_mins(1);

/// How often a message is tried before it counts as failed.
const TRIES_MAX: u32 = 6;

/// How often, when the carrier itself has said each time when to come back.
const TRIES_AS_TOLD_MAX: u32 = 30;

/// The longest wait between two tries.
const WAIT_MAX: SignedDuration = SignedDuration::from_mins(5);

/// The longest wait that a carrier may ask for; what asks for more has failed.
const WAIT_AS_TOLD_MAX: SignedDuration = SignedDuration::from_hours(1);

/// A message to be sent, as the database has it.
struct Entry {
    id: Id,
    status: String,
    kind: String,
    conversation: Option<Id>,
    outgoing: Outgoing,
}

impl Messaging {
    /// Sends the message that has waited longest, if one is due: whether there was one.
    pub(crate) async fn send_next(&self) -> Result<bool, Error> {
        let Some(work) = self.org().claim_work(SEND, LEASE).await? else {
            return Ok(false);
        };
        if let Some(happened) = Happened::of(&work.payload) {
            self.tell_happened(&work, &happened).await?;
            return Ok(true);
        }
        let Some(entry) = self.to_send(&work.payload).await? else {
            self.org().work_done(&work).await?;
            return Ok(true);
        };
        if entry.status != "Pending" {
            // It went out, and whoever sent it was gone before they could say so.
            self.org().work_done(&work).await?;
            return Ok(true);
        }
        let closed = match entry.outgoing.template {
            Some(_) => None,
            None => self.window_closed(&entry.kind, entry.conversation).await?,
        };
        let handed_over = match closed {
            Some(closed) => Err(closed),
            None => self.hand_over(&entry).await,
        };
        match handed_over {
            Ok(carrier_message) => self.sent(&work, &entry, carrier_message).await?,
            Err(failure) => self.not_sent(&work, &entry, failure).await?,
        }
        Ok(true)
    }

    /// Hands a message to whoever takes it to the customer; on web pages it is there as soon as it is
    /// in the transcript.
    async fn hand_over(&self, entry: &Entry) -> Result<String, Undelivered> {
        if entry.kind == "EmbeddedMessaging" {
            // Web clients name our own entries when they report on them.
            return Ok(entry.id.to_string());
        }
        let Some(carrier) = self.carrier() else {
            return Err(Undelivered::for_good(
                "NO_CARRIER",
                "this server sends no messages",
            ));
        };
        carrier.send(&entry.outgoing).await
    }

    async fn sent(&self, work: &Work, entry: &Entry, carrier_message: String) -> Result<(), Error> {
        let system = self.org().system();
        let mut write = self.org().together(&system);
        let draft = Draft::new()
            .with("MessageStatus", "Sent")
            .with("MessageStatusCode", Value::Null)
            .with("MessageSendTime", write.at())
            .with("CarrierMessageId", carrier_message.as_str());
        let expected = [("MessageStatus", Value::from("Pending"))];
        write
            .update(&system, "ConversationEntry", entry.id, &draft, &expected)
            .await?;
        if write.commit().await? == Attempt::Overtaken {
            warn!(entry = %entry.id, "a message was changed while it was sent");
        }
        self.org().work_done(work).await?;
        if entry.kind != "EmbeddedMessaging" {
            self.note_sign(entry.outgoing.channel, Sign::Sent).await;
        }
        // A report may have been faster.
        self.wake(entry.outgoing.channel, &carrier_message);
        Ok(())
    }

    async fn not_sent(
        &self,
        work: &Work,
        entry: &Entry,
        failure: Undelivered,
    ) -> Result<(), Error> {
        if self.tries_again(work, &failure).await? {
            return Ok(());
        }
        warn!(entry = %entry.id, code = %failure.code, "a message could not be sent");
        let channel = entry.outgoing.channel;
        self.note_failure(channel, &format!("{}: {}", failure.code, failure.reason))
            .await;
        let system = self.org().system();
        let mut write = self.org().together(&system);
        let why: String = format!("{}: {}", failure.code, failure.reason)
            .chars()
            .take(255)
            .collect();
        let draft = Draft::new()
            .with("MessageStatus", "Error")
            .with("MessageStatusCode", why);
        let expected = [("MessageStatus", Value::from("Pending"))];
        write
            .update(&system, "ConversationEntry", entry.id, &draft, &expected)
            .await?;
        write.commit().await?;
        if failure.is_opted_out {
            self.note_opt_out(entry).await?;
        }
        Ok(self.org().work_done(work).await?)
    }

    /// Has what did not go out tried again, if there is hope: whether there is.
    pub(crate) async fn tries_again(
        &self,
        work: &Work,
        failure: &Undelivered,
    ) -> Result<bool, Error> {
        let now = self.org().now();
        let wait = match failure.again {
            Again::AtOurTurn(wait) => {
                let due = now + self.spread(wait);
                self.org().work_put_off(work, due).await?;
                return Ok(true);
            }
            Again::Later if work.attempts < TRIES_MAX => self.wait(work.attempts),
            Again::After(wait) if work.attempts < TRIES_AS_TOLD_MAX && wait <= WAIT_AS_TOLD_MAX => {
                self.spread(wait)
            }
            Again::Later | Again::After(_) | Again::Never => return Ok(false),
        };
        let (due, code) = (now + wait, &failure.code);
        info!(what = %work.payload, %code, %due, "what goes out is to be sent later");
        self.org().work_later(work, code, due).await?;
        Ok(true)
    }

    /// Takes it in that a customer has told their carrier that they want no messages, as if the carrier
    /// had said so by itself.
    async fn note_opt_out(&self, entry: &Entry) -> Result<(), Error> {
        let inbound = Inbound {
            event: format!("opted-out/{}", entry.id),
            address: entry.outgoing.to.clone(),
            phone: None,
            what: Arrival::Consent { is_given: false },
        };
        self.accept(entry.outgoing.channel, &inbound).await?;
        Ok(())
    }

    /// Twice as long each time, and a random part of it, so that what failed together does not come
    /// back together.
    pub(crate) fn wait(&self, tries: u32) -> SignedDuration {
        let whole = SignedDuration::from_secs(1 << tries.min(10)).min(WAIT_MAX);
        self.spread(whole / 2).min(whole)
    }

    /// So long, and up to as long again.
    fn spread(&self, wait: SignedDuration) -> SignedDuration {
        let mut byte = [0];
        self.org().randomness().fill(&mut byte);
        wait + wait * i32::from(byte[0]) / 256
    }

    async fn to_send(&self, entry: &str) -> Result<Option<Entry>, Error> {
        let soql = format!(
            "SELECT Id, Message, MessageStatus, ConversationId, ConversationEntityId, ActorType, \
             ActorId, ActorName, EntryTime, HasAttachments FROM ConversationEntry WHERE Id = {}",
            literal(entry)
        );
        let said = self.one(&soql).await?;
        let Some((said, id)) = said.first().and_then(|row| Some((row, row.id("Id")?))) else {
            return Ok(None);
        };
        let session = said.id("ConversationId");
        let session = session.as_ref().map_or("", Id::as_str);
        let Some(between) = self.correspondents(session).await? else {
            return Ok(None);
        };
        let (template, offer) = self.made_of(id).await?;
        let text = said.text("Message").to_owned();
        let (text, choices) = match offer {
            Some(offer) => (offer.text, offer.choices),
            None => (text, Vec::new()),
        };
        Ok(Some(Entry {
            id,
            status: said.text("MessageStatus").to_owned(),
            kind: between.kind,
            conversation: said.id("ConversationEntityId"),
            outgoing: Outgoing {
                channel: between.channel,
                from: between.address,
                to: between.customer,
                conversation: between.conversation,
                sender: Sender {
                    id: said.id("ActorId"),
                    name: said.text("ActorName").to_owned(),
                    is_agent: said.text("ActorType") == "Agent",
                    is_bot: said.text("ActorType") == "Bot",
                },
                at: (said.get("EntryTime").as_datetime()).unwrap_or_else(|| self.org().now()),
                text,
                files: if said.get("HasAttachments").is_true() {
                    self.files_to_send(id).await?
                } else {
                    Vec::new()
                },
                choices,
                template,
                id,
            },
        }))
    }

    async fn files_to_send(&self, entry: Id) -> Result<Vec<File>, Error> {
        let system = self.org().system();
        let mut files = self.files_of(&system, &[entry]).await?;
        Ok(files.remove(&entry).unwrap_or_default())
    }

    /// The template that an entry is, and what it offers.
    async fn made_of(&self, entry: Id) -> Result<(Option<Template>, Option<Offer>), Error> {
        let this = ("Id", Value::Id(entry));
        let fields = ["Template", "Choices"];
        let rows = self.org().own("ConversationEntry", this, &fields).await?;
        let kept = |place: usize| rows.first().and_then(|row| row.get(place)?.as_text());
        Ok((kept(1).and_then(Template::of), kept(2).and_then(Offer::of)))
    }
}
