//! Whether a layout can be: every field there and once, nothing left out that a new record needs,
//! and not too much of anything.

use std::collections::HashSet;

use headwater_catalogue::{Field, Object};

use super::{Layout, LayoutField, LayoutSection};
use crate::error::{Error, Problem};

/// Most sections of a layout.
pub const SECTIONS_MAX: usize = 50;
/// Most fields of a layout. More than any object has that people would want to see.
pub const FIELDS_MAX: usize = 1_000;
/// Most characters of a section's title.
pub const TITLE_CHARACTERS_MAX: usize = 80;

/// The layout with its names as the catalogue spells them, or everything that is wrong.
pub(super) fn checked(object: &Object, layout: &Layout) -> Result<Layout, Error> {
    let mut problems = Problems::default();
    if layout.sections.len() > SECTIONS_MAX {
        problems.add(
            "sections",
            format!("a layout has at most {SECTIONS_MAX} sections"),
        );
    }
    if layout.fields().count() > FIELDS_MAX {
        problems.add(
            "fields",
            format!("a layout has at most {FIELDS_MAX} fields"),
        );
    }
    if !problems.0.is_empty() {
        return Err(Error::Invalid(problems.0));
    }
    let mut seen = HashSet::new();
    let sections = layout.sections.iter();
    let sections =
        sections.map(|section| checked_section(object, section, &mut seen, &mut problems));
    let sections: Vec<LayoutSection> = sections.collect();
    // Files do not stand on a layout.
    let needed = |field: &&Field| field.must_be_given() && field.kind.as_content().is_none();
    for field in object.fields.iter().filter(needed) {
        if !seen.contains(&*field.name) {
            let text = format!(
                "{} must be on the layout: every new record needs it",
                field.name
            );
            problems.add(&field.name, text);
        }
    }
    if problems.0.is_empty() {
        return Ok(Layout { sections });
    }
    Err(Error::Invalid(problems.0))
}

fn checked_section(
    object: &Object,
    section: &LayoutSection,
    seen: &mut HashSet<String>,
    problems: &mut Problems,
) -> LayoutSection {
    let title = section.title.trim();
    if title.is_empty() || title.chars().count() > TITLE_CHARACTERS_MAX {
        let text = format!("a section has a title of 1 to {TITLE_CHARACTERS_MAX} characters");
        problems.add("title", text);
    }
    if !(1..=2).contains(&section.columns) {
        problems.add(
            "columns",
            format!("the section {title} has neither 1 nor 2 columns"),
        );
    }
    let mut fields = Vec::with_capacity(section.fields.len());
    for shown in &section.fields {
        let known = object.field(&shown.field).filter(|field| !field.internal);
        let Some(field) = known else {
            let text = format!("{} has no field {}", object.name, shown.field);
            problems.add(&shown.field, text);
            continue;
        };
        if let Some(text) = contradiction(field, shown) {
            problems.add(&field.name, text);
        }
        if !seen.insert(field.name.to_string()) {
            problems.add(
                &field.name,
                format!("{} stands on the layout twice", field.name),
            );
        }
        fields.push(LayoutField {
            field: field.name.to_string(),
            ..shown.clone()
        });
    }
    LayoutSection {
        title: title.to_owned(),
        columns: section.columns,
        fields,
    }
}

fn contradiction(field: &Field, shown: &LayoutField) -> Option<String> {
    let name = &field.name;
    if shown.required && !field.createable && !field.updateable {
        return Some(format!("{name} cannot be required: nobody writes it"));
    }
    if shown.required && shown.read_only {
        return Some(format!("{name} cannot be required and read-only at once"));
    }
    if shown.read_only && field.must_be_given() {
        return Some(format!(
            "{name} cannot be read-only: every new record needs it"
        ));
    }
    None
}

#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, about: &str, message: impl Into<String>) {
        self.0.push(Problem::Rule {
            fields: vec![about.to_owned().into()],
            message: message.into(),
        });
    }
}
