//! The words that records are found by, kept beside them.
//!
//! Each object that is searched has an index of words, which a record's own write keeps in its own
//! transaction; see [`headwater_soql::search::words`] for what a word is. Only a write that changes a
//! searched field touches it. Records in the recycle bin stay in it, for queries leave those out
//! anyway.
//!
//! The words wait until the end of the transaction, and go in together: a full-text table of SQLite's
//! writes out what it holds before each statement that could be undone, and merges that later.
//!
//! What an index was made of is written down with what else was applied. One that was made of
//! something else is emptied when the database is opened, and filled again by whoever opened it: so
//! many records in a transaction, and how far that is stands beside it. Until then it lacks some.

mod fill;
mod note;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use headwater_catalogue::{Catalogue, Id, Object, SearchClass, Value};
use headwater_soql::search::words;

use crate::apply::Run;
use crate::connection::Failure;
use crate::ddl;
use crate::dialect::Dialect;
use crate::rows::Content;
use crate::session::{Mark, Session, borrowed};
use crate::table::Table;
pub(crate) use fill::{empty, fill_some};
pub(crate) use note::Note;

/// How often one word counts in a record: more places of a word PostgreSQL does not keep.
const PLACES_MAX: usize = 255;

/// How many records' words one statement writes: the first of these of which there are as many, or all
/// there are. SQLite writes its index out before each statement, and there is a text to prepare for
/// each number.
const RECORDS_TOGETHER: [usize; 3] = [256, 128, 64];

/// The words of a record, by class: in each, runs of words that follow one another.
pub(crate) type Runs = [Vec<Vec<String>>; SearchClass::ALL.len()];

/// How one object's records are found by words.
#[derive(Debug)]
pub(crate) struct SearchTable {
    name: String,
    fields: Vec<(usize, SearchClass)>,
    delete: String,
    dialect: Dialect,
}

/// What a record is found by from now on.
#[derive(Debug)]
pub(crate) struct Words {
    table: Arc<SearchTable>,
    record: Id,
    /// Parameters of the statement that writes them; none for a record that is gone.
    entry: Option<Vec<Content>>,
}

/// The table of an object's index.
pub(crate) fn table_name(object: &str) -> String {
    ddl::identifier(&format!("_headwater_search_{object}"))
}

/// What an object's index is made of; none if it has none.
pub(crate) fn made_of(object: &Object) -> Option<String> {
    let fields = object.searched_as();
    if fields.is_empty() {
        return None;
    }
    let fields = fields
        .iter()
        .map(|(name, class)| format!(" {name}:{}", class.word()));
    let mut fields: Vec<_> = fields.collect();
    fields.sort_unstable();
    Some(format!("{}{}", words::VERSION, fields.concat()))
}

/// For each object that is searched: its name, a text that counts its records, and one that counts
/// the entries of its index.
pub(crate) fn counts(catalogue: &Catalogue, dialect: Dialect) -> Vec<(String, String, String)> {
    let objects = catalogue.objects().iter();
    let searched = objects.filter(|object| made_of(object).is_some());
    let texts = searched.map(|object| {
        let records = format!("SELECT COUNT(*) FROM \"{}\"", object.name);
        let words = dialect.count_words(&table_name(&object.name));
        (object.name.to_string(), records, words)
    });
    texts.collect()
}

/// What is wrong with an index, if something is.
pub(crate) fn wrong(object: &str, records: i64, entries: i64) -> Option<String> {
    (records != entries).then(|| {
        format!("the search index of {object} has {entries} entries for {records} records")
    })
}

impl SearchTable {
    /// The index of an object, if it has one.
    pub(crate) fn of(object: &Object, dialect: Dialect) -> Option<Self> {
        made_of(object)?;
        let name = table_name(&object.name);
        Some(Self {
            fields: object.searched_fields(),
            delete: dialect.delete_words(&name),
            name,
            dialect,
        })
    }

    /// Whether one of these fields is searched.
    fn is_touched(&self, places: &[usize]) -> bool {
        self.fields.iter().any(|(place, _)| places.contains(place))
    }

    /// A record's entry: parameters of the statement that replaces it.
    fn entry(&self, id: Id, row: &[Value]) -> Vec<Content> {
        let texts = self.fields.iter().filter_map(|(place, class)| {
            let text = row.get(*place)?.as_text()?;
            Some((*class, text))
        });
        self.dialect.entry(id, &runs(texts))
    }

    /// Puts entries in, no two of one record.
    fn replace<E: AsRef<[Content]>>(
        &self,
        session: &Session,
        entries: &[E],
    ) -> Result<(), Failure> {
        let mut rest = entries;
        while !rest.is_empty() {
            let fits = |together: &usize| *together <= rest.len();
            let together = RECORDS_TOGETHER.into_iter().find(fits);
            let (entries, later) = rest.split_at(together.unwrap_or(rest.len()));
            rest = later;
            let text = self.dialect.replace_words(&self.name, entries.len());
            let parameters = entries.iter().flat_map(|entry| borrowed(entry.as_ref()));
            let parameters: Vec<_> = parameters.collect();
            session.run_later(&text, &parameters)?;
        }
        Ok(())
    }
}

/// The words of these texts, as many as are kept.
fn runs<'a>(texts: impl Iterator<Item = (SearchClass, &'a str)>) -> Runs {
    let mut kept = Runs::default();
    let mut left = words::RECORD_WORDS_MAX;
    let mut places: HashMap<String, usize> = HashMap::new();
    for (class, text) in texts {
        for mut run in words::runs(class, text) {
            run.truncate(left);
            left -= run.len();
            // Counting costs more than all the rest, and few texts are that long.
            if words::RECORD_WORDS_MAX - left > PLACES_MAX {
                run.retain(|word| {
                    let known = places.entry(word.clone()).or_default();
                    *known += 1;
                    *known <= PLACES_MAX
                });
            }
            if !run.is_empty() {
                kept[class as usize].push(run);
            }
        }
    }
    kept
}

impl Run<'_> {
    /// Keeps the words of a row that has just been written: these fields, or all of a new one.
    pub(crate) fn keep_words(
        &mut self,
        table: &Table,
        id: Id,
        row: &[Value],
        written: Option<&[usize]>,
    ) {
        let Some(search) = &table.search else {
            return;
        };
        if written.is_none_or(|written| search.is_touched(written)) {
            self.session.words.push(Words {
                table: Arc::clone(search),
                record: id,
                entry: Some(search.entry(id, row)),
            });
        }
    }

    /// Forgets the words of a row that is gone for good.
    pub(crate) fn forget_words(&mut self, table: &Table, id: Id) {
        if let Some(search) = &table.search {
            self.session.words.push(Words {
                table: Arc::clone(search),
                record: id,
                entry: None,
            });
        }
    }
}

impl Session {
    /// Writes the words that wait and have come since: of each record what was said last.
    pub(crate) fn write_words(&mut self, since: Mark) -> Result<(), Failure> {
        let waiting = self.words.split_off(since.words);
        let mut tables: BTreeMap<&str, (&SearchTable, BTreeMap<Id, &Words>)> = BTreeMap::new();
        for words in &waiting {
            let (_, records) = tables
                .entry(&words.table.name)
                .or_insert_with(|| (&words.table, BTreeMap::new()));
            records.insert(words.record, words);
        }
        for (table, records) in tables.into_values() {
            for gone in records.values().filter(|words| words.entry.is_none()) {
                let key = [table.dialect.words_key(gone.record)];
                self.run_later(&table.delete, &borrowed(&key))?;
            }
            let entries = records.values().filter_map(|words| words.entry.as_deref());
            table.replace(self, &entries.collect::<Vec<_>>())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_kept_as_far_as_there_is_room() {
        let long = "word ".repeat(600) + &"other ".repeat(9_000);
        let kept = runs([(SearchClass::Name, "Ann Lee"), (SearchClass::Other, &long)].into_iter());
        assert_eq!(kept[0], [["ann", "lee"]]);
        let count = |wanted: &str| kept[3][0].iter().filter(|word| *word == wanted).count();
        assert_eq!(count("word"), PLACES_MAX);
        assert_eq!(count("other"), PLACES_MAX);
    }
}
