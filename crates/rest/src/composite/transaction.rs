//! The parts of a composite request or a graph, one after the other; all or none if asked for.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use bytes::Bytes;
use headwater_records::{Caller, Error};
use serde::ser::{Serialize, SerializeMap as _, SerializeStruct as _, Serializer};
use serde_json::value::RawValue;

use super::part::{self, Part, PartAnswer, Resource};
use super::reference::{Answers, halted};
use crate::call::Call;
use crate::error::Failure;
use crate::state::RestState;

/// How often a transaction begins anew because another of its writes turned out to be refused.
const TRIES_MAX: usize = 5;

/// What the others of a transaction are answered when one part fails.
const ROLLED_BACK: &str =
    "The transaction was rolled back since another operation in the same transaction failed.";

/// A part as it stands in the body, its references not replaced yet.
#[derive(Debug)]
pub(super) struct Request<'b> {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) reference: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<&'b RawValue>,
}

/// The answers of all parts, in their order.
pub(super) struct Outcome {
    pub(super) answers: Vec<PartAnswer>,
    pub(super) is_success: bool,
}

/// Runs the parts, each for itself.
pub(super) async fn each(
    call: &Call,
    caller: &Caller,
    requests: &[Request<'_>],
    may: fn(Resource) -> bool,
) -> Outcome {
    let mut run = Run::new(call, &call.state, caller, may);
    for request in requests {
        run.next(request).await;
    }
    Outcome {
        is_success: run.answers.iter().all(PartAnswer::is_success),
        answers: run.answers,
    }
}

/// Runs the parts, all of them or none. Their writes wait until all are known; when it turns out
/// then that one is refused, the parts run once more, and that write is tried as soon as it comes,
/// so that the refusal is the answer of the part it belongs to.
pub(super) async fn all_or_none(
    call: &Call,
    caller: &Caller,
    requests: &[Request<'_>],
    may: fn(Resource) -> bool,
) -> Result<Outcome, Failure> {
    let mut tried = Vec::new();
    for _ in 0..TRIES_MAX {
        let org = call.state.org.staging(&tried);
        let state = Arc::new(RestState {
            org: org.clone(),
            ..RestState::clone(&call.state)
        });
        let mut run = Run::new(call, &state, caller, may);
        let mut failed = None;
        for (place, request) in requests.iter().enumerate() {
            if !run.next(request).await {
                failed = Some(place);
                break;
            }
        }
        if let Some(failed) = failed.filter(|_| org.refused_at().is_none()) {
            return Ok(rolled_back(call, run.answers, failed, requests.len()));
        }
        let committed = match failed {
            None => Box::pin(org.commit_staged()).await,
            Some(_) => Err(Error::RolledBack),
        };
        match (committed, org.refused_at()) {
            (Ok(()), _) => {
                return Ok(Outcome {
                    answers: run.answers,
                    is_success: true,
                });
            }
            (Err(_), Some(place)) => tried.push(place),
            (Err(error), None) => return Err(error.into()),
        }
    }
    Err(Error::Busy.into())
}

/// All answers after a part has failed: only its own is left.
fn rolled_back(call: &Call, done: Vec<PartAnswer>, failed: usize, parts: usize) -> Outcome {
    let mut done = done.into_iter();
    let answers = (0..parts).map(|place| match done.next() {
        Some(answer) if place == failed => answer,
        _ => PartAnswer::refusal(call, halted(ROLLED_BACK)),
    });
    Outcome {
        answers: answers.collect(),
        is_success: false,
    }
}

/// A run through the parts.
struct Run<'a> {
    call: &'a Call,
    state: &'a Arc<RestState>,
    caller: &'a Caller,
    may: fn(Resource) -> bool,
    known: Answers,
    answers: Vec<PartAnswer>,
}

impl<'a> Run<'a> {
    fn new(
        call: &'a Call,
        state: &'a Arc<RestState>,
        caller: &'a Caller,
        may: fn(Resource) -> bool,
    ) -> Self {
        Self {
            call,
            state,
            caller,
            may,
            known: Answers::default(),
            answers: Vec::new(),
        }
    }

    /// Answers the next part; whether it did what it asked.
    async fn next(&mut self, request: &Request<'_>) -> bool {
        let answer = match self.part(request) {
            Ok(part) => {
                let is_whole = asks_for_all(&part);
                let answer = part::answer(self.call, self.state, self.caller, part, self.may);
                let answer = Box::pin(answer).await;
                if is_whole && !is_whole_success(&answer) {
                    self.known.put(&request.reference, &Bytes::new(), false);
                    self.answers.push(answer);
                    return false;
                }
                answer
            }
            Err(failure) => PartAnswer::refusal(self.call, failure),
        };
        let is_success = answer.is_success();
        self.known.put(&request.reference, &answer.body, is_success);
        self.answers.push(answer);
        is_success
    }

    fn part(&self, request: &Request<'_>) -> Result<Part, Failure> {
        Ok(Part {
            method: request.method.clone(),
            url: self.known.in_url(&request.url)?,
            headers: request.headers.clone(),
            body: match request.body {
                Some(body) => self.known.in_body(body)?,
                None => Bytes::new(),
            },
        })
    }
}

/// Whether a part is itself several records, all or none of which are to be changed.
fn asks_for_all(part: &Part) -> bool {
    #[derive(serde::Deserialize)]
    struct Wish {
        #[serde(default, rename = "allOrNone")]
        all_or_none: bool,
    }
    let path = part.url.to_ascii_lowercase();
    if !path.contains("/composite/sobjects") {
        return false;
    }
    let in_body = serde_json::from_slice::<Wish>(&part.body).is_ok_and(|wish| wish.all_or_none);
    in_body || path.contains("allornone=true")
}

/// Whether each of several records was changed.
fn is_whole_success(answer: &PartAnswer) -> bool {
    #[derive(serde::Deserialize)]
    struct Row {
        success: bool,
    }
    answer.is_success()
        && serde_json::from_slice::<Vec<Row>>(&answer.body)
            .is_ok_and(|rows| rows.iter().all(|row| row.success))
}

/// An answer as the answer to the whole shows it.
pub(super) struct Shown<'a> {
    pub(super) reference: &'a str,
    pub(super) answer: &'a PartAnswer,
}

/// The headers that say something about a part's record.
const SHOWN_HEADERS: [(HeaderName, &str); 3] = [
    (header::LOCATION, "Location"),
    (header::ETAG, "ETag"),
    (header::LAST_MODIFIED, "Last-Modified"),
];

struct ShownHeaders<'a>(&'a HeaderMap, StatusCode);

impl Serialize for ShownHeaders<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, shown) in &SHOWN_HEADERS {
            // The version after an update that waits is not known.
            if self.1 == StatusCode::NO_CONTENT {
                break;
            }
            if let Some(value) = self.0.get(name).and_then(|value| value.to_str().ok()) {
                map.serialize_entry(shown, value)?;
            }
        }
        map.end()
    }
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let answer = self.answer;
        let mut shown = serializer.serialize_struct("Shown", 4)?;
        shown.serialize_field("body", &answer.json())?;
        shown.serialize_field("httpHeaders", &ShownHeaders(&answer.headers, answer.status))?;
        shown.serialize_field("httpStatusCode", &answer.status.as_u16())?;
        shown.serialize_field("referenceId", self.reference)?;
        shown.end()
    }
}
