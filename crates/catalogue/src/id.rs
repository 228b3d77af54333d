//! Record ids: 15 base-62 characters, and the 18-character form that survives a lost case.
//!
//! The shape and the suffix are Salesforce's: three characters of key prefix, two of instance, one
//! reserved, nine of counter; then one suffix character for each block of five, telling which of
//! the block are capitals.

use std::fmt;
use std::str::FromStr;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SUFFIX: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// The three characters that tell an object's records. Case-sensitive: `0PA` is a Messaging User,
/// `0Pa` a permission set assignment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyPrefix([u8; 3]);

impl KeyPrefix {
    /// Makes a prefix from three base-62 characters.
    ///
    /// # Panics
    /// At compile time when used for a constant, if the text is not three base-62 characters.
    pub const fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        assert!(bytes.len() == 3, "a key prefix has three characters");
        assert!(
            bytes[0].is_ascii_alphanumeric()
                && bytes[1].is_ascii_alphanumeric()
                && bytes[2].is_ascii_alphanumeric(),
            "a key prefix is base 62"
        );
        Self([bytes[0], bytes[1], bytes[2]])
    }

    /// The `n`th prefix for custom objects: `a00`, `a01`, … in base 62.
    pub fn custom(n: u16) -> Self {
        let n = usize::from(n);
        Self([b'a', ALPHABET[n / 62 % 62], ALPHABET[n % 62]])
    }

    /// The prefix as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for KeyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for KeyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPrefix({self})")
    }
}

/// A record id in its 18-character form.
///
/// Two ids are equal when their first 15 characters are; the suffix follows from those, so whole
/// values compare. Made only by [`Id::new`] and by parsing, so an `Id` is always well formed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id([u8; 18]);

/// Why a text is not a record id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a record id has 15 or 18 letters and digits")]
pub struct IdError;

impl Id {
    /// The id of the `counter`th record: prefix, the pod `HW`, a reserved `0`, the counter.
    ///
    /// Counters of 62⁹ and more wrap; at a million ids a second that is 400 years away.
    pub fn new(prefix: KeyPrefix, counter: u64) -> Self {
        let mut fifteen = [b'0'; 15];
        fifteen[..3].copy_from_slice(&prefix.0);
        fifteen[3..5].copy_from_slice(b"HW");
        let mut rest = counter;
        for place in (6..15).rev() {
            fifteen[place] = ALPHABET[usize::try_from(rest % 62).unwrap_or_default()];
            rest /= 62;
        }
        Self::with_suffix(fifteen)
    }

    /// The key prefix: which object's record this is.
    pub fn prefix(&self) -> KeyPrefix {
        KeyPrefix([self.0[0], self.0[1], self.0[2]])
    }

    /// The counter it was made of by [`Id::new`].
    pub fn counter(&self) -> u64 {
        let digit = |character: &u8| ALPHABET.iter().position(|known| known == character);
        self.0[6..15].iter().fold(0, |counter, character| {
            counter * 62 + u64::try_from(digit(character).unwrap_or_default()).unwrap_or_default()
        })
    }

    /// All 18 characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The first 15 characters, as some of Salesforce's messages and the token prefix use them.
    pub fn short(&self) -> &str {
        &self.as_str()[..15]
    }

    fn with_suffix(fifteen: [u8; 15]) -> Self {
        let mut all = [0; 18];
        all[..15].copy_from_slice(&fifteen);
        for (block, suffix) in fifteen.chunks(5).zip(&mut all[15..]) {
            let capitals = block
                .iter()
                .enumerate()
                .filter(|(_, c)| c.is_ascii_uppercase())
                .fold(0, |bits, (i, _)| bits | 1 << i);
            *suffix = SUFFIX[capitals];
        }
        Self(all)
    }

    /// Restores the capitals of the first 15 characters from the suffix, which is the reason the
    /// suffix exists: spreadsheets and mail programs lose case.
    fn repaired(mut fifteen: [u8; 15], suffix: &[u8]) -> Option<Self> {
        for (block, c) in fifteen.chunks_mut(5).zip(suffix) {
            let capitals = SUFFIX.iter().position(|s| *s == c.to_ascii_uppercase())?;
            for (i, character) in block.iter_mut().enumerate() {
                let capital = capitals >> i & 1 == 1;
                if capital && !character.is_ascii_alphabetic() {
                    return None;
                }
                *character = if capital {
                    character.to_ascii_uppercase()
                } else {
                    character.to_ascii_lowercase()
                };
            }
        }
        Some(Self::with_suffix(fifteen))
    }
}

impl FromStr for Id {
    type Err = IdError;

    /// Accepts 15 characters (case kept) or 18 (case repaired from the suffix).
    fn from_str(text: &str) -> Result<Self, IdError> {
        let bytes = text.as_bytes();
        if !bytes.iter().all(u8::is_ascii_alphanumeric) {
            return Err(IdError);
        }
        let fifteen: [u8; 15] = bytes.get(..15).and_then(|b| b.try_into().ok()).ok_or(IdError)?;
        match bytes.len() {
            15 => Ok(Self::with_suffix(fifteen)),
            18 => Self::repaired(fifteen, &bytes[15..]).ok_or(IdError),
            _ => Err(IdError),
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_and_eighteen_characters_are_the_same_id() {
        let long: Id = "0015000000Gv7qJAAR".parse().unwrap();
        let short: Id = "0015000000Gv7qJ".parse().unwrap();
        assert_eq!(long, short);
        assert_eq!(short.as_str(), "0015000000Gv7qJAAR");
    }

    #[test]
    fn a_lost_case_is_repaired_from_the_suffix() {
        let id: Id = "0015000000gv7qjaar".parse().unwrap();
        assert_eq!(id.as_str(), "0015000000Gv7qJAAR");
    }

    #[test]
    fn other_lengths_and_characters_are_refused() {
        for text in
            ["", "001", "0015000000Gv7qJA", "0015000000Gv7q!", "0015000000Gv7qJAA%", "ééééééééé"]
        {
            assert_eq!(text.parse::<Id>(), Err(IdError), "{text}");
        }
    }

    #[test]
    fn prefixes_that_differ_in_case_are_different() {
        let user = Id::new(KeyPrefix::new("0PA"), 7);
        let assignment = Id::new(KeyPrefix::new("0Pa"), 7);
        assert_ne!(user, assignment);
        assert_ne!(user.prefix(), assignment.prefix());
    }

    proptest::proptest! {
        #[test]
        fn every_made_id_survives_losing_its_case(n in 0u64..u64::MAX) {
            let id = Id::new(KeyPrefix::new("0Mw"), n);
            proptest::prop_assert_eq!(id.as_str().to_lowercase().parse::<Id>(), Ok(id));
            proptest::prop_assert_eq!(id.short().parse::<Id>(), Ok(id));
        }
    }
}
