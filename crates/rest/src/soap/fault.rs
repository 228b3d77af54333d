//! Why a call got nothing, with the literal prefix `sf:` that clients search for.

use axum::http::StatusCode;
use headwater_records::{Error, LoginError};

use super::answer::{FAULTS, envelope};
use crate::answer::escape;
use crate::error::Failure;

/// Why a call got nothing.
pub(super) struct Fault {
    /// With its prefix: `sf:INVALID_LOGIN`.
    code: String,
    message: String,
    /// The element of the detail; none for faults of SOAP itself.
    detail: Option<&'static str>,
}

impl Fault {
    fn of(detail: &'static str, code: &str, message: &str) -> Self {
        Self {
            code: format!("sf:{code}"),
            message: message.to_owned(),
            detail: Some(detail),
        }
    }

    /// The caller's envelope is wrong.
    pub(super) fn client(message: &str) -> Self {
        Self {
            code: "soapenv:Client".to_owned(),
            message: message.to_owned(),
            detail: None,
        }
    }

    pub(super) fn no_operation(name: &str) -> Self {
        let name: String = name.chars().take(100).collect();
        Self::client(&format!(
            "No operation available for request {{urn:partner.soap.sforce.com}}{name}, please \
             check the WSDL for the service."
        ))
    }

    pub(super) fn unsupported_version(version: &str) -> Self {
        let version: String = version.chars().take(20).collect();
        Self::of(
            "UnexpectedErrorFault",
            "UNSUPPORTED_API_VERSION",
            &format!("Invalid Api version specified on URL: {version}"),
        )
    }

    pub(super) fn invalid_login() -> Self {
        Self::of(
            "LoginFault",
            "INVALID_LOGIN",
            "Invalid username, password, security token; or user locked out.",
        )
    }

    /// Too many records in one call.
    pub(super) fn too_many(max: usize) -> Self {
        Self::of(
            detail_of("EXCEEDED_ID_LIMIT"),
            "EXCEEDED_ID_LIMIT",
            &format!("record limit reached. cannot submit more than {max} records into this call"),
        )
    }

    /// A value of the call is wrong.
    pub(super) fn bad(code: &'static str, message: &str) -> Self {
        Self::of(detail_of(code), code, message)
    }

    fn rate_exceeded() -> Self {
        Self::of(
            "LoginFault",
            "LOGIN_RATE_EXCEEDED",
            "Too many failed logins, try again in a minute",
        )
    }

    fn unavailable() -> Self {
        Self::of(
            "UnexpectedErrorFault",
            "SERVER_UNAVAILABLE",
            "The server is busy and nothing was changed. Please try again",
        )
    }

    fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(cause = error, "a SOAP call failed");
        Self::of(
            "UnexpectedErrorFault",
            "UNKNOWN_EXCEPTION",
            "An unexpected error occurred. Please include this ErrorId if you contact support",
        )
    }

    pub(super) fn to_xml(&self) -> String {
        let (code, text) = (&self.code, escape(self.message.as_str()));
        let Some(detail) = self.detail else {
            let fault = format!(
                "<soapenv:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring>\
                 </soapenv:Fault>"
            );
            return envelope(&fault, FAULTS);
        };
        let bare = code.trim_start_matches("sf:");
        let fault = format!(
            "<soapenv:Fault><faultcode>{code}</faultcode>\
             <faultstring>{bare}: {text}</faultstring><detail><sf:{detail}>\
             <sf:exceptionCode>{bare}</sf:exceptionCode>\
             <sf:exceptionMessage>{text}</sf:exceptionMessage></sf:{detail}></detail>\
             </soapenv:Fault>"
        );
        envelope(&fault, FAULTS)
    }
}

impl From<LoginError> for Fault {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Refused => Self::invalid_login(),
            LoginError::TooManyAttempts => Self::rate_exceeded(),
            LoginError::InactiveUser => {
                Self::of("LoginFault", "INACTIVE_OWNER_OR_USER", "User is inactive")
            }
            LoginError::ApiDisabled | LoginError::NotForApi => Self::of(
                "LoginFault",
                "API_CURRENTLY_DISABLED",
                "API is disabled for this User",
            ),
            LoginError::UnknownToken => Self::of(
                "UnexpectedErrorFault",
                "INVALID_SESSION_ID",
                "Invalid Session ID found in SessionHeader: Illegal Session",
            ),
            LoginError::Busy | LoginError::Records(Error::Busy) => Self::unavailable(),
            LoginError::NotForConsole
            | LoginError::UnknownApp
            | LoginError::WrongAppSecret
            | LoginError::NotForApp(_)
            | LoginError::NoRunAsUser
            | LoginError::UnknownGrant
            | LoginError::WrongRedirect
            | LoginError::WrongVerifier
            | LoginError::PasswordTooShort { .. }
            | LoginError::PasswordTooLong { .. }
            | LoginError::BadApp(_)
            | LoginError::Records(_) => Self::internal(&error),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownObject(name) => Self::of(
                "InvalidSObjectFault",
                "INVALID_TYPE",
                &format!("sObject type '{name}' is not supported."),
            ),
            error => Failure::from(error).into(),
        }
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        if failure.status == StatusCode::SERVICE_UNAVAILABLE {
            return Self::unavailable();
        }
        if let Some(cause) = &failure.cause {
            return Self::internal(&**cause);
        }
        let item = failure.errors.first();
        let (code, message) = item.map_or(("UNKNOWN_EXCEPTION", ""), |item| {
            (item.code, item.message.as_str())
        });
        Self::of(detail_of(code), code, message)
    }
}

/// The fault that an error's code belongs to, as the WSDL has them.
fn detail_of(code: &str) -> &'static str {
    match code {
        "MALFORMED_QUERY" => "MalformedQueryFault",
        "MALFORMED_SEARCH" => "MalformedSearchFault",
        "INVALID_FIELD" => "InvalidFieldFault",
        "INVALID_TYPE" => "InvalidSObjectFault",
        "INVALID_QUERY_LOCATOR" => "InvalidQueryLocatorFault",
        "INVALID_NEW_PASSWORD" => "InvalidNewPasswordFault",
        "MALFORMED_ID" | "EXCEEDED_ID_LIMIT" => "InvalidIdFault",
        _ => "UnexpectedErrorFault",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_has_the_parts_that_clients_search_for() {
        let xml = Fault::invalid_login().to_xml();
        for part in [
            "<faultcode>sf:INVALID_LOGIN</faultcode>",
            "<faultstring>INVALID_LOGIN: Invalid username, password, security token; or user \
             locked out.</faultstring>",
            "<sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>",
            "<sf:exceptionMessage>Invalid username",
            "<sf:LoginFault>",
        ] {
            assert!(xml.contains(part), "{part} in {xml}");
        }
    }

    #[test]
    fn text_of_the_caller_s_is_escaped() {
        let xml = Fault::no_operation("<x>&").to_xml();
        assert!(xml.contains("&lt;x&gt;&amp;"), "{xml}");
    }
}
