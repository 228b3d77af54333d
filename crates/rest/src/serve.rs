//! The way of one request, the same for all: find the route, let the caller in, read the body, run
//! the handler, and put on the answer what every answer carries.

mod cors;
mod intake;
mod packing;
mod panic;
mod report;
mod time_limit;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use tracing::Instrument as _;

use crate::answer::{JSON, XML, is_file, pretty, xml_of};
use crate::auth;
use crate::bulk;
use crate::call::{Call, Version, address, format_wanted, query_value};
use crate::error::Failure;
use crate::route::{Format, Found, Handler, Parameters, Route, RouteTable};
use crate::state::RestState;

use intake::Intake;

pub(crate) use panic::caught;
pub(crate) use report::Meters;
pub(crate) use report::failure as report_failure;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LIMIT_INFO: HeaderName = HeaderName::from_static("sforce-limit-info");
const PRETTY_PRINT: HeaderName = HeaderName::from_static("x-prettyprint");

/// Answers one request.
pub(crate) async fn serve(
    table: &Arc<RouteTable>,
    state: &Arc<RestState>,
    request: Request,
) -> Response {
    let started = Instant::now();
    let (mut parts, body) = request.into_parts();
    if let Some(preflight) = cors::preflight(&state.settings, &parts) {
        return preflight;
    }
    parts.method = effective_method(&parts);
    let routed = find(table, &parts.method, parts.uri.path());
    let route = routed.as_ref().ok().map(|routed| routed.route);
    let pattern = route.map_or("none", |route| route.pattern);
    let version = routed.as_ref().ok().map(|routed| routed.version);
    let intake = Intake::new(state, &parts, version);
    let span = report::span(pattern, &intake.request_id);
    let answered = answer(table, state, &intake, &mut parts, body, routed)
        .instrument(span.clone())
        .await;
    let response = finish(state, &intake, &parts, answered).await;
    report::done(&span, &parts.method, route, response.status(), started);
    response
}

/// The method, or the one a client that cannot send it names in the URL.
fn effective_method(parts: &Parts) -> Method {
    if parts.method == Method::POST
        && let Some(name) = query_value(&parts.uri, "_HttpMethod")
        && let Ok(method) = Method::from_bytes(name.to_ascii_uppercase().as_bytes())
    {
        return method;
    }
    parts.method.clone()
}

/// A route with what its pattern took from the path.
pub(crate) struct Routed<'t> {
    pub(crate) route: &'t Route,
    pub(crate) parameters: Parameters,
    pub(crate) version: Version,
}

/// What answers a method and a path.
pub(crate) fn find<'t>(
    table: &'t RouteTable,
    method: &Method,
    path: &str,
) -> Result<Routed<'t>, Failure> {
    match table.find(method, path) {
        Found::Route { route, parameters } => {
            let version = if route.pattern.starts_with(DATA) {
                parameters.get("version").parse()
            } else {
                Ok(Version::NEWEST)
            };
            let version = version.map_err(|()| Failure::not_found())?;
            Ok(Routed {
                route,
                parameters,
                version,
            })
        }
        Found::OtherMethods(methods) => Err(Failure::method_not_allowed(method, methods)),
        Found::Nothing => Err(Failure::not_found()),
    }
}

/// How long a body may take to come that is taken in as it comes.
const UPLOAD_TIME_MAX: Duration = Duration::from_hours(1);

/// Where Salesforce's own resources are.
const DATA: &str = "/services/data/{version}";

async fn answer(
    table: &Arc<RouteTable>,
    state: &Arc<RestState>,
    intake: &Intake,
    parts: &mut Parts,
    body: Body,
    routed: Result<Routed<'_>, Failure>,
) -> Result<Response, Failure> {
    intake.check(state, parts)?;
    let routed = routed?;
    let caller = match &routed.route.handler {
        Handler::Nobody(_) => None,
        Handler::Caller(_) | Handler::Upload(_) => {
            Some(auth::authorized(state, &parts.headers, &parts.uri).await?)
        }
    };
    let is_upload = matches!(routed.route.handler, Handler::Upload(_));
    let (read, streamed) = if is_upload {
        (Body::empty(), intake::unpacked(body, parts).await?)
    } else {
        (body, Body::empty())
    };
    let body_bytes_max = match caller {
        Some(_) => state.settings.body_bytes_max,
        None => state.settings.login_body_bytes_max,
    };
    let body_bytes_max = match routed.route.body_bytes_max {
        Some(max) => max.min(state.settings.body_bytes_max),
        None => body_bytes_max,
    };
    let call = Call {
        address: address(&state.settings, &parts.headers, parts.extensions.get()),
        scheme: parts.extensions.get().copied(),
        state: Arc::clone(state),
        table: Arc::clone(table),
        request_id: intake.request_id.as_str().into(),
        method: parts.method.clone(),
        body: intake::read(read, parts, body_bytes_max).await?,
        uri: std::mem::take(&mut parts.uri),
        headers: std::mem::take(&mut parts.headers),
        parameters: routed.parameters,
        version: routed.version,
    };
    let answering = match (&routed.route.handler, caller) {
        (Handler::Nobody(handler), _) => handler(call),
        (Handler::Caller(handler), Some(caller)) => handler(call, caller),
        (Handler::Upload(handler), Some(caller)) => handler(call, caller, streamed),
        (Handler::Caller(_) | Handler::Upload(_), None) => {
            return Err(Failure::invalid_session());
        }
    };
    let answering = caught(answering);
    let time_max = if is_upload {
        UPLOAD_TIME_MAX
    } else {
        state.settings.handler_time_max
    };
    time_limit::within(time_max, answering).await
}

/// Puts on the answer what every answer carries, in the form the client asked for.
async fn finish(
    state: &RestState,
    intake: &Intake,
    parts: &Parts,
    answered: Result<Response, Failure>,
) -> Response {
    let mut response = match answered {
        Ok(response) => formed(response, intake).await,
        Err(failure) => refusal(failure, intake),
    };
    if let Some(accepted) = &intake.encodings {
        response = packing::packed(response, accepted).await;
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&intake.request_id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(used) = intake.calls_today {
        let max = state.settings.api_requests_daily_max;
        if let Ok(usage) = HeaderValue::try_from(format!("api-usage={used}/{max}")) {
            headers.insert(LIMIT_INFO, usage);
        }
    }
    if let Some(origin) = &intake.origin {
        cors::expose(headers, origin);
    }
    if parts.method == Method::HEAD {
        return without_body(response);
    }
    response
}

/// The head of an answer, which says how long its body would be.
fn without_body(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    if let Some(bytes) = body.size_hint().exact() {
        parts.headers.insert(header::CONTENT_LENGTH, bytes.into());
    }
    Response::from_parts(parts, Body::empty())
}

/// A JSON answer in the form asked for: as it is, indented, or as XML.
async fn formed(response: Response, intake: &Intake) -> Response {
    let is_json = response.headers().get(header::CONTENT_TYPE) == Some(&JSON);
    if !is_json || is_file(&response) || (intake.format == Format::Json && !intake.pretty) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(_) => Bytes::new(),
    };
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let text = if intake.format == Format::Xml {
        xml_of(text).inspect(|_| {
            parts.headers.insert(header::CONTENT_TYPE, XML);
        })
    } else {
        Some(pretty(text))
    };
    let body = text.map_or_else(|| Body::from(bytes.clone()), Body::from);
    Response::from_parts(parts, body)
}

fn refusal(failure: Failure, intake: &Intake) -> Response {
    report::failure(&failure, &intake.request_id);
    if let Some(form) = intake.classic {
        return bulk::classic_refusal(&failure, form);
    }
    let body = failure.body(intake.format, intake.version, &intake.request_id);
    let edit_at = failure.edit_at(intake.version);
    let is_empty = body.is_empty();
    let body = match intake.format {
        Format::Json if intake.pretty => pretty(&body),
        Format::Json | Format::Xml => body,
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = failure.status;
    let headers = response.headers_mut();
    if !is_empty {
        let is_xml = intake.format == Format::Xml && failure.several.is_none();
        headers.insert(header::CONTENT_TYPE, if is_xml { XML } else { JSON });
    }
    headers.extend(edit_at);
    headers.extend(failure.headers);
    response
}
