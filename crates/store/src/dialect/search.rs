//! Indexes of words: a full-text table of SQLite's, a `tsvector` of PostgreSQL's.
//!
//! Neither takes texts apart by itself, and neither knows a language: both are given the words that
//! [`headwater_soql::search::words`] makes. SQLite's `ascii` tokenizer parts at what is ASCII and
//! neither letter nor digit, of which there is none in a word; a `tsvector` is written as such.

use std::fmt::Write as _;

use headwater_catalogue::{Id, Object, SearchClass};
use headwater_soql::search::{Search, Term, Word};
use sea_query::{BinOper, Expr, ExprTrait as _, Func, SelectStatement};

use super::Dialect;
use crate::ddl;
use crate::rows::Content;
use crate::search::{Runs, table_name};

/// Makes the id of an object's record from its number.
pub(crate) const ID: &str = "headwater_id";

/// A word that is in no text, between words that do not follow one another.
const GAP: &str = "\u{e000}";

impl Dialect {
    /// Makes the table of an index.
    pub(crate) fn create_words(self, table: &str) -> Vec<String> {
        match self {
            Self::Sqlite => {
                let columns = SearchClass::ALL.map(SearchClass::word).join(", ");
                vec![format!(
                    "CREATE VIRTUAL TABLE \"{table}\" USING fts5({columns}, content = '', \
                     contentless_delete = 1, tokenize = 'ascii')"
                )]
            }
            Self::Postgres => {
                let index = ddl::identifier(&format!("{table}_words"));
                vec![
                    format!(
                        "CREATE TABLE \"{table}\" (\"record\" text COLLATE \"C\" PRIMARY KEY, \
                         \"words\" tsvector NOT NULL)"
                    ),
                    format!("CREATE INDEX \"{index}\" ON \"{table}\" USING gin (\"words\")"),
                ]
            }
        }
    }

    /// Puts so many records' entries in, each in place of the one it had.
    pub(crate) fn replace_words(self, table: &str, records: usize) -> String {
        let rows = |parameters: usize, row: &dyn Fn(usize) -> String| {
            let rows = (0..records).map(|place| row(place * parameters + 1));
            rows.collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Sqlite => {
                let columns = SearchClass::ALL.map(SearchClass::word).join(", ");
                let rows = rows(1 + SearchClass::ALL.len(), &|first| {
                    let places = first..=first + SearchClass::ALL.len();
                    let places: Vec<_> = places.map(|place| format!("${place}")).collect();
                    format!("({})", places.join(", "))
                });
                format!("INSERT OR REPLACE INTO \"{table}\" (rowid, {columns}) VALUES {rows}")
            }
            Self::Postgres => {
                let rows = rows(2, &|first| {
                    let words = first + 1;
                    format!("(${first}, CAST(CAST(${words} AS text) AS tsvector))")
                });
                format!(
                    "INSERT INTO \"{table}\" (\"record\", \"words\") VALUES {rows} \
                     ON CONFLICT (\"record\") DO UPDATE SET \"words\" = EXCLUDED.\"words\""
                )
            }
        }
    }

    /// Takes a record's entry out.
    pub(crate) fn delete_words(self, table: &str) -> String {
        match self {
            Self::Sqlite => format!("DELETE FROM \"{table}\" WHERE rowid = $1"),
            Self::Postgres => format!("DELETE FROM \"{table}\" WHERE \"record\" = $1"),
        }
    }

    /// Takes all entries out.
    pub(crate) fn empty_words(self, table: &str) -> String {
        match self {
            Self::Sqlite => format!("INSERT INTO \"{table}\" (\"{table}\") VALUES ('delete-all')"),
            Self::Postgres => format!("TRUNCATE \"{table}\""),
        }
    }

    /// Counts an index's entries.
    pub(crate) fn count_words(self, table: &str) -> String {
        match self {
            // The index's own table of them; the other way reads every word.
            Self::Sqlite => format!("SELECT COUNT(*) FROM \"{table}_docsize\""),
            Self::Postgres => format!("SELECT COUNT(*) FROM \"{table}\""),
        }
    }

    /// What an index knows a record by.
    pub(crate) fn words_key(self, id: Id) -> Content {
        match self {
            Self::Sqlite => Content::Number(i64::try_from(id.counter()).unwrap_or(i64::MAX)),
            Self::Postgres => Content::Text(id.as_str().to_owned()),
        }
    }

    /// The same, to compare with the index's own.
    pub(crate) fn bound_key(self, id: Id) -> sea_query::Value {
        match self.words_key(id) {
            Content::Number(n) => n.into(),
            Content::Text(text) => text.into(),
            Content::Null => sea_query::Value::BigInt(None),
        }
    }

    /// A record's entry, as parameters.
    pub(crate) fn entry(self, id: Id, runs: &Runs) -> Vec<Content> {
        let key = self.words_key(id);
        match self {
            Self::Sqlite => {
                let column = |runs: &Vec<Vec<String>>| {
                    let runs: Vec<String> = runs.iter().map(|run| run.join(" ")).collect();
                    Content::Text(runs.join(&format!(" {GAP} ")))
                };
                std::iter::once(key)
                    .chain(runs.iter().map(column))
                    .collect()
            }
            Self::Postgres => vec![key, Content::Text(vector(runs))],
        }
    }

    /// The records that a search finds, joined before those of an alias: the index's table under a
    /// name, and the conditions.
    pub(crate) fn found(
        self,
        object: &Object,
        search: &Search,
        index: &str,
        id: Expr,
    ) -> [Expr; 2] {
        let table = table_name(&object.name);
        match self {
            Self::Sqlite => [
                id.eq(record(object, index)),
                Expr::col((index.to_owned(), table))
                    .binary(BinOper::Custom("MATCH"), Expr::val(expression(search))),
            ],
            Self::Postgres => [
                id.equals((index.to_owned(), "record")),
                Expr::col((index.to_owned(), "words")).binary(
                    BinOper::Custom("@@"),
                    // Written into the text: the planner knows how frequent the words are.
                    Expr::Constant(query(search).into()).cast_as("tsquery"),
                ),
            ],
        }
    }

    /// The ids of the records that a search finds.
    pub(crate) fn found_ids(
        self,
        object: &Object,
        search: &Search,
        index: &str,
    ) -> SelectStatement {
        let table = table_name(&object.name);
        let id = match self {
            Self::Sqlite => record(object, index),
            Self::Postgres => Expr::col((index.to_owned(), "record")),
        };
        let [_, matches] = self.found(object, search, index, Expr::val(0_i64));
        SelectStatement::new()
            .expr(id)
            .from_as(table, index.to_owned())
            .and_where(matches)
            .take()
    }

    /// What an index orders its records by, which is the order of their ids.
    pub(crate) fn found_order(self, index: &str) -> Expr {
        match self {
            Self::Sqlite => Expr::col((index.to_owned(), "rowid")),
            Self::Postgres => Expr::col((index.to_owned(), "record")),
        }
    }
}

fn record(object: &Object, index: &str) -> Expr {
    Func::cust(ID)
        .arg(Expr::Constant(object.prefix.to_string().into()))
        .arg(Expr::col((index.to_owned(), "rowid")))
        .into()
}

/// A `tsvector`: each word with its place and the letter of its class.
fn vector(runs: &Runs) -> String {
    let mut vector = String::new();
    let mut place = 0;
    for (runs, letter) in runs.iter().zip(LETTERS) {
        for run in runs {
            for word in run {
                place += 1;
                // Writing to a String does not fail.
                let _ = write!(vector, "'{word}':{place}{letter} ");
            }
            place += 1;
        }
    }
    vector
}

/// The weights of PostgreSQL, of which there are four, as the classes, in their order.
const LETTERS: [char; SearchClass::ALL.len()] = ['A', 'B', 'C', 'D'];

/// A `tsquery`.
fn query(search: &Search) -> String {
    let classes = &search.classes;
    let letters: String = if classes.len() == LETTERS.len() {
        String::new()
    } else {
        let letters = classes.iter().map(|class| LETTERS[*class as usize]);
        letters.collect()
    };
    let phrase = |words: &[&Word]| {
        let last = words.len() - 1;
        let word = |(place, word): (usize, &&Word)| {
            let begins = place == last && is_begun(word);
            let star = if begins { "*" } else { "" };
            let colon = if begins || !letters.is_empty() {
                ":"
            } else {
                ""
            };
            format!("'{}'{colon}{star}{letters}", word.beginning())
        };
        let words: Vec<_> = words.iter().enumerate().map(word).collect();
        format!("({})", words.join(" <-> "))
    };
    let signs = Signs {
        and: " & ",
        or: " | ",
        and_not: " & !",
        phrase: &phrase,
    };
    signs.term(&search.term)
}

/// An expression of SQLite's.
fn expression(search: &Search) -> String {
    let phrase = |words: &[&Word]| {
        let star = if words.last().is_some_and(|word| is_begun(word)) {
            " *"
        } else {
            ""
        };
        let words: Vec<_> = words.iter().map(|word| word.beginning()).collect();
        format!("\"{}\"{star}", words.join(" "))
    };
    let signs = Signs {
        and: " AND ",
        or: " OR ",
        and_not: " NOT ",
        phrase: &phrase,
    };
    let text = signs.term(&search.term);
    if search.classes.len() == LETTERS.len() {
        return text;
    }
    let columns = search.classes.iter().map(|class| class.word());
    let columns: Vec<_> = columns.collect();
    format!("{{{}}} : ({text})", columns.join(" "))
}

/// Whether more may follow what a word begins with.
fn is_begun(word: &Word) -> bool {
    !matches!(word, Word::Whole(_))
}

/// How an engine writes what a search is made of.
struct Signs<'a> {
    and: &'static str,
    or: &'static str,
    and_not: &'static str,
    /// Words that follow one another, of which the last may be begun.
    phrase: &'a dyn Fn(&[&Word]) -> String,
}

impl Signs<'_> {
    /// A term as an index is asked for it: it finds at least what the term says.
    fn term(&self, term: &Term) -> String {
        match term {
            Term::Phrase(words) => self.words(words),
            Term::And(all) => self.all(all),
            Term::Or(all) => self.joined(all.iter(), self.or),
            // Stands only among the parts of an AND.
            Term::Not(inner) => self.term(inner),
        }
    }

    fn all(&self, all: &[Term]) -> String {
        let wanted = all.iter().filter(|one| !matches!(one, Term::Not(_)));
        let mut text = self.joined(wanted, self.and);
        for one in all {
            // To leave out too many would be wrong; those left in are looked at again.
            if let Term::Not(inner) = one
                && !inner.is_rough()
            {
                text = format!("({text}{}({}))", self.and_not, self.term(inner));
            }
        }
        text
    }

    fn joined<'t>(&self, all: impl Iterator<Item = &'t Term>, sign: &str) -> String {
        let all: Vec<_> = all.map(|one| self.term(one)).collect();
        format!("({})", all.join(sign))
    }

    /// Only at its end can a phrase have a word that is begun: else its words, wherever they stand.
    fn words(&self, words: &[Word]) -> String {
        let all: Vec<&Word> = words.iter().collect();
        let before = all.split_last().map_or(&all[..], |(_, before)| before);
        if !before.iter().any(|word| is_begun(word)) {
            return (self.phrase)(&all);
        }
        let each: Vec<_> = all.iter().map(|word| (self.phrase)(&[word])).collect();
        format!("({})", each.join(self.and))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(term: Term, classes: &[SearchClass]) -> (String, String) {
        let classes = classes.to_vec();
        let search = Search {
            term,
            classes,
            exact: None,
        };
        (expression(&search), query(&search))
    }

    fn whole(text: &str) -> Word {
        Word::Whole(text.to_owned())
    }

    #[test]
    fn both_engines_are_asked_the_same() {
        let begun = Word::Beginning("le".to_owned());
        let phrase = Term::Phrase(vec![whole("ann"), begun.clone()]);
        let (sqlite, postgres) = both(phrase, &[SearchClass::Name, SearchClass::Email]);
        assert_eq!(sqlite, "{name email} : (\"ann le\" *)");
        assert_eq!(postgres, "('ann':AB <-> 'le':*AB)");
        let without = Term::And(vec![
            Term::Phrase(vec![begun]),
            Term::Not(Box::new(Term::Phrase(vec![whole("x")]))),
        ]);
        let (sqlite, postgres) = both(without, &SearchClass::ALL);
        assert_eq!(sqlite, "((\"le\" *) NOT (\"x\"))");
        assert_eq!(postgres, "((('le':*)) & !(('x')))");
    }

    #[test]
    fn what_an_index_cannot_tell_is_let_through() {
        let pattern = || Term::Phrase(vec![Word::Pattern("j?n".to_owned()), whole("doe")]);
        let (sqlite, postgres) = both(pattern(), &SearchClass::ALL);
        assert_eq!(sqlite, "(\"j\" * AND \"doe\")");
        assert_eq!(postgres, "(('j':*) & ('doe'))");
        let ann = Term::Phrase(vec![whole("ann")]);
        let (sqlite, _) = both(
            Term::And(vec![ann, Term::Not(Box::new(pattern()))]),
            &SearchClass::ALL,
        );
        assert_eq!(sqlite, "(\"ann\")");
    }
}
