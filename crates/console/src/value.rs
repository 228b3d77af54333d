//! A value as people read it, and as a form holds it.

use headwater_catalogue::{Field, Id, Kind, Value};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

/// What stands where there is no value.
pub(crate) const NONE: &str = "—";

/// A value of a field. `name` is that of the record it refers to, if it does and the reader sees it.
pub(crate) fn show(field: &Field, value: &Value, name: Option<&str>, zone: &TimeZone) -> Markup {
    match (value, &field.kind) {
        (Value::Null, _) => {
            html! { span .none { span .unseen { "none" } span aria-hidden="true" { (NONE) } } }
        }
        (Value::Id(id), _) => record(*id, name),
        (Value::DateTime(at), _) => moment(*at, zone),
        (Value::Text(text), kind) => text_of(text, kind),
        (
            Value::Boolean(_)
            | Value::Integer(_)
            | Value::Decimal(_)
            | Value::Date(_)
            | Value::Time(_),
            _,
        ) => html! { (plain(field, value, zone)) },
    }
}

fn text_of(text: &str, kind: &Kind) -> Markup {
    match kind {
        Kind::Email => html! { a href={ "mailto:" (text) } { (text) } },
        Kind::Phone => html! { a href={ "tel:" (dialled(text)) } { (text) } },
        Kind::Url { .. } => {
            let Some(link) = safe_link(text) else {
                return html! { (text) };
            };
            html! { a href=(link) rel="noopener noreferrer" target="_blank" { (text) } }
        }
        Kind::TextArea { .. } => html! { span .lines { (text) } },
        Kind::Picklist(list) | Kind::Combobox(list) => html! { (choice_label(list, text)) },
        Kind::MultiPicklist(list) => html! {
            @for (place, one) in text.split(';').enumerate() {
                @if place > 0 { ", " }
                (choice_label(list, one))
            }
        },
        _ => html! { (text) },
    }
}

fn choice_label<'l>(list: &'l headwater_catalogue::Picklist, value: &'l str) -> &'l str {
    let mut choices = list.choices.iter();
    choices
        .find(|choice| choice.value == value)
        .map_or(value, |choice| &*choice.label)
}

/// A link to a record.
pub(crate) fn record(id: Id, name: Option<&str>) -> Markup {
    html! { a href={ "/" (id) } { (name.unwrap_or(id.as_str())) } }
}

/// A link to a record, if there is one.
pub(crate) fn record_link(id: Option<Id>, name: &str) -> Markup {
    if let Some(id) = id {
        record(id, Some(name))
    } else {
        html! { (name) }
    }
}

/// An instant by the reader's clock, with how long ago it was where script can keep that true.
pub(crate) fn moment(at: Timestamp, zone: &TimeZone) -> Markup {
    html! { time datetime=(at) { (by_clock(at, zone)) } }
}

/// How long ago an instant was. Without script, its date and time.
pub(crate) fn ago(at: Timestamp, zone: &TimeZone) -> Markup {
    html! { relative-time datetime=(at) format="relative" tense="past" { (by_clock(at, zone)) } }
}

/// For how long something lasts already. Without script, since when.
pub(crate) fn lasting(since: Timestamp, zone: &TimeZone) -> Markup {
    html! {
        relative-time datetime=(since) format="duration" precision="minute" {
            "since " (by_clock(since, zone))
        }
    }
}

/// `28 Nov 2026, 14:05`.
pub(crate) fn by_clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%-d %b %Y, %H:%M")
        .to_string()
}

/// A value as plain text: what stands where no link can.
pub(crate) fn plain(field: &Field, value: &Value, zone: &TimeZone) -> String {
    match value {
        Value::Null => NONE.to_owned(),
        Value::Boolean(true) => "Yes".to_owned(),
        Value::Boolean(false) => "No".to_owned(),
        Value::Integer(n) => with_thousands(&n.to_string()),
        Value::Decimal(n) => {
            let text = with_thousands(&n.to_string());
            if matches!(field.kind, Kind::Percent(_)) {
                format!("{text}%")
            } else {
                text
            }
        }
        Value::Text(text) => match field.kind.as_picklist() {
            Some(list) => choice_label(list, text).to_owned(),
            None => text.clone(),
        },
        Value::Id(id) => id.to_string(),
        Value::Date(date) => date.strftime("%-d %b %Y").to_string(),
        Value::DateTime(at) => by_clock(*at, zone),
        Value::Time(time) => time.strftime("%H:%M").to_string(),
    }
}

/// A value as a form's control holds it; empty for none.
pub(crate) fn in_form(value: &Value, zone: &TimeZone) -> String {
    match value {
        Value::Null | Value::Boolean(false) => String::new(),
        Value::Boolean(true) => "true".to_owned(),
        Value::Integer(n) => n.to_string(),
        Value::Decimal(n) => n.to_string(),
        // What a browser sends back for a text of several lines.
        Value::Text(text) => text.replace("\r\n", "\n"),
        Value::Id(id) => id.to_string(),
        Value::Date(date) => date.to_string(),
        Value::DateTime(at) => {
            let local = at.to_zoned(zone.clone());
            local.strftime("%Y-%m-%dT%H:%M:%S").to_string()
        }
        Value::Time(time) => time.strftime("%H:%M:%S").to_string(),
    }
}

/// The digits of a number in groups of three.
fn with_thousands(number: &str) -> String {
    let (sign, number) = match number.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", number),
    };
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (number, None),
    };
    let whole = whole
        .parse()
        .map_or_else(|_| whole.to_owned(), crate::text::grouped);
    match fraction {
        Some(fraction) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{whole}"),
    }
}

/// What a phone dials: digits, and the plus before them.
fn dialled(text: &str) -> String {
    let kept = |character: &char| character.is_ascii_digit() || *character == '+';
    text.chars().filter(kept).collect()
}

/// A web address that may be a link: nothing that a browser would run.
fn safe_link(text: &str) -> Option<String> {
    let text = text.trim();
    let known = ["http://", "https://"];
    if known.iter().any(|scheme| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    }) {
        return Some(text.to_owned());
    }
    let is_host = text.contains('.') && !text.contains([':', ' ', '/', '\\']);
    is_host.then(|| format!("https://{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        assert_eq!(
            safe_link("https://a.example/x").as_deref(),
            Some("https://a.example/x")
        );
        assert_eq!(
            safe_link("www.a.example").as_deref(),
            Some("https://www.a.example")
        );
        for text in [
            "javascript:alert(1)",
            " JAVASCRIPT:x.y",
            "data:text/html,x",
            "//a.example",
        ] {
            assert_eq!(safe_link(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_in_groups() {
        assert_eq!(with_thousands("1234567.50"), "1,234,567.50");
        assert_eq!(with_thousands("-1234"), "-1,234");
        assert_eq!(with_thousands("7"), "7");
    }
}
