//! What a request for a session's page brings beside its address: how the page that is open already stands.

use headwater_messaging::Answer;
use jiff::Timestamp;

use super::{Record, SESSION};
use crate::console::Console;
use crate::fault::Fault;
use crate::form::Form;
use crate::visitor::Visitor;

/// What a page sends when it asks for itself again.
const FIELDS: [&str; 3] = ["begins", "earlier", "seen"];

/// How a page stands.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Where its newest stretch of the transcript begins, so that it grows and loses nothing.
    pub(super) begins: Option<String>,
    /// Up to where what came before was read then.
    pub(super) earlier: Option<String>,
    /// When the visitor had last looked before they opened it; none when they never had.
    pub(super) seen: Option<Timestamp>,
    /// When they have last looked, this page included.
    pub(super) last_viewed: Option<Timestamp>,
    /// What they wrote and is not sent.
    pub(super) unsent: Option<Unsent>,
}

/// An answer that waits for its writer's word, because somebody else has answered.
#[derive(Debug)]
pub(super) struct Unsent {
    pub(super) text: String,
    pub(super) had_files: bool,
    /// What the other has sent.
    pub(super) answer: Answer,
}

impl Asked {
    /// Of a record that is read, before it is noted that it was.
    pub(super) async fn of(
        console: &Console,
        visitor: &Visitor,
        record: &Record,
        form: &Form,
    ) -> Result<Self, Fault> {
        if &*record.object.name != SESSION {
            return Ok(Self::default());
        }
        let viewed = console.org.last_viewed(&visitor.caller, record.id);
        let last_viewed = viewed.await?;
        let seen = match form.filled("seen").map(str::parse) {
            Some(Ok(0)) => None,
            Some(Ok(seen)) => Timestamp::from_microsecond(seen).ok(),
            Some(Err(_)) | None => last_viewed,
        };
        Ok(Self {
            begins: form.filled("begins").map(str::to_owned),
            earlier: form.filled("earlier").map(str::to_owned),
            seen,
            last_viewed,
            unsent: None,
        })
    }

    /// The address of a page without what only its next request is to say.
    pub(super) fn stripped(here: &str) -> String {
        let Some((path, query)) = here.split_once('?') else {
            return here.to_owned();
        };
        let is_own = |part: &&str| !FIELDS.contains(&part.split('=').next().unwrap_or_default());
        let rest: Vec<_> = query.split('&').filter(is_own).collect();
        match rest.as_slice() {
            [] => path.to_owned(),
            rest => format!("{path}?{}", rest.join("&")),
        }
    }

    /// The same for the page that follows a form of this page.
    pub(super) fn carried(form: &Form) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for name in ["begins", "earlier"] {
            if let Some(value) = form.filled(name) {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Asked;

    #[test]
    fn an_address_keeps_what_is_not_of_the_next_request() {
        assert_eq!(Asked::stripped("/r/A/1"), "/r/A/1");
        assert_eq!(Asked::stripped("/r/A/1?seen=1&begins=2.3"), "/r/A/1");
        assert_eq!(
            Asked::stripped("/r/A/1?from=%2Fo&seen=1"),
            "/r/A/1?from=%2Fo"
        );
    }
}
