//! Which day weeks begin with, by locale.

use jiff::civil::Weekday;

/// The countries among the locales whose weeks begin on Sunday, as the Unicode Common Locale Data
/// Repository has them; everywhere else it is Monday.
const SUNDAY: [&str; 10] = ["US", "CA", "IN", "MX", "JP", "KR", "PT", "BR", "TH", "TW"];

/// The first day of a week for somebody with this locale (`de_AT`).
pub(crate) fn first_weekday(locale: &str) -> Weekday {
    let country = locale.split('_').nth(1).unwrap_or("US");
    if SUNDAY.contains(&country) {
        Weekday::Sunday
    } else {
        Weekday::Monday
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_where_the_locale_is() {
        for (locale, first) in [
            ("en_US", Weekday::Sunday),
            ("pt_BR", Weekday::Sunday),
            ("de_AT", Weekday::Monday),
            ("en_GB", Weekday::Monday),
            ("", Weekday::Sunday),
        ] {
            assert_eq!(first_weekday(locale), first, "{locale}");
        }
    }
}
