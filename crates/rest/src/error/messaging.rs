//! What conversations and routing refuse, as status, code and message. No wildcard, as for records.

use axum::http::StatusCode;
use headwater_messaging::{Error, Refusal};

use super::Failure;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let said = error.to_string();
        match error {
            Error::Records(error) => error.into(),
            Error::Routing(refusal) => routing(&refusal, said),
            Error::WrongStatus { .. } | Error::NotFailed | Error::Answered(_) => {
                Self::new(StatusCode::CONFLICT, "INVALID_SESSION_STATUS", said)
            }
            Error::OptedOut { .. } | Error::NotOptedIn { .. } => {
                Self::bad_request("OPTED_OUT", said)
            }
            Error::FileType(_)
            | Error::EmptyFile
            | Error::NoFiles
            | Error::FileNotTaken { .. }
            | Error::Infected { .. }
            | Error::Choices(_)
            | Error::Template(_)
            | Error::Account { .. }
            | Error::Parameter { .. } => Self::bad_request("FIELD_INTEGRITY_EXCEPTION", said),
            Error::OtherCase => Self::bad_request("DUPLICATE_VALUE", said),
            Error::Carrier(_) => Self::new(StatusCode::BAD_GATEWAY, "CARRIER_ERROR", said),
            Error::Empty => Self::bad_request("REQUIRED_FIELD_MISSING", said),
            Error::TooLong { .. } | Error::TooLarge { .. } => {
                Self::bad_request("STRING_TOO_LONG", said)
            }
            Error::NoSuchChannel(_) => Self::bad_request("INVALID_CROSS_REFERENCE_KEY", said),
            Error::Busy => headwater_records::Error::Busy.into(),
        }
    }
}

fn routing(refusal: &Refusal, said: String) -> Failure {
    match refusal {
        Refusal::NotOffered
        | Refusal::There
        | Refusal::NotTransferable(_)
        | Refusal::RoutedHere
        | Refusal::Asked
        | Refusal::Offered { .. }
        | Refusal::WorkStands(_) => {
            Failure::new(StatusCode::CONFLICT, "INVALID_SESSION_STATUS", said)
        }
        Refusal::NotAvailable(_) | Refusal::NoRoom(_) => {
            Failure::new(StatusCode::CONFLICT, "AGENT_NOT_AVAILABLE", said)
        }
        Refusal::NoCapacity => Failure::bad_request("REQUIRED_FIELD_MISSING", said),
        Refusal::MayNotDecline | Refusal::NoAgent | Refusal::NotSupervisor => {
            Failure::new(StatusCode::FORBIDDEN, "INSUFFICIENT_ACCESS", said)
        }
        Refusal::NoSuchStatus(_) | Refusal::NoTarget(_) | Refusal::NoSuchAgent(_) => {
            Failure::bad_request("INVALID_CROSS_REFERENCE_KEY", said)
        }
        Refusal::NoteTooLong(_) => Failure::bad_request("STRING_TOO_LONG", said),
    }
}
