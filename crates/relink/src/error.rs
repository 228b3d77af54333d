//! Why a call did nothing, in words that say what to do next.

use serde::Deserialize;

use crate::resolve::Candidate;

/// Why nothing was answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is not one.
    #[error("'{address}' is not a server's address: {problem}; write it as http://HOST:PORT")]
    Address {
        /// As it was given.
        address: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A file of certificates cannot be used.
    #[error("the certificates to trust cannot be used: {0}")]
    Certificates(String),
    /// Nobody answers there.
    #[error("{server} does not answer: {cause}; is the address right and the server running?")]
    Unreachable {
        /// The server.
        server: String,
        /// What went wrong, innermost cause last.
        cause: String,
    },
    /// The server does not let this user in.
    #[error("the login was refused: {0}")]
    LoginRefused(String),
    /// The token is not valid, or not any more.
    #[error("the access token is not valid any more; log in again")]
    TokenRefused,
    /// The server refused the call. Nothing was changed.
    #[error("{}", sentences(problems))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Each thing that is wrong.
        problems: Vec<Refusal>,
    },
    /// What the call is about is not there, or not for this user to see.
    #[error("there is no {0}, or you may not see it")]
    NotThere(String),
    /// What was typed names nothing.
    #[error("there is no {what} '{text}'{}", listed("did you mean", near))]
    NothingFound {
        /// What was looked for.
        what: &'static str,
        /// What was typed.
        text: String,
        /// Records whose name is close.
        near: Vec<Candidate>,
    },
    /// What was typed names several records.
    #[error("'{text}' names {} {what}s{}", found.len(), listed("say which by its id", found))]
    SeveralFound {
        /// What was looked for.
        what: &'static str,
        /// What was typed.
        text: String,
        /// The records it names.
        found: Vec<Candidate>,
    },
    /// The answer is not what such a server sends.
    #[error("{server} sent an answer that is not understood: {problem}")]
    NotUnderstood {
        /// The server.
        server: String,
        /// What is wrong with the answer.
        problem: String,
    },
}

/// One of the problems in an error answer, as Salesforce lays them out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// What is wrong, for people.
    pub message: String,
    /// The word programs tell errors apart by.
    pub error_code: String,
    /// The fields it is about.
    #[serde(default)]
    pub fields: Vec<String>,
}

impl Error {
    /// The code of the first refusal, if the server refused.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { problems, .. } => problems.first().map(|p| p.error_code.as_str()),
            _ => None,
        }
    }
}

fn sentences(problems: &[Refusal]) -> String {
    let all: Vec<_> = problems.iter().map(|p| p.message.trim()).collect();
    all.join("\n")
}

fn listed(introduction: &str, candidates: &[Candidate]) -> String {
    if candidates.is_empty() {
        return String::new();
    }
    let lines: Vec<_> = candidates.iter().map(|c| format!("\n  {c}")).collect();
    format!("; {introduction}:{}", lines.concat())
}
