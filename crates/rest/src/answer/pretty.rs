//! JSON with line breaks, for `X-PrettyPrint`.

/// The same JSON, indented by two. Works on the text, so that numbers keep every digit.
pub(crate) fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut characters = json.chars().peekable();
    let break_line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                out.push('"');
                copy_string(&mut characters, &mut out);
            }
            '{' | '[' => {
                out.push(character);
                if let Some(end) = characters.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    break_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut out, depth);
                out.push(character);
            }
            ',' => {
                out.push(',');
                break_line(&mut out, depth);
            }
            ':' => out.push_str(" : "),
            other => out.push(other),
        }
    }
    out
}

/// The rest of a string, to its closing quote.
fn copy_string(characters: &mut impl Iterator<Item = char>, out: &mut String) {
    while let Some(character) = characters.next() {
        out.push(character);
        match character {
            '"' => return,
            '\\' => out.extend(characters.next()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_and_lists_are_indented_and_empty_ones_stay() {
        let text = pretty(r#"{"a":[1,{"b":"x,{\"}"}],"c":[],"d":{}}"#);
        let expected = "{\n  \"a\" : [\n    1,\n    {\n      \"b\" : \"x,{\\\"}\"\n    }\n  ],\n  \
                        \"c\" : [],\n  \"d\" : {}\n}";
        assert_eq!(text, expected);
    }
}
