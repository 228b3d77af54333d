//! A search that is read is printed as one that means the same, and one that resolves against the
//! built-in catalogue is planned for both engines, and runs.

use headwater_soql::sosl::{SEARCH_CHARACTERS_MAX, parse, resolve};

use crate::databases;
use crate::soql::refused;

/// Reads, prints, resolves, plans and runs a search.
pub fn check(input: &[u8]) {
    let Some(text) = crate::text(input) else {
        return;
    };
    let statement = match parse(text) {
        Ok(statement) => statement,
        Err(error) => return refused(&error, text),
    };
    let printed = statement.to_string();
    if printed.chars().count() > SEARCH_CHARACTERS_MAX {
        return;
    }
    let again = match parse(&printed) {
        Ok(again) => again,
        Err(error) => panic!("what it printed is refused: {}", error.render(&printed)),
    };
    assert_eq!(again, statement);
    assert_eq!(again.to_string(), printed);
    let resolved = databases::with_context(false, |context| {
        (resolve(&statement, context), resolve(&again, context))
    });
    match resolved {
        (Ok(queries), Ok(of_printed)) => {
            assert_eq!(of_printed, queries);
            queries.iter().for_each(databases::rows);
        }
        (Err(error), Err(of_printed)) => {
            assert_eq!(of_printed.message, error.message);
            refused(&error, text);
        }
        (resolved, of_printed) => panic!("{resolved:?}\n{of_printed:?}"),
    }
}
