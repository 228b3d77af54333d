//! Text to words: what is kept of a record, and what is looked for.
//!
//! A word is what Unicode calls one, cut again at all punctuation, so that `example` is found in
//! `ann@example.com`. Case and accents do not count: `MÜLLER`, `Müller` and `muller` are the same
//! word. A phone number is, beside its words, all the ways to end it from four digits on, so that it
//! is found by its digits and by its last ones, however it is written. A number is also what is left
//! of it without the zeros at its beginning.
//!
//! What this gives lies in every index. A change here needs [`VERSION`] to grow, and then each
//! database makes its indexes anew when it is opened.

use headwater_catalogue::SearchClass;
use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

/// Which words this makes of a text.
pub const VERSION: u32 = 1;
/// The most characters of a word; what is longer is cut.
pub const WORD_CHARACTERS_MAX: usize = 64;
/// The fewest digits that a phone number is found by when they are not all.
pub const DIGITS_MIN: usize = 4;
/// The most digits of a phone number.
pub const DIGITS_MAX: usize = 24;
/// The most words of one record that are kept, in the order of the classes.
pub const RECORD_WORDS_MAX: usize = 8_000;

/// The words of a text, in order.
pub fn words(text: &str) -> Vec<String> {
    if text.is_ascii() {
        let runs = text.split(|c: char| !c.is_ascii_alphanumeric());
        let runs = runs.filter(|run| !run.is_empty());
        return runs.map(|run| cut(run.to_ascii_lowercase())).collect();
    }
    let folded = folded(text);
    let pieces = folded
        .unicode_words()
        .flat_map(|word| word.split(is_between));
    let pieces = pieces.filter(|piece| !piece.is_empty());
    pieces.map(|piece| cut(piece.to_owned())).collect()
}

/// The words that a field's text is found by: runs of words, each as they follow one another.
pub fn runs(class: SearchClass, text: &str) -> Vec<Vec<String>> {
    let mut runs = vec![words(text)];
    runs.extend(
        runs[0]
            .iter()
            .filter_map(|word| short_number(word))
            .map(|n| vec![n])
            .collect::<Vec<_>>(),
    );
    if class == SearchClass::Phone {
        let digits = digits(text);
        let ends = 0..(digits.len() + 1).saturating_sub(DIGITS_MIN);
        runs.push(ends.map(|start| digits[start..].to_owned()).collect());
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// A number without the zeros it begins with, which people leave out: `00001026` is 1026.
fn short_number(word: &str) -> Option<String> {
    let short = word.trim_start_matches('0');
    let is_number = word.bytes().all(|b| b.is_ascii_digit());
    (is_number && short.len() < word.len() && !short.is_empty()).then(|| short.to_owned())
}

/// The digits of a text, as far as they may be a phone number.
pub fn digits(text: &str) -> String {
    let digits = text.chars().filter(char::is_ascii_digit);
    digits.take(DIGITS_MAX).collect()
}

/// Whether a text may be a phone number: digits with what stands between them, enough of them.
pub fn is_phone_number(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_digit() || " ()-+./\u{a0}".contains(c);
    text.chars().all(fits) && digits(text).len() >= DIGITS_MIN
}

/// A text without case and accents.
pub(super) fn folded(text: &str) -> String {
    // By way of capitals, so that ß is ss and both small sigmas are one.
    let decomposed = text.nfkd().filter(|c| !is_accent(*c));
    let capitals = decomposed.flat_map(char::to_uppercase);
    capitals
        .flat_map(char::to_lowercase)
        .filter(|c| !is_accent(*c))
        .collect()
}

/// Marks over and under letters that people leave out. Those of other scripts that make another
/// letter stay.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{64b}'..='\u{65f}')
}

/// What Unicode leaves within words and we do not.
pub(super) fn is_between(c: char) -> bool {
    c.is_ascii() && !c.is_ascii_alphanumeric()
        || matches!(
            c,
            '\u{b7}' | '\u{2018}' | '\u{2019}' | '\u{2024}' | '\u{2027}' | '\u{ff07}'
        )
}

pub(super) fn cut(mut word: String) -> String {
    if let Some((end, _)) = word.char_indices().nth(WORD_CHARACTERS_MAX) {
        word.truncate(end);
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> String {
        words(text).join(" ")
    }

    #[test]
    fn case_accents_and_punctuation_do_not_count() {
        assert_eq!(joined("Ann.Lee@Example.com"), "ann lee example com");
        assert_eq!(joined("MÜLLER & Söhne"), "muller sohne");
        assert_eq!(joined("Straße ΣΊΣΥΦΟΣ ςσ"), "strasse σισυφοσ σσ");
        assert_eq!(joined("O’Brien O'Brien a_b"), "o brien o brien a b");
        assert_eq!(joined("ＡＢＣ ﬁn"), "abc fin");
    }

    #[test]
    fn scripts_without_spaces_are_cut_into_their_characters() {
        assert_eq!(joined("東京 タワー"), "東 京 タワー");
    }

    #[test]
    fn a_plain_text_has_the_same_words_on_either_way() {
        let plain = "It's 3.14, a_b: x-y (z) ann@example.com";
        let marked = format!("{plain} é");
        let mut with = words(&marked);
        assert_eq!(with.pop().as_deref(), Some("e"));
        assert_eq!(with, words(plain));
    }

    #[test]
    fn a_phone_number_is_found_by_its_last_digits() {
        let runs = runs(SearchClass::Phone, "+1 (415) 555-12");
        assert_eq!(runs[0], ["1", "415", "555", "12"]);
        assert_eq!(
            runs[1],
            [
                "141555512",
                "41555512",
                "1555512",
                "555512",
                "55512",
                "5512"
            ]
        );
        assert!(runs[1..].len() == 1);
    }

    #[test]
    fn a_number_is_found_without_its_zeros() {
        assert_eq!(
            runs(SearchClass::Name, "MS-00001026"),
            [vec!["ms", "00001026"], vec!["1026"]]
        );
        assert_eq!(runs(SearchClass::Name, "0 00 0a"), [["0", "00", "0a"]]);
    }

    #[test]
    fn too_few_digits_are_no_phone_number() {
        assert!(is_phone_number("+49 (170) 12"));
        assert!(!is_phone_number("170"));
        assert!(!is_phone_number("170 1234 x"));
        assert_eq!(super::runs(SearchClass::Phone, "12"), [["12"]]);
    }

    proptest::proptest! {
        #[test]
        fn words_are_short_and_fold_to_themselves(text in "\\PC{0,80}") {
            for word in words(&text) {
                assert!(!word.is_empty() && word.chars().count() <= WORD_CHARACTERS_MAX);
                assert!(!word.chars().any(|c| is_between(c) || c.is_whitespace()));
                assert!(!word.contains(['\'', '"', '\\', '\0']));
            }
        }
    }
}
