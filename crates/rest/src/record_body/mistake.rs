//! What is wrong with JSON text, in the words of the parser Salesforce uses.

use serde_json::error::Category;

use crate::error::Failure;

/// A parser's complaint as Salesforce words it.
pub(crate) fn json_failure(text: &str, error: &serde_json::Error) -> Failure {
    let (line, column) = (error.line(), error.column());
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or(&reason);
    let message = match error.classify() {
        Category::Eof => "Unexpected end-of-input".to_owned(),
        Category::Syntax => match character_at(text, line, column) {
            Some(character) => {
                let code = u32::from(character);
                format!("Unexpected character ('{character}' (code {code})): {reason}")
            }
            None => reason.to_owned(),
        },
        Category::Data | Category::Io => reason.to_owned(),
    };
    Failure::json(&message, line, column)
}

/// Line and column of a place in bytes, both from 1.
pub(crate) fn line_and_column(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = bytes.get(..offset).unwrap_or(bytes);
    let line = before.split(|byte| *byte == b'\n').count();
    let line_start = before.iter().rposition(|byte| *byte == b'\n');
    let column = before.len() - line_start.map_or(0, |newline| newline + 1) + 1;
    (line, column)
}

fn character_at(text: &str, line: usize, column: usize) -> Option<char> {
    let line = text.lines().nth(line.checked_sub(1)?)?;
    line.get(column.checked_sub(1)?..)?.chars().next()
}
