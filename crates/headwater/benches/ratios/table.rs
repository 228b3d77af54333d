//! The table that a run prints.

use std::fmt;

#[derive(Default)]
pub struct Table {
    rows: Vec<[String; 5]>,
}

/// What a ratio or figure should be.
#[derive(Clone, Copy)]
pub enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// To compare with.
    None,
}

impl Table {
    /// A line: what was measured, ours and the other's figure as text, and the ratio or figure that
    /// the target is about.
    pub fn line(&mut self, what: &str, ours: String, other: String, figure: f64, target: Target) {
        let target = match target {
            Target::AtLeast(least) => format!("≥ {least} {}", mark(figure >= least)),
            Target::AtMost(most) => format!("≤ {most} {}", mark(figure <= most)),
            Target::None => "–".to_owned(),
        };
        eprintln!("  {what}: {ours} against {other}: {figure:.2} {target}");
        self.rows
            .push([what.to_owned(), ours, other, format!("{figure:.2}"), target]);
    }
}

fn mark(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | Headwater | beside it | figure | target |")?;
        writeln!(f, "|---|---|---|---|---|")?;
        for row in &self.rows {
            writeln!(f, "| {} |", row.join(" | "))?;
        }
        Ok(())
    }
}
