//! Words by which customers say whether they want messages. Carriers of text messages expect them to be
//! heeded, whoever answers.

/// What a customer asks for with one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyword {
    /// No more messages.
    Stop,
    /// Messages again.
    Start,
    /// Who is this?
    Help,
}

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
    (
        Keyword::Start,
        &["START", "UNSTOP", "YES", "OPTIN", "OPT IN"],
    ),
    (Keyword::Help, &["HELP", "INFO"]),
];

/// The keyword that a message consists of; none when it says anything more.
pub(crate) fn keyword(text: &str) -> Option<Keyword> {
    let text = text.trim().trim_end_matches(['.', '!']);
    let family = FAMILIES
        .iter()
        .find(|(_, words)| words.iter().any(|word| word.eq_ignore_ascii_case(text)));
    family.map(|(keyword, _)| *keyword)
}

#[cfg(test)]
mod tests {
    use super::{Keyword, keyword};

    #[test]
    fn a_word_alone_counts_and_one_among_others_does_not() {
        assert_eq!(keyword(" stop. "), Some(Keyword::Stop));
        assert_eq!(keyword("Opt Out"), Some(Keyword::Stop));
        assert_eq!(keyword("START"), Some(Keyword::Start));
        assert_eq!(keyword("help"), Some(Keyword::Help));
        assert_eq!(keyword("please stop calling me at work"), None);
        assert_eq!(keyword(""), None);
    }
}
