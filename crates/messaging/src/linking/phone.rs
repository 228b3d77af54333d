//! Phone numbers, as the numbering plan has them, whatever way they are written.

use phonenumber::{PhoneNumber, country};

/// Whether customers of a channel of this type are known by phone numbers. The ids of others have digits
/// too, and would be somebody's number by chance.
pub(super) fn has_numbers(kind: &str) -> bool {
    matches!(kind, "Text" | "WhatsApp")
}

/// The number that a customer's address is. Carriers write it with digits alone, while an id of theirs
/// has letters (`US.13491208655302741918`), whatever number its digits would make.
pub(super) fn number_of_address(address: &str, region: Option<&str>) -> Option<PhoneNumber> {
    let bare = address.strip_prefix("whatsapp:").unwrap_or(address);
    let has_letters = bare.chars().any(char::is_alphabetic);
    (!has_letters).then(|| number(bare, region)).flatten()
}

/// A text as a number of the world's numbering plan; none when it is none.
pub(super) fn number(text: &str, region: Option<&str>) -> Option<PhoneNumber> {
    let text = text.strip_prefix("whatsapp:").unwrap_or(text);
    let region: Option<country::Id> = region.and_then(|region| region.parse().ok());
    phonenumber::parse(region, text).ok()
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
    fn what_is_no_number_is_none() {
        assert!(number("Jordan", Some("US")).is_none());
        assert!(number_of_address("US.2025550147", Some("US")).is_none());
        assert!(number_of_address("whatsapp:+12025550147", None).is_some());
        assert!(number("202-555-0147", None).is_none(), "without a country");
    }
}
