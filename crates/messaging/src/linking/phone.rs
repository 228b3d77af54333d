//! Phone numbers, as the numbering plan has them, whatever way they are written.

use phonenumber::{PhoneNumber, country};

/// Whether customers of a channel of this type are known by phone numbers. The ids of others have digits
/// too, and would be somebody's number by chance.
pub(crate) fn has_numbers(kind: &str) -> bool {
    matches!(kind, "Text" | "WhatsApp")
}

/// The number that a customer's address is. Carriers write it with digits alone, while an id of theirs
/// has letters (`US.13491208655302741918`), whatever number its digits would make.
pub(crate) fn number_of_address(address: &str, region: Option<&str>) -> Option<PhoneNumber> {
    let bare = address.strip_prefix("whatsapp:").unwrap_or(address);
    let has_letters = bare.chars().any(char::is_alphabetic);
    (!has_letters).then(|| number(bare, region)).flatten()
}

/// A text as a number of the world's numbering plan; none when it is none.
pub(super) fn number(text: &str, region: Option<&str>) -> Option<PhoneNumber> {
    let text = without_extension(text.strip_prefix("whatsapp:").unwrap_or(text));
    let region: Option<country::Id> = region.and_then(|region| region.parse().ok());
    phonenumber::parse(region, text).ok()
}

/// How people write that an extension follows, each alone or before a point, a colon or a `=`.
const EXTENSIONS: [&str; 6] = ["extension", "ext", "extn", "x", "#", "int"];

/// A number without the extension behind it: a carrier tells none, and the numbering plan has none.
fn without_extension(text: &str) -> &str {
    let bare = text.trim_end();
    let number = bare.trim_end_matches(|one: char| one.is_ascii_digit());
    if number.len() == bare.len() {
        return text;
    }
    let number = number.trim_end_matches([' ', '.', ':', '=', '\u{a0}']);
    let marker = EXTENSIONS.iter().find_map(|marker| {
        let from = number.len().checked_sub(marker.len())?;
        let before = number.get(..from)?;
        let is_it = number.get(from..)?.eq_ignore_ascii_case(marker);
        // A word that merely ends like one is none.
        (is_it && !before.ends_with(char::is_alphabetic)).then_some(before)
    });
    marker.map_or(text, |before| {
        before.trim_end_matches([' ', ',', ';', '(', '\u{a0}'])
    })
}

/// Extensions aside: a carrier tells none.
pub(super) fn is_same(one: &PhoneNumber, other: &PhoneNumber) -> bool {
    one.country().code() == other.country().code()
        && one.national().value() == other.national().value()
}

#[cfg(test)]
mod tests {
    use super::{is_same, number, number_of_address};

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        let plain = number("+12025550147", None).unwrap();
        for written in ["+1 202-555-0147", "(202) 555-0147", "whatsapp:+12025550147"] {
            assert!(
                is_same(&number(written, Some("US")).unwrap(), &plain),
                "{written}"
            );
        }
        let german = number("+4915112345678", None).unwrap();
        assert!(is_same(
            &number("0151 12345678", Some("DE")).unwrap(),
            &german
        ));
        assert!(!is_same(&plain, &german));
    }

    #[test]
    fn an_extension_is_no_part_of_the_number() {
        let plain = number("+14155550100", None).unwrap();
        for written in [
            "+1 415 555 0100 ext. 5",
            "+1 415 555 0100 ext 5",
            "+1 415-555-0100 Ext.12345",
            "(415) 555-0100 x5",
            "(415) 555-0100x55",
            "415.555.0100 extension 5",
            "415 555 0100, ext: 5",
            "415 555 0100 #5",
            "tel:+1-415-555-0100;ext=5",
        ] {
            let written_so = number(written, Some("US"));
            assert!(
                written_so.is_some_and(|number| is_same(&number, &plain)),
                "{written}"
            );
        }
        let other = number("+1 415 555 0105", None).unwrap();
        assert!(!is_same(&other, &plain));
        assert!(number("text 5", Some("US")).is_none());
    }

    #[test]
    fn what_is_no_number_is_none() {
        assert!(number("Jordan", Some("US")).is_none());
        assert!(number_of_address("US.2025550147", Some("US")).is_none());
        assert!(number_of_address("whatsapp:+12025550147", None).is_some());
        assert!(number("202-555-0147", None).is_none(), "without a country");
    }
}
