//! A text of 15 or 18 characters that is taken for an id is one id, whichever way it is written.

use headwater_catalogue::Id;

/// Reads a text as an id, and what that prints.
pub fn check(input: &[u8]) {
    if let Some(counter) = input.first_chunk::<8>() {
        made(u64::from_le_bytes(*counter));
    }
    let Some(text) = crate::text(input) else {
        return;
    };
    let Ok(id) = text.parse::<Id>() else {
        return;
    };
    let same = |text: &str| assert_eq!(text.parse(), Ok(id), "{text}");
    assert_eq!(id.as_str().len(), 18);
    assert_eq!(id.short().len(), 15);
    assert_eq!(id.as_str()[..15], *id.short());
    same(id.as_str());
    same(id.short());
    // Of eighteen characters no case matters; of fifteen every case does.
    same(&id.as_str().to_ascii_lowercase());
    same(&id.as_str().to_ascii_uppercase());
    assert!(id.as_str().eq_ignore_ascii_case(text) || id.short() == text);
    assert_eq!(id.prefix().as_str(), &id.as_str()[..3]);
    for (place, character) in id
        .short()
        .char_indices()
        .filter(|(_, c)| c.is_ascii_alphabetic())
    {
        let mut other = id.short().to_owned();
        let turned = if character.is_ascii_uppercase() {
            character.to_ascii_lowercase()
        } else {
            character.to_ascii_uppercase()
        };
        other.replace_range(place..=place, turned.encode_utf8(&mut [0; 4]));
        assert_ne!(other.parse(), Ok(id), "{other}");
    }
}

/// An id that is made of a number gives it back.
fn made(counter: u64) {
    let counter = counter % 62_u64.pow(9);
    let id = Id::new(headwater_catalogue::KeyPrefix::new("0Mw"), counter);
    assert_eq!(id.counter(), counter);
    assert_eq!(id.as_str().parse(), Ok(id));
}
