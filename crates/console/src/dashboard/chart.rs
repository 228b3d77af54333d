//! Charts drawn on the server. Each is a table first, for everybody; the drawing stands inside it.

use maud::{Markup, html};

use crate::text::grouped;

/// Width of a bar's ground, in the units of its drawing.
const WIDE: u64 = 1_000;

/// Height of a column's ground, in the units of its drawing.
const HIGH: u64 = 120;

/// Width of a column with the space beside it.
const STEP: usize = 44;

/// A line of a bar chart.
pub(super) struct Bar {
    pub(super) label: Markup,
    pub(super) href: Option<String>,
    /// What the count is a share of; none: it is compared with the others.
    pub(super) share: Option<u64>,
    pub(super) count: u64,
}

/// A column of a column chart.
pub(super) struct Column {
    pub(super) label: String,
    pub(super) count: u64,
    /// How many of them belong to the second series.
    pub(super) of_which: u64,
}

/// Lines, each with a bar as long as its count.
pub(super) fn bars(what: &str, counted: &str, all: &[Bar]) -> Markup {
    let greatest = all.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    html! {
        table .bars {
            thead .unseen { tr { th scope="col" { (what) } th scope="col" { (counted) } th { "Drawn" } } }
            tbody {
                @for bar in all {
                    @let of = bar.share.unwrap_or(greatest).max(1);
                    tr {
                        th scope="row" {
                            @match &bar.href { Some(href) => a href=(href) { (bar.label) }, None => (bar.label) }
                        }
                        td .number {
                            @match bar.share {
                                Some(all) => { (grouped(bar.count * 100 / all.max(1))) "%" span .soft { " of " (grouped(all)) } }
                                None => (grouped(bar.count)),
                            }
                        }
                        td .drawn {
                            svg viewBox={ "0 0 " (WIDE) " 10" } preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                                rect .ground width=(WIDE) height="10" rx="5" {}
                                rect .mark-one width=(bar.count * WIDE / of) height="10" rx="5" {}
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Columns side by side, with a part of each marked.
pub(super) fn columns(what: &str, first: &str, second: &str, all: &[Column]) -> Markup {
    let greatest = all
        .iter()
        .map(|column| column.count.max(column.of_which))
        .max();
    let greatest = greatest.unwrap_or(0).max(1);
    let height = |count: u64| count * HIGH / greatest;
    let words: Vec<_> = all
        .iter()
        .filter(|column| column.count > 0)
        .map(|column| {
            format!(
                "{}: {}, {} undone",
                column.label, column.count, column.of_which
            )
        })
        .collect();
    let words = if words.is_empty() {
        "None.".to_owned()
    } else {
        words.join("; ")
    };
    html! {
        figure .chart {
            svg role="img" aria-label={ (first) " by " (what.to_lowercase()) ". " (words) }
                viewBox={ "0 0 " (all.len() * STEP) " " (HIGH + 34) } {
                @for (place, column) in all.iter().enumerate() {
                    @let x = place * STEP + 6;
                    g {
                        title { (column.label) ": " (column.count) " " (first.to_lowercase()) ", " (column.of_which) " " (second.to_lowercase()) }
                        rect .ground x=(x) y="14" width=(STEP - 12) height=(HIGH) rx="4" {}
                        rect .mark-one x=(x) y=(HIGH + 14 - height(column.count)) width=(STEP - 12) height=(height(column.count)) rx="4" {}
                        rect .mark-two x=(x) y=(HIGH + 14 - height(column.of_which)) width=(STEP - 12) height=(height(column.of_which)) rx="4" {}
                        @if column.count > 0 {
                            text x=(x + (STEP - 12) / 2) y=(HIGH + 9 - height(column.count)) { (column.count) }
                        }
                        text .axis x=(x + (STEP - 12) / 2) y=(HIGH + 30) { (column.label) }
                    }
                }
            }
            figcaption .legend {
                span .key.mark-one aria-hidden="true" {} (first) " "
                span .key.mark-two aria-hidden="true" {} (second)
            }
        }
    }
}
