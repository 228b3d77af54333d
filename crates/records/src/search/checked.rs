//! Records looked at again, with what the caller may read of them.

use headwater_catalogue::SearchClass;
use headwater_soql::search::Search;
use headwater_store::{Row, RowSink, ValueRef};

/// Passes on the rows that a search really finds.
pub(super) struct Checked<S> {
    /// Where they go.
    pub(super) sink: S,
    search: Search,
    /// The columns of the texts, each with its sort.
    texts: Vec<(SearchClass, usize)>,
    skip: u64,
    /// How many more are wanted.
    pub(super) left: u64,
    /// How many were passed on.
    pub(super) given: u64,
}

impl<S> Checked<S> {
    pub(super) fn new(
        sink: S,
        search: Search,
        texts: Vec<(SearchClass, usize)>,
        skip: u64,
        left: u64,
    ) -> Self {
        Self {
            sink,
            search,
            texts,
            skip,
            left,
            given: 0,
        }
    }
}

impl<S: RowSink> RowSink for Checked<S> {
    fn row(&mut self, row: &Row<'_>) {
        let texts = self
            .texts
            .iter()
            .filter_map(|(class, column)| match row.get(*column) {
                ValueRef::Text(text) => Some((*class, text)),
                _ => None,
            });
        if self.left == 0 || !self.search.finds(texts) {
            return;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        self.left -= 1;
        self.given += 1;
        self.sink.row(row);
    }
}
