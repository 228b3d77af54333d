//! Why a request of a partner's service was refused: `{message, code}`, with Salesforce's codes.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use headwater_messaging::{Error, Refusal as RoutingRefusal};
use headwater_records::Error as RecordsError;
use headwater_records::login::LoginError;
use serde_json::json;

use crate::attributes::Problem;
use crate::webchat::TooMany;

/// What is not as it should be. The number is Salesforce's for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub(super) enum Code {
    ContextNotOfAddress = 10_001,
    ScopeMissing = 10_003,
    Token = 10_004,
    ContextNotOfToken = 10_005,
    FileTooLarge = 10_008,
    FileEmpty = 10_009,
    ContentLength = 10_010,
    FilesDoNotMatch = 10_011,
    WorkItem = 10_012,
    Capacity = 10_013,
    Weight = 10_014,
    Percentage = 10_015,
    Header = 10_016,
    NoSuchAddress = 10_017,
    Conversation = 10_018,
    EndUser = 10_020,
    Consent = 10_021,
    Flow = 10_024,
    To = 10_027,
    From = 10_028,
    Interactions = 10_029,
    FlowAndQueue = 10_030,
    NotActive = 10_031,
    Queue = 10_032,
    ReasonWithSuccess = 10_033,
    NoReason = 10_034,
    NoParticipant = 10_036,
    AppType = 10_037,
    Role = 10_038,
    NoParticipants = 10_039,
    NoEndUser = 10_042,
    ParticipantRole = 10_043,
    SeveralEndUsers = 10_044,
    Entry = 10_045,
    ClientTimestamp = 10_046,
    UnknownMessageType = 10_047,
    UnknownFormat = 10_048,
    MessageFormat = 10_049,
    Integration = 10_050,
    FileLength = 10_051,
    Address = 10_052,
    Participants = 10_053,
    Subject = 10_054,
    TryAgain = 10_056,
    IdMissing = 10_059,
    IdsDiffer = 10_060,
    SessionStart = 10_061,
    MessageType = 10_062,
    SessionEnd = 10_064,
    EndUserLeft = 10_065,
    Joined = 10_067,
    NotOfConversation = 10_068,
    NoChannelAddress = 10_069,
    Session = 10_071,
    SameId = 10_073,
    SenderNotThere = 10_074,
    Conference = 10_075,
    History = 10_078,
    Work = 10_082,
    WorkContext = 10_083,
    WorkStatus = 10_085,
    Parameters = 10_089,
    StartTime = 10_090,
    EndTime = 10_091,
    Limit = 10_092,
    ContextType = 10_093,
    MediaType = 10_095,
    AttributeTooLong = 10_096,
    Operation = 10_097,
    UserMayNot = 15_105,
    User = 15_106,
    OtherConversation = 15_107,
    WorkIsThere = 15_109,
    UserNotThere = 15_112,
    Internal = 500,
    NotFound = 404,
    TooMany = 429,
}

/// Why nothing was done.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: Code,
    message: String,
    /// Seconds after which to try again.
    retry_after: Option<i64>,
}

impl Refusal {
    /// Something about the request.
    pub(super) fn bad(code: Code, message: impl Into<String>) -> Self {
        Self::with(StatusCode::BAD_REQUEST, code, message)
    }

    pub(super) fn with(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            retry_after: None,
        }
    }

    /// A body that is not what it should be.
    pub(super) fn unread(rejection: &JsonRejection) -> Self {
        Self::bad(Code::Parameters, rejection.body_text())
    }

    /// Not through any fault of the request.
    pub(super) fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request of a partner's service failed");
        let message = "It could not be done, through no fault of the request";
        Self::with(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, message)
    }

    fn not_scanned() -> Self {
        let message =
            "Files cannot be scanned for viruses just now, so none is taken. Please retry later.";
        Self {
            retry_after: Some(30),
            ..Self::with(StatusCode::SERVICE_UNAVAILABLE, Code::TryAgain, message)
        }
    }

    fn busy() -> Self {
        let message = "Conversation processing aborted. Please retry.";
        Self {
            retry_after: Some(1),
            ..Self::with(StatusCode::SERVICE_UNAVAILABLE, Code::TryAgain, message)
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "message": self.message, "code": self.code as i32 });
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let said = error.to_string();
        match error {
            Error::NoSuchChannel(_) => Self::bad(Code::NotActive, said),
            Error::TooLarge {
                what: "the file", ..
            } => Self::with(StatusCode::PAYLOAD_TOO_LARGE, Code::FileTooLarge, said),
            Error::TooLarge { .. } | Error::TooLong { .. } | Error::Empty => {
                Self::bad(Code::Entry, said)
            }
            // No code of Salesforce's says it: it is a file that is not taken.
            Error::FileType(_) | Error::Infected { .. } => Self::bad(Code::MediaType, said),
            Error::EmptyFile => Self::bad(Code::FileEmpty, said),
            Error::Parameter { .. } => Self::bad(Code::AttributeTooLong, said),
            Error::OtherCase => Self::bad(Code::From, said),
            Error::Busy
            | Error::Records(
                RecordsError::Busy | RecordsError::InDoubt | RecordsError::FilesUnreachable,
            ) => Self::busy(),
            Error::Records(RecordsError::FilesNotScanned) => Self::not_scanned(),
            Error::WrongStatus { .. }
            | Error::Records(RecordsError::NotFound(_))
            | Error::Routing(RoutingRefusal::NotTransferable(_)) => Self::bad(Code::Session, said),
            Error::Routing(
                RoutingRefusal::RoutedHere | RoutingRefusal::Asked | RoutingRefusal::There,
            ) => Self::bad(Code::Parameters, said),
            Error::Routing(RoutingRefusal::NoTarget(_)) => Self::bad(Code::Queue, said),
            Error::Records(_)
            | Error::OptedOut { .. }
            | Error::NotOptedIn { .. }
            | Error::NoFiles
            | Error::FileNotTaken { .. }
            | Error::Choices(_)
            | Error::NotFailed
            | Error::Answered(_)
            | Error::Template(_)
            | Error::Account { .. }
            | Error::Carrier(_)
            | Error::Routing(_) => Self::internal(&said),
        }
    }
}

impl From<RecordsError> for Refusal {
    fn from(error: RecordsError) -> Self {
        Error::from(error).into()
    }
}

impl From<LoginError> for Refusal {
    fn from(error: LoginError) -> Self {
        if let LoginError::Records(error) = error {
            return error.into();
        }
        let message = "The supplied Authorization access token is not valid";
        Self::with(StatusCode::UNAUTHORIZED, Code::Token, message)
    }
}

impl From<TooMany> for Refusal {
    fn from(TooMany(seconds): TooMany) -> Self {
        let message = format!("Too many requests: try again in {seconds} seconds");
        Self {
            retry_after: Some(seconds),
            ..Self::with(StatusCode::TOO_MANY_REQUESTS, Code::TooMany, message)
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Malformed(message) => Self::bad(Code::Parameters, message),
            Problem::Refused(error) => error.into(),
        }
    }
}

/// A part of the API that is not here.
pub(super) async fn no_such() -> Refusal {
    let message = "This part of the Interaction Service API is not here: there are interactions, \
                   conversation, conversationEntry, conversationHistory, acknowledgement, consent, \
                   messagingSession, route, agentWork, routingResult, participant and capabilities";
    Refusal::with(StatusCode::NOT_FOUND, Code::NotFound, message)
}
