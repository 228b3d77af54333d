//! Holds every layer against the default file: unknown keys, wrong kinds, values out of range.

use std::fmt::Display;
use std::net::SocketAddr;
use std::str::FromStr;

use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Num, Value};
use serde::{Deserialize, Deserializer};

use super::{DEFAULT, files};

/// One layer with the name that problems give it.
pub(super) struct Layer {
    pub(super) name: String,
    pub(super) figment: Figment,
}

/// Merges the layers onto the default and collects what is wrong with each.
pub(super) fn against_default(layers: &[Layer]) -> (Figment, Vec<String>) {
    let mut merged = Figment::from(Toml::string(DEFAULT));
    let default = tree(&merged).unwrap_or_default();
    let mut problems = Vec::new();
    for layer in layers {
        let mut own = match tree(&layer.figment) {
            Ok(own) => own,
            Err(error) => {
                problems.push(format!("{}: {error}", layer.name));
                continue;
            }
        };
        let mut found = Vec::new();
        fit(&default, &mut own, "", &mut found);
        problems.extend(found.into_iter().map(|p| format!("{}: {p}", layer.name)));
        merged = merged.merge(Serialized::defaults(own));
    }
    if let Ok(all) = tree(&merged) {
        problems.extend(inconsistencies(&all));
    }
    (merged, problems)
}

fn tree(figment: &Figment) -> Result<Dict, String> {
    figment.extract().map_err(|error| error.to_string())
}

/// Compares a layer's part with the default's, and turns scalars the environment guessed wrongly
/// (`HEADWATER_DEMO__PASSWORD=12345` reads as a number) into the texts they should be.
fn fit(default: &Dict, own: &mut Dict, under: &str, problems: &mut Vec<String>) {
    for (key, value) in own.iter_mut() {
        let name = if under.is_empty() {
            key.clone()
        } else {
            format!("{under}.{key}")
        };
        match (default.get(key), value) {
            (None, _) => problems.push(unknown(default, key, &name, under)),
            (Some(Value::Dict(_, default)), Value::Dict(_, own)) => {
                fit(default, own, &name, problems);
            }
            (Some(default), value) => {
                if let Some(problem) = fit_value(&name, default, value) {
                    problems.push(problem);
                }
            }
        }
    }
}

fn fit_value(name: &str, default: &Value, value: &mut Value) -> Option<String> {
    match (default, &*value) {
        (Value::String(tag, _), Value::Num(..) | Value::Bool(..) | Value::Char(..)) => {
            *value = Value::String(*tag, scalar(value));
        }
        (Value::String(..), Value::String(..))
        | (Value::Bool(..), Value::Bool(..))
        | (Value::Array(..), Value::Array(..)) => {}
        (Value::Num(..), Value::Num(_, number)) => {
            if number.to_u128_lossy().is_none() {
                return Some(format!("{name} must be a whole number, not negative"));
            }
        }
        (Value::Array(tag, _), Value::String(..)) => {
            *value = Value::Array(*tag, vec![value.clone()]);
        }
        (default, _) => return Some(format!("{name} must be {}", expected(default))),
    }
    leaf(name, value)
}

fn expected(default: &Value) -> &'static str {
    match default {
        Value::String(..) | Value::Char(..) => "a text",
        Value::Bool(..) => "true or false",
        Value::Num(..) => "a number",
        Value::Array(..) => "a list of texts",
        Value::Dict(..) | Value::Empty(..) => "a section",
    }
}

pub(super) fn scalar(value: &Value) -> String {
    match value {
        Value::Bool(_, on) => on.to_string(),
        Value::Char(_, c) => c.to_string(),
        Value::Num(_, number) => number
            .to_i128()
            .map(|n| n.to_string())
            .or_else(|| number.to_u128().map(|n| n.to_string()))
            .or_else(|| number.to_f64().map(|n| n.to_string()))
            .unwrap_or_default(),
        _ => String::new(),
    }
}

fn unknown(default: &Dict, key: &str, name: &str, under: &str) -> String {
    let what = if under.is_empty() { "section" } else { "key" };
    let known: Vec<_> = default.keys().map(String::as_str).collect();
    let bare = |name: &str| name.replace(['_', '-'], "").to_lowercase();
    let beginning = |name: &str| bare(name).chars().take(3).collect::<String>();
    let near = known
        .iter()
        .find(|known| bare(known) == bare(key))
        .or_else(|| {
            known
                .iter()
                .find(|known| beginning(known) == beginning(key))
        });
    match near {
        Some(near) => format!("there is no {what} {name}; did you mean {near}?"),
        None => format!("there is no {what} {name}; there are {}", known.join(", ")),
    }
}

/// The least and the most that a number may be.
const RANGES: &[(&str, u128, u128)] = &[
    ("server.worker_threads", 0, 1024),
    ("server.shutdown_grace_seconds", 0, 3600),
    ("limits.api_requests_daily_max", 1, u64::MAX as u128),
    ("limits.body_bytes_max", 1024, 1 << 40),
    ("limits.login_body_bytes_max", 1024, 1 << 30),
    ("limits.uri_bytes_max", 1024, 1 << 20),
    ("limits.header_bytes_max", 1024, 1 << 20),
    ("limits.handler_seconds_max", 1, 3600),
    (
        "web_chat.requests_per_minute_per_visitor_max",
        1,
        u32::MAX as u128,
    ),
    (
        "web_chat.requests_per_minute_per_address_max",
        1,
        u32::MAX as u128,
    ),
    (
        "web_chat.tokens_per_minute_per_address_max",
        1,
        u32::MAX as u128,
    ),
    ("web_chat.file_bytes_max", 1024, 25 << 20),
    ("web_chat.streams_max", 1, 1 << 20),
    ("files.scanner_seconds_max", 1, 3600),
    // As many as any file has, at the most.
    ("files.scanner_bytes_max", 1024, 39_321_600),
    // A day at least: chats and pages that are still logged in catch up.
    ("events.change_log_hours", 24, 24 * 366 * 10),
    ("events.subscribers_max", 1, 1 << 20),
    ("events.subscribers_per_user_max", 1, 1 << 20),
    (
        "interaction_api.requests_per_minute_per_user_max",
        1,
        u32::MAX as u128,
    ),
    (
        "logins.failures_per_minute_per_address_max",
        1,
        u32::MAX as u128,
    ),
    (
        "logins.failures_per_minute_per_name_max",
        1,
        u32::MAX as u128,
    ),
    (
        "logins.logins_per_minute_per_address_max",
        1,
        u32::MAX as u128,
    ),
    ("logins.failures_in_a_row_max", 1, 1_000_000),
    ("logins.lock_out_seconds", 0, 365 * 86_400),
    ("logins.access_token_idle_seconds_max", 60, 365 * 86_400),
    ("logins.access_token_seconds_max", 60, 365 * 86_400),
    ("logins.refresh_token_idle_days_max", 1, 36_500),
    ("passwords.characters_min", 1, 256),
    ("passwords.hash_memory_kib", 8, 4_194_304),
    ("passwords.hash_passes", 1, 100),
    ("store.read_connections", 1, 256),
    ("store.cache_bytes", 65_536, 1 << 40),
    ("store.mapped_bytes", 0, 1 << 46),
    ("store.query_seconds_max", 1, 86_400),
    ("store.query_rows_max", 2_000, 100_000_000),
    ("store.group_max", 1, 65_536),
];

/// What one value must be beyond its kind.
fn leaf(name: &str, value: &Value) -> Option<String> {
    // A file's numbers have a sign, the environment's have none.
    if let Some(number) = value.to_num().and_then(Num::to_u128_lossy) {
        let range = RANGES.iter().find(|(key, ..)| *key == name);
        let (_, least, most) = range?;
        let fits = (least..=most).contains(&&number);
        return (!fits).then(|| format!("{name} must be between {least} and {most}"));
    }
    let text = value.as_str().unwrap_or_default();
    match name {
        "server.listen" | "server.listen_tls" | "metrics.listen" if !text.is_empty() => {
            let address = text.parse::<SocketAddr>();
            address.err().map(|_| {
                format!(
                    "{name} must be an address and a port, such as 127.0.0.1:8080, not {text:?}"
                )
            })
        }
        "server.public_url" if !text.is_empty() => {
            public_url(text).map(|why| format!("{name} {why}"))
        }
        // Not repeated: it may hold a password.
        "database.url" if !is_address_of_postgres(text) => Some(format!(
            "{name} must look like postgres://user:password@host:5432/database"
        )),
        "files.endpoint" if !text.is_empty() && !text.contains('@') => {
            public_url(text).map(|why| format!("{name} {why}"))
        }
        "log.format" if !["auto", "human", "json"].contains(&text) => {
            Some(format!("{name} must be auto, human or json, not {text:?}"))
        }
        "log.filter" => tracing_subscriber::EnvFilter::try_new(text)
            .err()
            .map(|error| format!("{name} is not understood: {error}")),
        "data.directory" if text.is_empty() => Some(format!("{name} must not be empty")),
        name => files::problem(name, text),
    }
}

/// A URL, or `key=value` pairs as libpq takes them; or empty.
fn is_address_of_postgres(text: &str) -> bool {
    match text.split_once("://") {
        Some((scheme, _)) => matches!(scheme, "postgres" | "postgresql"),
        None => text.is_empty() || text.contains('='),
    }
}

fn public_url(text: &str) -> Option<&'static str> {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    match host {
        None => Some("must begin with http:// or https://"),
        Some(host) if host.is_empty() || host.contains(['/', '?', '#', ' ']) => {
            Some("must be a scheme and a host, without a path or a slash at its end")
        }
        Some(_) => None,
    }
}

/// What single values cannot show.
fn inconsistencies(all: &Dict) -> Vec<String> {
    let get = |section: &str, key: &str| match all.get(section) {
        Some(Value::Dict(_, section)) => section.get(key).cloned(),
        _ => None,
    };
    let text = |section, key| {
        get(section, key)
            .and_then(Value::into_string)
            .unwrap_or_default()
    };
    let self_signed = get("tls", "self_signed").and_then(|v| v.to_bool()) == Some(true);
    let (certificate, key) = (text("tls", "certificate"), text("tls", "key"));
    let mut problems = Vec::new();
    if certificate.is_empty() != key.is_empty() {
        problems.push("tls.certificate and tls.key must be given together".to_owned());
    }
    if self_signed && !certificate.is_empty() {
        problems.push("tls.self_signed and tls.certificate exclude each other".to_owned());
    }
    if let Some(Value::Dict(_, all)) = all.get("files") {
        problems.extend(files::inconsistencies(all));
    }
    let listen_tls = text("server", "listen_tls");
    if !listen_tls.is_empty() && !self_signed && certificate.is_empty() {
        problems.push(
            "server.listen_tls needs tls.certificate and tls.key, or tls.self_signed".to_owned(),
        );
    }
    if listen_tls.is_empty() && text("server", "listen").is_empty() {
        problems.push("server.listen and server.listen_tls are both empty".to_owned());
    }
    problems
}

/// Reads an empty text as "not set".
pub(super) fn optional<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(serde::de::Error::custom)
}
