//! Bytes: as they are, or as base64 in a text.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use headwater_catalogue::{Field, Value};

use super::wrong_type;
use crate::content::CONTENT_BYTES_MAX;
use crate::draft::Input;
use crate::error::Problem;

/// Most characters that a refusal repeats of what is not base64.
const SHOWN_CHARACTERS_MAX: usize = 40;

/// Some clients leave the padding away, and some bits of the last character are nobody's.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes that an input means for a field. No bytes are no file.
pub(crate) fn bytes(field: &Field, input: &Input) -> Result<Option<Arc<[u8]>>, Problem> {
    let bytes: Arc<[u8]> = match input {
        Input::Null => return Ok(None),
        Input::Bytes(bytes) => Arc::clone(bytes),
        Input::Text(text) | Input::Value(Value::Text(text)) => decoded(field, text)?.into(),
        Input::Boolean(_) | Input::Number(_) | Input::Value(_) | Input::Parent { .. } => {
            return Err(wrong_type(field, "what is no text"));
        }
    };
    if bytes.len() > CONTENT_BYTES_MAX {
        return Err(Problem::TooLarge {
            field: field.name.clone(),
            label: field.label.clone(),
            max: CONTENT_BYTES_MAX,
        });
    }
    Ok((!bytes.is_empty()).then_some(bytes))
}

fn decoded(field: &Field, text: &str) -> Result<Vec<u8>, Problem> {
    let is_broken = text.bytes().any(|byte| byte.is_ascii_whitespace());
    let text = if is_broken {
        let characters = text
            .chars()
            .filter(|character| !character.is_ascii_whitespace());
        Cow::Owned(characters.collect::<String>())
    } else {
        Cow::Borrowed(text)
    };
    LENIENT.decode(&*text).map_err(|_| {
        let shown: String = text.chars().take(SHOWN_CHARACTERS_MAX).collect();
        wrong_type(field, &shown)
    })
}
