//! Words by which customers say whether they want messages. Carriers of text messages expect them to be
//! heeded, whoever answers.
//!
//! A channel adds words of its own, in any language, with what they are answered
//! (`MsgChannelLanguageKeyword`); the families that carriers name count everywhere.

use headwater_catalogue::Id;
use headwater_records::{Cells, literal};

use crate::consent::Level;
use crate::error::Error;
use crate::inbound::Heeded;
use crate::messaging::Messaging;

/// What a customer asks for with one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyword {
    /// No more messages.
    Stop,
    /// Messages again.
    Start,
    /// Messages indeed, asked a second time.
    Confirm,
    /// Who is this?
    Help,
    /// Something that the channel answers by itself.
    Custom,
}

/// A keyword as somebody said it on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) keyword: Keyword,
    /// What it is answered.
    pub(crate) answer: String,
}

impl Asked {
    /// What a carrier has heeded already, and answered; none when that changes nothing.
    pub(crate) fn answered(heeded: Heeded, levels: (Level, Level)) -> Option<Self> {
        let asked = Self {
            keyword: match heeded {
                Heeded::Stop => Keyword::Stop,
                Heeded::Start => Keyword::Start,
                Heeded::Help => Keyword::Help,
            },
            answer: String::new(),
        };
        asked.keyword.means_something(levels).then_some(asked)
    }
}

impl Keyword {
    /// Whether the word means something to somebody who has agreed this far, on a channel that wants that.
    fn means_something(self, (has, wanted): (Level, Level)) -> bool {
        match self {
            Self::Start => has < wanted.max(Level::Explicit),
            // Most people who say yes answer a question of somebody's.
            Self::Confirm => has == Level::OptedOut || has < wanted,
            Self::Stop | Self::Help | Self::Custom => true,
        }
    }
}

/// Most characters of a keyword. What is longer is not looked up.
const CHARACTERS_MAX: usize = 40;

/// Most languages of a channel.
const LANGUAGES_MAX: u64 = 50;

/// Answers of a channel that has none of its own.
const STOPPED: &str = "You will get no more messages from us. Reply START to get them again.";
const STARTED: &str = "You will get messages from us again. Reply STOP to end them.";
const HELP: &str = "Write to us here and somebody will answer. Reply STOP to get no more messages.";

/// The families that carriers of SMS in the United States name, ignoring case.
const FAMILIES: &[(Keyword, &[&str])] = &[
    (
        Keyword::Stop,
        &[
            "STOP",
            "STOPALL",
            "UNSUBSCRIBE",
            "CANCEL",
            "END",
            "QUIT",
            "REVOKE",
            "OPTOUT",
            "OPT OUT",
        ],
    ),
    (Keyword::Start, &["START", "UNSTOP", "OPTIN", "OPT IN"]),
    (Keyword::Confirm, &["YES"]),
    (Keyword::Help, &["HELP", "INFO"]),
];

/// Where a channel's row of one language says which words mean what, and what they are answered.
const COLUMNS: &[(Keyword, &str, &str)] = &[
    (Keyword::Stop, "OptOutKeywords", "OptOutConfirmation"),
    (Keyword::Start, "OptInKeywords", "OptInConfirmation"),
    (Keyword::Confirm, "DoubleOptInKeywords", "OptInConfirmation"),
    (Keyword::Help, "HelpKeywords", "HelpResponse"),
    (Keyword::Custom, "CustomKeywords", "CustomResponse"),
];

/// Whether a word alone means something on channels of this type: on web pages there is a button for it.
pub fn heeds_keywords(channel_type: &str) -> bool {
    matches!(channel_type, "Text" | "WhatsApp" | "Facebook" | "Custom")
}

impl Messaging {
    /// The keyword that a message consists of; none when it says anything more, or when the word means
    /// nothing to somebody who has agreed as far as the channel wants.
    pub(crate) async fn keyword(
        &self,
        channel: Id,
        text: &str,
        levels: (Level, Level),
    ) -> Result<Option<Asked>, Error> {
        let word = text.trim().trim_end_matches(['.', '!']);
        if word.is_empty() || word.chars().count() > CHARACTERS_MAX {
            return Ok(None);
        }
        let rows = self.language_rows(channel).await?;
        let asked = own(&rows, word).or_else(|| {
            let keyword = family(word)?;
            let answer = rows.first().and_then(|row| row.answer(keyword));
            Some(Asked {
                keyword,
                answer: answer.unwrap_or_else(|| standard(keyword).to_owned()),
            })
        });
        Ok(asked.filter(|asked| asked.keyword.means_something(levels)))
    }

    async fn language_rows(&self, channel: Id) -> Result<Vec<Language>, Error> {
        let mut columns: Vec<&str> = COLUMNS
            .iter()
            .flat_map(|(_, words, answer)| [*words, *answer])
            .collect();
        // Two sorts of words have one answer.
        columns.sort_unstable();
        columns.dedup();
        let soql = format!(
            "SELECT Id, {} FROM MsgChannelLanguageKeyword WHERE MessagingChannelId = {} \
             ORDER BY CreatedDate, Id",
            columns.join(", "),
            literal(channel.as_str())
        );
        let system = self.org().system();
        let table = self.org().browse(&system, &soql, None, LANGUAGES_MAX);
        Ok(table.await?.rows().map(Language::of).collect())
    }
}

/// A channel's words and answers in one language.
struct Language {
    /// As [`COLUMNS`]: the words, and what they are answered.
    meanings: Vec<(Keyword, String, String)>,
}

impl Language {
    fn of(row: Cells<'_>) -> Self {
        let meaning = |(keyword, words, answer): &(Keyword, &str, &str)| {
            let text = |field: &str| row.text(field).trim().to_owned();
            (*keyword, text(words), text(answer))
        };
        Self {
            meanings: COLUMNS.iter().map(meaning).collect(),
        }
    }

    fn answer(&self, keyword: Keyword) -> Option<String> {
        let mut meanings = self.meanings.iter();
        let (.., answer) = meanings.find(|(of, ..)| *of == keyword)?;
        (!answer.is_empty()).then(|| answer.clone())
    }
}

/// What a word means by the channel's own words.
fn own(rows: &[Language], word: &str) -> Option<Asked> {
    let word = word.to_lowercase();
    rows.iter().find_map(|row| {
        let means = |(_, words, _): &&(Keyword, String, String)| {
            words
                .split(',')
                .any(|one| one.trim().to_lowercase() == word)
        };
        let (keyword, ..) = row.meanings.iter().find(means)?;
        let answer = row.answer(*keyword);
        Some(Asked {
            keyword: *keyword,
            answer: answer.unwrap_or_else(|| standard(*keyword).to_owned()),
        })
    })
}

fn family(word: &str) -> Option<Keyword> {
    let family = FAMILIES
        .iter()
        .find(|(_, words)| words.iter().any(|one| one.eq_ignore_ascii_case(word)));
    family.map(|(keyword, _)| *keyword)
}

const fn standard(keyword: Keyword) -> &'static str {
    match keyword {
        Keyword::Stop => STOPPED,
        Keyword::Start | Keyword::Confirm => STARTED,
        Keyword::Help => HELP,
        Keyword::Custom => "",
    }
}

#[cfg(test)]
mod tests {
    use super::{Keyword, Language, family, own};

    #[test]
    fn a_word_alone_counts_and_one_among_others_does_not() {
        assert_eq!(family("stop"), Some(Keyword::Stop));
        assert_eq!(family("Opt Out"), Some(Keyword::Stop));
        assert_eq!(family("START"), Some(Keyword::Start));
        assert_eq!(family("help"), Some(Keyword::Help));
        assert_eq!(family("please stop calling me at work"), None);
        assert_eq!(family(""), None);
    }

    #[test]
    fn a_channel_has_words_of_its_own() {
        let german = Language {
            meanings: vec![
                (
                    Keyword::Stop,
                    "Stopp, ABMELDEN".to_owned(),
                    "Abgemeldet.".to_owned(),
                ),
                (
                    Keyword::Custom,
                    "Öffnungszeiten".to_owned(),
                    "9–17".to_owned(),
                ),
            ],
        };
        let rows = [german];
        let asked = own(&rows, "abmelden").unwrap();
        assert_eq!(
            (asked.keyword, &*asked.answer),
            (Keyword::Stop, "Abgemeldet.")
        );
        let asked = own(&rows, "ÖFFNUNGSZEITEN").unwrap();
        assert_eq!(asked.keyword, Keyword::Custom);
        assert_eq!(own(&rows, "bitte"), None);
    }
}
