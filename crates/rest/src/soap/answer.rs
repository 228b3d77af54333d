//! Writing envelopes.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use headwater_catalogue::Id;
use headwater_records::login::{Issued, Person};
use headwater_records::{Error, LoginError};
use jiff::Timestamp;
use quick_xml::escape::escape;

use crate::call::{Call, Version};

/// Why a call got nothing.
pub(super) struct Fault {
    /// With its prefix: `sf:INVALID_LOGIN`.
    code: String,
    message: String,
    /// The element of the detail, and its exception's code; none for faults of SOAP itself.
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
            return envelope(&format!(
                "<soapenv:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring>\
                 </soapenv:Fault>"
            ));
        };
        let bare = code.trim_start_matches("sf:");
        envelope(&format!(
            "<soapenv:Fault><faultcode>{code}</faultcode>\
             <faultstring>{bare}: {text}</faultstring><detail><sf:{detail}>\
             <sf:exceptionCode>{bare}</sf:exceptionCode>\
             <sf:exceptionMessage>{text}</sf:exceptionMessage></sf:{detail}></detail>\
             </soapenv:Fault>"
        ))
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
        LoginError::Records(error).into()
    }
}

/// An answer of SOAP's type.
pub(super) fn response(status: StatusCode, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let xml = HeaderValue::from_static("text/xml;charset=UTF-8");
    response.headers_mut().insert(header::CONTENT_TYPE, xml);
    response
}

/// An envelope around a response element with this inside.
pub(super) fn wrapped(element: &str, inside: &str) -> String {
    if inside.is_empty() {
        return envelope(&format!("<{element}/>"));
    }
    envelope(&format!("<{element}>{inside}</{element}>"))
}

/// The namespaces stand at the root, so that nothing below needs an attribute for them.
fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns=\"urn:partner.soap.sforce.com\" xmlns:sf=\"urn:fault.partner.soap.sforce.com\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>{body}\
         </soapenv:Body></soapenv:Envelope>"
    )
}

/// What a login gives.
pub(super) fn login_result(
    call: &Call,
    version: Version,
    issued: &Issued,
    person: &Person,
) -> String {
    let organization = call.state.org.organization();
    let url = |door: &str| {
        let short = organization.short();
        format!("{}/services/Soap/{door}/{version}/{short}", call.base_url())
    };
    let mut result = String::from("<result>");
    element(&mut result, "metadataServerUrl", &url("m"));
    element(
        &mut result,
        "passwordExpired",
        flag(person.must_change_password),
    );
    element(&mut result, "sandbox", flag(person.organization_is_sandbox));
    element(&mut result, "serverUrl", &url("u"));
    element(&mut result, "sessionId", issued.access_token.expose());
    element(&mut result, "userId", issued.user.as_str());
    let info = user_info(call, issued.user, person);
    result.push_str("<userInfo>");
    result.push_str(&info);
    result.push_str("</userInfo></result>");
    result
}

/// What is inside `userInfo`, in the order of the WSDL.
pub(super) fn user_info(call: &Call, user: Id, person: &Person) -> String {
    let org = &call.state.org;
    let text = |id: Option<Id>| id.map(|id| id.as_str().to_owned()).unwrap_or_default();
    let idle = org.login_settings().session_idle_seconds_max.to_string();
    let (profile, role) = (text(person.profile), text(person.role));
    let mut info = String::new();
    for (name, value) in [
        ("accessibilityMode", "false"),
        ("chatterExternal", "false"),
        ("currencySymbol", "$"),
        ("orgAttachmentFileSizeLimit", "5242880"),
        ("orgDefaultCurrencyIsoCode", "USD"),
        ("orgDefaultCurrencyLocale", "en_US"),
        ("orgDisallowHtmlAttachments", "false"),
        ("orgHasPersonAccounts", "false"),
        ("organizationId", org.organization().as_str()),
        ("organizationMultiCurrency", "false"),
        ("organizationName", &person.organization_name),
        ("profileId", &profile),
        ("roleId", &role),
        ("sessionSecondsValid", &idle),
        ("userDefaultCurrencyIsoCode", ""),
        ("userEmail", &person.email),
        ("userFullName", &person.name),
        ("userId", user.as_str()),
        ("userLanguage", &person.language),
        ("userLocale", &person.locale),
        ("userName", &person.username),
        ("userTimeZone", &person.time_zone),
        ("userType", &person.user_type),
        ("userUiSkin", "Theme3"),
    ] {
        element(&mut info, name, value);
    }
    info
}

/// The time, as `getServerTimestamp` gives it.
pub(super) fn server_timestamp(now: Timestamp) -> String {
    let now = now.strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
    wrapped(
        "getServerTimestampResponse",
        &format!("<result><timestamp>{now}</timestamp></result>"),
    )
}

/// An element without prefix and attributes; one without a value says that it is nil.
fn element(xml: &mut String, name: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = if value.is_empty() {
        write!(xml, "<{name} xsi:nil=\"true\"/>")
    } else {
        write!(xml, "<{name}>{}</{name}>", escape(value))
    };
}

fn flag(on: bool) -> &'static str {
    if on { "true" } else { "false" }
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

    #[test]
    fn the_time_has_milliseconds_and_a_z() {
        let xml = server_timestamp("2026-01-31T12:34:56.789123Z".parse().unwrap());
        assert!(
            xml.contains("<timestamp>2026-01-31T12:34:56.789Z</timestamp>"),
            "{xml}"
        );
    }
}
