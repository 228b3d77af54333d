//! The configuration as `doctor` prints it: in the default file's order, secrets masked.

use figment::Figment;
use figment::value::Value;

use super::DEFAULT;

/// Keys whose value nobody is shown, only whether there is one.
const SECRETS: [&str; 4] = [
    "database.url",
    "files.access_key_id",
    "files.secret_access_key",
    "demo.password",
];

/// Every key with its value.
pub(super) fn lines(figment: &Figment) -> Vec<(String, String)> {
    let mut section = "";
    let mut lines = Vec::new();
    for line in DEFAULT.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if let Some((key, _)) = line.split_once(" = ")
            && !line.starts_with('#')
        {
            let key = format!("{section}.{key}");
            let value = figment.find_value(&key).ok();
            let mut text = value.as_ref().map(text).unwrap_or_default();
            if SECRETS.contains(&&*key) && !text.is_empty() {
                "********".clone_into(&mut text);
            }
            lines.push((key, text));
        }
    }
    lines
}

fn text(value: &Value) -> String {
    match value {
        Value::String(_, text) => text.clone(),
        Value::Array(_, values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        scalar => super::check::scalar(scalar),
    }
}
