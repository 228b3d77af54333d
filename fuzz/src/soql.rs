//! A query that is read is printed as one that means the same, and one that resolves against the
//! built-in catalogue is planned for both engines, and runs.

use headwater_soql::resolved::Query;
use headwater_soql::{QUERY_CHARACTERS_MAX, SoqlError, parse, resolve};

use crate::databases;

/// Reads, prints, resolves, plans and runs a query.
pub fn check(input: &[u8]) {
    let Some(text) = crate::text(input) else {
        return;
    };
    let query = match parse(text) {
        Ok(query) => query,
        Err(error) => return refused(&error, text),
    };
    let printed = query.to_string();
    if printed.chars().count() > QUERY_CHARACTERS_MAX {
        return;
    }
    let again = match parse(&printed) {
        Ok(again) => again,
        Err(error) => panic!("what it printed is refused: {}", error.render(&printed)),
    };
    assert_eq!(again, query);
    assert_eq!(again.to_string(), printed);
    for include_deleted in [false, true] {
        let resolved = databases::with_context(include_deleted, |context| {
            (resolve(&query, context), resolve(&again, context))
        });
        match resolved {
            (Ok(resolved), Ok(of_printed)) => {
                assert_eq!(of_printed, resolved);
                runs(&resolved);
            }
            (Err(error), Err(of_printed)) => {
                assert_eq!(of_printed.message, error.message);
                refused(&error, text);
            }
            (resolved, of_printed) => panic!("{resolved:?}\n{of_printed:?}"),
        }
    }
}

/// A refusal says something, and says it of a place that is there.
pub(crate) fn refused(error: &SoqlError, text: &str) {
    assert!(!error.message.is_empty());
    assert!(!error.render(text).is_empty());
    error.row_and_column(text);
}

fn runs(query: &Query) {
    if query.count {
        databases::count(query);
    } else {
        databases::rows(query);
    }
}
