//! A message as its carrier takes it: whole, or the text and then file by file. Each piece is an entry of its
//! own, so that each says by itself how far it is.

use headwater_catalogue::Id;
use headwater_records::{Caller, Together};

use super::{MESSAGE_CHARACTERS_MAX, Message};
use crate::choices::{self, Offer};
use crate::conversation::Session;
use crate::error::Error;
use crate::files::{self, NewFile};
use crate::template::Template;
use crate::transcript::{NewEntry, Speaker};

/// A part of a message that is one message at the carrier's.
pub(super) struct Piece<'a> {
    /// By what it is in the transcript once.
    id: String,
    /// What the transcript shows of it.
    text: String,
    files: &'a [NewFile],
    offer: Option<Offer>,
}

/// Whether a message can be sent at all.
///
/// # Errors
/// [`Error::Empty`], [`Error::TooLong`], [`Error::TooLarge`], [`Error::Template`], [`Error::Choices`].
pub(crate) fn check(message: &Message) -> Result<(), Error> {
    if message.files.len() > files::FILES_MAX {
        return Err(Error::TooLarge {
            what: "the number of files",
            limit: format!("{} files", files::FILES_MAX),
        });
    }
    let (text, _) = said(message)?;
    if text.is_empty() && message.files.is_empty() {
        return Err(Error::Empty);
    }
    let found = text.chars().count();
    if message.template.is_none() && found > MESSAGE_CHARACTERS_MAX {
        return Err(Error::TooLong {
            found,
            max: MESSAGE_CHARACTERS_MAX,
        });
    }
    Ok(())
}

/// The pieces of a message, where so many files are one message at the carrier's.
pub(super) fn of<'a>(
    message: &'a Message,
    id: &str,
    in_one_message: usize,
) -> Result<Vec<Piece<'a>>, Error> {
    let (text, offer) = said(message)?;
    let chunks = message.files.chunks(in_one_message.max(1));
    let mut files: Vec<&[NewFile]> = chunks.collect();
    // Where a file is a message by itself, the text is one too.
    if files.is_empty() || in_one_message <= 1 && !text.is_empty() {
        files.insert(0, &[]);
    }
    let mut said = Some((text, offer));
    let pieces = (1..).zip(files).map(|(number, files): (u32, _)| {
        let (text, offer) = said.take().unwrap_or_default();
        let id = match number {
            1 => id.to_owned(),
            number => format!("{id}/{number}"),
        };
        Piece {
            id,
            text,
            files,
            offer,
        }
    });
    Ok(pieces.collect())
}

/// What the transcript shows of a message, and what it offers.
pub(crate) fn said(message: &Message) -> Result<(String, Option<Offer>), Error> {
    if let Some(template) = &message.template {
        template.check()?;
        return Ok((template.shown(), None));
    }
    let text = message.text.trim().to_owned();
    let choices = choices::checked(&message.choices)?;
    if choices.is_empty() {
        return Ok((text, None));
    }
    if text.is_empty() {
        return Err(Error::Choices("write what they answer"));
    }
    let shown = choices::listed(&text, &choices);
    Ok((shown, Some(Offer { text, choices })))
}

impl Piece<'_> {
    /// Also makes it an entry that is on its way.
    pub(super) async fn write(
        &self,
        write: &mut Together<'_>,
        (caller, system): (&Caller, &Caller),
        session: &mut Session,
        template: Option<&Template>,
    ) -> Result<Id, Error> {
        let entry = NewEntry {
            kind: "Text",
            speaker: Speaker::Agent,
            actor: Some(caller.user),
            name: &caller.name,
            text: &self.text,
            message: Some(&self.id),
            status: Some("Pending"),
            has_files: !self.files.is_empty(),
        };
        let mut draft = entry.draft(session, write.at());
        if let Some(template) = template {
            draft = draft.with("Template", template.kept());
        }
        if let Some(offer) = &self.offer {
            draft = draft.with("Choices", offer.kept());
        }
        let entry = write.create(system, "ConversationEntry", &draft).await?;
        let kept = files::keep(write, system, caller.user, self.files).await?;
        files::link(write, system, &kept, session.id, entry).await?;
        Ok(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::{check, of};
    use crate::error::Error;
    use crate::files::NewFile;
    use crate::outbound::Message;

    fn with_files(text: &str, files: usize) -> Message {
        let file = NewFile::new("a.jpg", "image/jpeg", &b"x"[..]).unwrap();
        Message {
            text: text.to_owned(),
            files: vec![file; files],
            ..Message::default()
        }
    }

    /// Of each piece its id, its text and the number of its files.
    fn pieces(message: &Message, in_one_message: usize) -> Vec<(String, String, usize)> {
        let pieces = of(message, "M", in_one_message).unwrap().into_iter();
        let shown = pieces.map(|piece| (piece.id, piece.text, piece.files.len()));
        shown.collect()
    }

    #[test]
    fn a_message_is_one_where_the_carrier_takes_it_so_and_else_the_text_and_then_file_by_file() {
        let piece = |id: &str, text: &str, files| (id.to_owned(), text.to_owned(), files);
        let whole = with_files("Look", 2);
        assert_eq!(pieces(&whole, 10), [piece("M", "Look", 2)]);
        let apart = [
            piece("M", "Look", 0),
            piece("M/2", "", 1),
            piece("M/3", "", 1),
        ];
        assert_eq!(pieces(&whole, 1), apart);
        assert_eq!(pieces(&with_files("", 1), 1), [piece("M", "", 1)]);
        assert_eq!(pieces(&with_files("Look", 0), 1), [piece("M", "Look", 0)]);
    }

    #[test]
    fn what_says_nothing_or_too_much_is_refused() {
        assert!(matches!(check(&with_files(" ", 0)), Err(Error::Empty)));
        let too_many = check(&with_files("", 11));
        assert!(matches!(too_many, Err(Error::TooLarge { .. })));
        let long = check(&with_files(&"x".repeat(1_601), 0));
        assert!(matches!(long, Err(Error::TooLong { .. })));
        let choices = Message {
            choices: vec!["Yes".to_owned()],
            ..Message::default()
        };
        assert!(matches!(check(&choices), Err(Error::Choices(_))));
    }
}
