//! SOAP's Apex door, for the one call that clients make of it: running code that they bring along. There
//! is no Apex here, and the answer says so in the place where a compiler would.

use axum::http::StatusCode;
use axum::response::Response;

use super::answer::{self, element};
use super::envelope::Envelope;
use super::fault::Fault;
use super::{login, version_of};
use crate::auth::private;
use crate::call::Call;
use crate::error::Failure;
use crate::tooling::NO_APEX;

/// Answers one call.
pub(super) async fn call(call: Call) -> Result<Response, Failure> {
    let (status, body) = match answer_to(&call).await {
        Ok(body) => (StatusCode::OK, body),
        Err(fault) => (StatusCode::INTERNAL_SERVER_ERROR, fault.to_xml()),
    };
    Ok(private(answer::response(status, body)))
}

async fn answer_to(call: &Call) -> Result<String, Fault> {
    version_of(call)?;
    let envelope = Envelope::parse(&call.body)?;
    login::session(call, &envelope).await?;
    let operation = &envelope.operation;
    if operation.name != "executeAnonymous" {
        return Err(Fault::no_operation(&operation.name));
    }
    let code = ["String", "apexcode"].map(|name| envelope.argument(name).unwrap_or_default());
    Ok(ran(code.iter().all(|code| code.trim().is_empty())))
}

/// What became of the code. Clients read a log out of the header, which has to be there.
fn ran(is_empty: bool) -> String {
    let place = if is_empty { "-1" } else { "1" };
    let problem = if is_empty { "" } else { NO_APEX };
    let mut result = String::new();
    for (name, value) in [
        ("column", place),
        ("compileProblem", problem),
        ("compiled", answer::flag(is_empty)),
        ("exceptionMessage", ""),
        ("exceptionStackTrace", ""),
        ("line", place),
        ("success", answer::flag(is_empty)),
    ] {
        element(&mut result, name, value);
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns=\"http://soap.sforce.com/2006/08/apex\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Header><DebuggingInfo>\
         <debugLog></debugLog></DebuggingInfo></soapenv:Header><soapenv:Body>\
         <executeAnonymousResponse><result>{result}</result></executeAnonymousResponse>\
         </soapenv:Body></soapenv:Envelope>"
    )
}
