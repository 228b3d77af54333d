//! Columns of text, aligned.

use unicode_width::UnicodeWidthStr;

/// Rows under headings.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(headings: &[&str]) -> Self {
        Self {
            rows: vec![headings.iter().map(|h| (*h).to_owned()).collect()],
        }
    }

    pub(crate) fn row(&mut self, cells: &[String]) {
        self.rows
            .push(cells.iter().map(|cell| printable(cell)).collect());
    }

    /// The table as lines; columns are two spaces apart, the last one is not filled up.
    pub(crate) fn lines(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.width())
                .max()
        };
        let widths: Vec<_> = (0..columns)
            .map(|column| width(column).unwrap_or_default())
            .collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                line.push_str(&" ".repeat(width + 2 - cell.width()));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// A text without control characters: names come from customers, and a terminal obeys what it is
/// sent.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_also_under_wide_characters() {
        let mut table = Table::new(&["Name", "Sessions"]);
        table.row(&["山田".to_owned(), "14".to_owned()]);
        table.row(&["Jo".to_owned(), "1".to_owned()]);
        assert_eq!(table.lines(), "Name  Sessions\n山田  14\nJo    1\n");
    }

    #[test]
    fn a_name_cannot_command_the_terminal() {
        let mut table = Table::new(&["Name"]);
        table.row(&["\u{1b}[2Jgone".to_owned()]);
        assert!(!table.lines().contains('\u{1b}'));
    }
}
