//! A [`Statement`] to canonical SOSL: keywords in capitals, one space, no parenthesis that is not
//! needed.

use std::fmt::{self, Display, Formatter, Write as _};

use super::braces::RESERVED;
use super::{Returning, Sought, Statement, With};
use crate::print::list;
use crate::search::{Character, FieldGroup};

impl Display for Statement<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "FIND {{{}}}", self.find)?;
        if self.group != FieldGroup::All {
            write!(f, " IN {} FIELDS", self.group.word())?;
        }
        if !self.returning.is_empty() {
            f.write_str(" RETURNING ")?;
            list(f, &self.returning)?;
        }
        for with in &self.with {
            write!(f, " WITH {with}")?;
        }
        if let Some(limit) = self.limit {
            write!(f, " LIMIT {}", limit.rows)?;
        }
        if !self.updates.is_empty() {
            f.write_str(" UPDATE ")?;
            list(f, &self.updates)?;
        }
        Ok(())
    }
}

impl Display for Sought {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(text) => word(f, text),
            Self::Phrase(text) => {
                f.write_char('"')?;
                characters(f, text)?;
                f.write_char('"')
            }
            Self::And(parts) => joined(f, parts, " AND "),
            Self::Or(parts) => joined(f, parts, " OR "),
            Self::Not(inner) => {
                f.write_str("NOT ")?;
                within(f, inner)
            }
        }
    }
}

fn joined(f: &mut Formatter<'_>, parts: &[Sought], joint: &str) -> fmt::Result {
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            f.write_str(joint)?;
        }
        within(f, part)?;
    }
    Ok(())
}

fn within(f: &mut Formatter<'_>, part: &Sought) -> fmt::Result {
    match part {
        Sought::And(_) | Sought::Or(_) => write!(f, "({part})"),
        Sought::Word(_) | Sought::Phrase(_) | Sought::Not(_) => write!(f, "{part}"),
    }
}

/// A word that would join others, or end, is kept from it.
fn word(f: &mut Formatter<'_>, text: &[Character]) -> fmt::Result {
    let plain: String = text.iter().filter_map(Character::plain).collect();
    let joins = ["AND", "OR", "NOT"];
    if plain.len() == text.len() && joins.iter().any(|joint| plain.eq_ignore_ascii_case(joint)) {
        f.write_char('\\')?;
    }
    for character in text {
        if character.plain().is_some_and(char::is_whitespace) {
            f.write_char('\\')?;
        }
        characters(f, std::slice::from_ref(character))?;
    }
    Ok(())
}

fn characters(f: &mut Formatter<'_>, text: &[Character]) -> fmt::Result {
    for character in text {
        match character {
            Character::Any => f.write_char('*')?,
            Character::One => f.write_char('?')?,
            Character::Plain(c) => {
                if RESERVED.contains(*c) {
                    f.write_char('\\')?;
                }
                f.write_char(*c)?;
            }
        }
    }
    Ok(())
}

impl Display for Returning<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.object)?;
        let mut clauses = Vec::new();
        if !self.select.is_empty() {
            let select = self.select.iter().map(ToString::to_string);
            clauses.push(select.collect::<Vec<_>>().join(", "));
        }
        clauses.extend(
            self.condition
                .as_ref()
                .map(|condition| format!("WHERE {condition}")),
        );
        clauses.extend(
            self.list_view
                .map(|view| format!("USING ListView = {view}")),
        );
        if !self.order_by.is_empty() {
            let order = self.order_by.iter().map(ToString::to_string);
            clauses.push(format!("ORDER BY {}", order.collect::<Vec<_>>().join(", ")));
        }
        clauses.extend(self.limit.map(|limit| format!("LIMIT {}", limit.rows)));
        clauses.extend(self.offset.map(|offset| format!("OFFSET {}", offset.rows)));
        if clauses.is_empty() {
            return Ok(());
        }
        write!(f, "({})", clauses.join(" "))
    }
}

impl Display for With<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Division(name) => write!(f, "DIVISION = {name}"),
            Self::DataCategory(categories) => {
                f.write_str("DATA CATEGORY ")?;
                for (place, category) in categories.iter().enumerate() {
                    let joint = if place == 0 { "" } else { " AND " };
                    write!(f, "{joint}{category}")?;
                }
                Ok(())
            }
            Self::Highlight => f.write_str("HIGHLIGHT"),
            Self::Metadata(which) => write!(f, "METADATA = {which}"),
            Self::Network(networks) => {
                f.write_str("NETWORK IN (")?;
                list(f, networks)?;
                f.write_char(')')
            }
            Self::PricebookId(id) => write!(f, "PricebookId = {id}"),
            Self::Snippet(None) => f.write_str("SNIPPET"),
            Self::Snippet(Some(length)) => write!(f, "SNIPPET (target_length={})", length.rows),
            Self::SpellCorrection(on) => write!(f, "SPELL_CORRECTION = {on}"),
        }
    }
}
