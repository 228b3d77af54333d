//! What a customer's message leads to: its entry, what its word means, and what the server says by itself.

use headwater_catalogue::Id;
use headwater_records::Draft;

use super::Desk;
use crate::consent::Level;
use crate::conversation::{OutsideAction, User};
use crate::error::Error;
use crate::files;
use crate::inbound::Heeded;
use crate::keywords::{Asked, Keyword, heeds_keywords};
use crate::lifecycle::EndedBy;
use crate::media::{self, Media};
use crate::status::Status;
use crate::transcript::{NewEntry, Speaker};

/// What a channel asks that has no words of its own for it.
const AGREE: &str = "May we write to you here? Reply START if so.";
const AGREE_AGAIN: &str = "Are you sure that you want messages from us? Reply YES if so.";

/// What a customer has written.
pub(super) struct Heard<'a> {
    pub(super) id: &'a str,
    pub(super) text: &'a str,
    /// What they call themselves.
    pub(super) name: Option<&'a str>,
    /// The conversation that they name.
    pub(super) conversation: Option<&'a str>,
    /// The documents of the files that came with it.
    pub(super) files: &'a [Id],
    /// Files that the carrier holds.
    pub(super) media: &'a [Media],
    /// What the carrier has taken it for.
    pub(super) heeded: Option<Heeded>,
}

impl Desk<'_> {
    /// The customer has written.
    pub(super) async fn hear(&mut self, heard: &Heard<'_>) -> Result<(), Error> {
        let user = self.user(heard.name).await?;
        let heeds = heeds_keywords(&self.channel.kind);
        let levels = (user.consent, self.channel.consent);
        let asked = if let Some(heeded) = heard.heeded {
            Asked::answered(heeded, levels)
        } else if heeds {
            let keyword = self.messaging.keyword(self.channel.id, heard.text, levels);
            keyword.await?
        } else {
            None
        };
        let origin = match asked.as_ref().map(|asked| asked.keyword) {
            Some(Keyword::Stop) => "OptOut",
            Some(Keyword::Start | Keyword::Confirm) => "OptIn",
            Some(Keyword::Help) => "Help",
            Some(Keyword::Custom) | None => "InboundInitiated",
        };
        // Whoever has opted out and writes all the same is seen by agents, and not written to.
        let is_to_agree = heeds
            && user.consent != Level::OptedOut
            && user.consent < self.channel.consent
            && asked.is_none();
        let first = if is_to_agree {
            Status::Consent
        } else {
            Status::Waiting
        };
        let session = self.session(&user, heard.conversation, origin, first);
        let is_new = session.await?;
        if !is_new {
            self.fill().await?;
        }
        if self.is_careful && self.has(heard.id).await? {
            return Ok(());
        }
        // A page begins the session before anything is written in it.
        let is_first = self.party.session.as_ref().is_some_and(|it| it.seq == 0);
        let entry = NewEntry {
            kind: "Text",
            speaker: Speaker::EndUser,
            actor: Some(user.id),
            name: &user.name,
            text: heard.text,
            message: Some(heard.id),
            status: None,
            has_files: !heard.files.is_empty(),
        };
        let entry = self.say(&entry).await?;
        if let Some(session) = &self.party.session {
            let (write, system) = (&mut self.write, &self.system);
            files::link(write, system, heard.files, session.id, entry).await?;
        }
        self.to_fetch += media::later(&mut self.write, self.channel.id, entry, heard.media)?;
        if let Some(asked) = asked {
            return self.heed(&user, &asked, is_new).await;
        }
        if let Some(session) = &mut self.party.session {
            session.status = session.status.when_customer_writes();
        }
        if is_first && is_to_agree {
            self.ask_consent(user.consent).await
        } else if is_first {
            self.welcome(&user).await
        } else {
            Ok(())
        }
    }

    /// What a session begins with: that nobody is there, or else what the channel says to whoever writes
    /// for the first time.
    async fn welcome(&mut self, user: &User) -> Result<(), Error> {
        if self.is_outside().await?
            && let Some(outside) = self.channel.outside_hours.clone()
        {
            if !outside.response.is_empty() {
                self.answer(&outside.response).await?;
            }
            if outside.action == OutsideAction::End {
                self.end(EndedBy::System);
            }
            return Ok(());
        }
        if !user.was_answered && !self.channel.initial_response.is_empty() {
            let text = self.channel.initial_response.clone();
            self.answer(&text).await?;
            let draft = Draft::new().with("HasInitialResponseSent", true);
            self.change_user(user, &draft).await?;
            if let Some(user) = &mut self.party.user {
                user.was_answered = true;
            }
        }
        Ok(())
    }

    /// Asks the customer to agree to messages, which is what comes next after the level they have.
    async fn ask_consent(&mut self, has: Level) -> Result<(), Error> {
        let (own, standard) = match has {
            Level::OptedOut | Level::Implicit => (&self.channel.opt_in_prompt, AGREE),
            Level::Explicit | Level::Double => (&self.channel.double_opt_in_prompt, AGREE_AGAIN),
        };
        let text = match own.as_str() {
            "" => standard.to_owned(),
            own => own.to_owned(),
        };
        self.answer(&text).await
    }

    /// Does what a keyword asks for. A session that was begun by nothing else is over with it.
    async fn heed(&mut self, user: &User, asked: &Asked, is_new: bool) -> Result<(), Error> {
        let level = match asked.keyword {
            Keyword::Stop => Some(Level::OptedOut),
            Keyword::Start => Some(user.consent.max(Level::Explicit)),
            Keyword::Confirm => Some(self.channel.consent.max(Level::Explicit)),
            Keyword::Help | Keyword::Custom => None,
        };
        if let Some(level) = level {
            self.note_consent(user, level).await?;
        }
        match level {
            Some(level) if level == Level::Explicit && level < self.channel.consent => {
                self.ask_consent(level).await?;
            }
            _ if asked.answer.is_empty() => {}
            _ => self.answer(&asked.answer).await?,
        }
        if is_new || asked.keyword == Keyword::Stop {
            self.end(EndedBy::EndUser);
        }
        Ok(())
    }

    /// Notes how far the customer agrees. A session that has waited for that goes on.
    pub(super) async fn note_consent(&mut self, user: &User, level: Level) -> Result<(), Error> {
        let draft = Draft::new().with("MessagingConsentStatus", level.word());
        self.change_user(user, &draft).await?;
        if let Some(user) = &mut self.party.user {
            user.consent = level;
        }
        let session = self.party.session.as_ref();
        if session.is_none_or(|session| session.status.is_over()) {
            return Ok(());
        }
        let kind = match level {
            Level::OptedOut => "EndUserOptedOut",
            Level::Implicit | Level::Explicit | Level::Double => "EndUserOptedIn",
        };
        self.say(&NewEntry::of_customer(user, kind)).await?;
        let is_agreed = level >= self.channel.consent;
        if let Some(session) = &mut self.party.session
            && session.status == Status::Consent
            && is_agreed
        {
            session.status = Status::Waiting;
        }
        Ok(())
    }
}
