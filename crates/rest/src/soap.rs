//! SOAP's partner door: logging in, and the verbs of records and queries as older clients call them.
//!
//! Up to two hundred records come in one call, and each is treated by itself: what became of it stands
//! in its result. What is wrong with the call as a whole is a fault.

mod answer;
mod apex;
mod envelope;
mod fault;
mod login;
mod read;
mod record;
mod save;
mod schema;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;

use axum::http::{Method, StatusCode};
use axum::response::Response;
use headwater_records::Caller;

use self::answer::wrapped;
use self::envelope::Envelope;
use self::fault::Fault;
use crate::auth::private;
use crate::call::{Call, Version};
use crate::error::Failure;
use crate::route::Route;

/// The routes of this area. The session is in the envelope, so none of them takes a caller.
pub(crate) fn routes() -> Vec<Route> {
    let paths = [
        "/services/Soap/u/{version}",
        "/services/Soap/u/{version}/{*rest}",
    ];
    let of_apex = [
        "/services/Soap/s/{version}",
        "/services/Soap/s/{version}/{*rest}",
    ];
    let bounded = |route: Route| route.with_body_bytes(envelope::ENVELOPE_BYTES_MAX);
    let partner = paths.map(|path| bounded(Route::nobody(Method::POST, path, call)));
    let apex = of_apex.map(|path| bounded(Route::nobody(Method::POST, path, apex::call)));
    partner.into_iter().chain(apex).collect()
}

/// Answers one SOAP call.
async fn call(call: Call) -> Result<Response, Failure> {
    let (status, body) = match answer_to(&call).await {
        Ok(body) => (StatusCode::OK, body),
        Err(fault) => (StatusCode::INTERNAL_SERVER_ERROR, fault.to_xml()),
    };
    Ok(private(answer::response(status, body)))
}

/// A call by somebody who is logged in.
struct Asked<'c> {
    call: &'c Call,
    caller: Caller,
    version: Version,
    envelope: &'c Envelope,
}

async fn answer_to(call: &Call) -> Result<String, Fault> {
    let version = version_of(call)?;
    let envelope = Envelope::parse(&call.body)?;
    let operation = envelope.operation.name.as_str();
    match operation {
        "login" => return login::log_in(call, version, &envelope).await,
        "logout" => return login::log_out(call, &envelope).await,
        "getUserInfo" => {
            let session = login::session(call, &envelope).await?;
            let person = call.state.org.person(session.user).await?;
            let info = login::user_info(call, session.user, &person);
            let result = format!("<result>{info}</result>");
            return Ok(wrapped("getUserInfoResponse", &result));
        }
        "getServerTimestamp" => {
            login::session(call, &envelope).await?;
            return Ok(login::server_timestamp(call.state.org.now()));
        }
        _ => {}
    }
    let token = envelope.header("sessionId").unwrap_or_default();
    let asked = Asked {
        call,
        caller: call.state.org.caller_of_token(token).await?,
        version,
        envelope: &envelope,
    };
    let settings = &call.state.settings;
    if call.state.usage.count(call.state.org.now()) > settings.api_requests_daily_max {
        return Err(Failure::request_limit_exceeded().into());
    }
    let results = asked.results(operation).await?;
    Ok(wrapped(&format!("{operation}Response"), &results))
}

impl Asked<'_> {
    /// The results of an operation.
    async fn results(&self, operation: &str) -> Result<String, Fault> {
        match operation {
            "create" => save::create(self).await,
            "update" => save::update(self).await,
            "upsert" => save::upsert(self).await,
            "delete" => save::delete(self).await,
            "undelete" => save::undelete(self).await,
            "emptyRecycleBin" => save::empty_recycle_bin(self).await,
            "merge" => save::merge(self).await,
            "convertLead" => save::convert_leads(self).await,
            "query" => read::query(self, false).await,
            "queryAll" => read::query(self, true).await,
            "queryMore" => read::query_more(self).await,
            "search" => read::search(self).await,
            "retrieve" => read::retrieve(self).await,
            "getUpdated" => read::updated(self).await,
            "getDeleted" => read::deleted(self).await,
            "describeGlobal" => Ok(schema::describe_global(self)),
            "describeSObject" => schema::describe_object(self),
            "describeSObjects" => schema::describe_objects(self),
            "describeTabs" => Ok(schema::describe_tabs(self)),
            "setPassword" => save::set_password(self).await,
            "resetPassword" => save::reset_password(self).await,
            other => Err(Fault::no_operation(other)),
        }
    }

    /// The text of an argument, without the space around it.
    fn argument(&self, name: &str) -> &str {
        self.envelope.argument(name).unwrap_or_default().trim()
    }
}

fn version_of(call: &Call) -> Result<Version, Fault> {
    let text = call.parameter("version");
    format!("v{text}")
        .parse()
        .map_err(|()| Fault::unsupported_version(text))
}
