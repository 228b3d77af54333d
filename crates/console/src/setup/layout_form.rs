//! A page layout while it is worked on: all of it is in the form, and each button sends it whole, so
//! that nothing is kept on the server before it is saved.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

use headwater_catalogue::{Field, Kind, Object};
use headwater_records::{Layout, LayoutField, LayoutSection};

use crate::form::Form;

/// The distance of two numbers that say an order, so that something fits between.
pub(super) const STEP: i64 = 10;

/// Fields that no page shows.
const HIDDEN: [&str; 3] = ["Id", "IsDeleted", "SystemModstamp"];

/// A layout that is worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Working {
    pub(super) sections: Vec<LayoutSection>,
    /// The fields that are in no section.
    pub(super) left_out: Vec<LayoutField>,
}

/// What a button asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    Save,
    Reset,
    /// Only to put in order what was typed.
    Arrange,
    AddSection,
    DropSection(usize),
    MoveSection(usize, bool),
    /// A field by name, and whether it goes up.
    MoveField(String, bool),
}

impl Act {
    pub(super) fn read(form: &Form) -> Self {
        let asked = form.get("act").unwrap_or_default();
        let (act, about) = asked.split_once('.').unwrap_or((asked, ""));
        let place = about.parse().unwrap_or(usize::MAX);
        match act {
            "save" => Self::Save,
            "reset" => Self::Reset,
            "add" => Self::AddSection,
            "drop" => Self::DropSection(place),
            "section-up" => Self::MoveSection(place, true),
            "section-down" => Self::MoveSection(place, false),
            "up" => Self::MoveField(about.to_owned(), true),
            "down" => Self::MoveField(about.to_owned(), false),
            _ => Self::Arrange,
        }
    }
}

/// The fields of an object that a page can show. An address is shown by its parts.
fn shown(object: &Object) -> impl Iterator<Item = &Field> {
    object.fields.iter().filter(|field| {
        !field.internal
            && !HIDDEN.contains(&&*field.name)
            && !matches!(field.kind, Kind::Address { .. })
    })
}

impl Working {
    pub(super) fn of(object: &Object, layout: Layout) -> Self {
        let is_placed = |name: &str| layout.fields().any(|field| field.field == name);
        let left_out = shown(object)
            .filter(|field| !is_placed(&field.name))
            .map(|field| LayoutField {
                field: field.name.to_string(),
                required: false,
                read_only: false,
            });
        Self {
            left_out: left_out.collect(),
            sections: layout.sections,
        }
    }

    /// What a form holds, in the order that its numbers say.
    pub(super) fn read(object: &Object, form: &Form) -> Self {
        let count: usize = form
            .get("sections")
            .and_then(|count| count.parse().ok())
            .unwrap_or(0);
        let count = count.min(headwater_records::layout::SECTIONS_MAX + 1);
        let order = |name: &str| {
            form.filled(name)
                .and_then(|n| n.parse::<i64>().ok())
                .unwrap_or(i64::MAX)
        };
        let mut sections: Vec<(i64, LayoutSection)> = (0..count)
            .map(|place| {
                let section = LayoutSection {
                    title: form
                        .get(&format!("s{place}.title"))
                        .unwrap_or_default()
                        .trim()
                        .to_owned(),
                    columns: if form.get(&format!("s{place}.columns")) == Some("1") {
                        1
                    } else {
                        2
                    },
                    fields: Vec::new(),
                };
                (order(&format!("s{place}.order")), section)
            })
            .collect();
        let mut fields: Vec<(i64, Option<usize>, LayoutField)> = shown(object)
            .map(|field| {
                let name = &field.name;
                let is = |flag: &str| form.get(&format!("f.{name}.{flag}")) == Some("true");
                let section = form.filled(&format!("f.{name}.section"));
                let placed = LayoutField {
                    field: name.to_string(),
                    required: is("required"),
                    read_only: is("readonly"),
                };
                let section = section.and_then(|place| place.parse().ok());
                (order(&format!("f.{name}.order")), section, placed)
            })
            .collect();
        fields.sort_by_key(|(order, _, _)| *order);
        let mut left_out = Vec::new();
        for (_, section, field) in fields {
            match section.and_then(|place: usize| sections.get_mut(place)) {
                Some((_, section)) => section.fields.push(field),
                None => left_out.push(field),
            }
        }
        sections.sort_by_key(|(order, _)| *order);
        Self {
            sections: sections.into_iter().map(|(_, section)| section).collect(),
            left_out,
        }
    }

    /// Does what a button asks for, as far as that is about the order of things.
    pub(super) fn act(&mut self, act: &Act) {
        match act {
            Act::Save | Act::Reset | Act::Arrange => {}
            Act::AddSection => self.sections.push(LayoutSection {
                title: "New section".to_owned(),
                columns: 2,
                fields: Vec::new(),
            }),
            Act::DropSection(place) => self.drop_section(*place),
            Act::MoveSection(place, up) => swap(&mut self.sections, Some(*place), *up),
            Act::MoveField(name, up) => {
                for section in &mut self.sections {
                    let place = section.fields.iter().position(|field| field.field == *name);
                    swap(&mut section.fields, place, *up);
                }
            }
        }
    }

    /// Takes a section away. Its fields go to the one above it, or below when it was the first.
    fn drop_section(&mut self, place: usize) {
        if place >= self.sections.len() {
            return;
        }
        let fields = self.sections.remove(place).fields;
        match self.sections.get_mut(place.saturating_sub(1)) {
            Some(section) => section.fields.extend(fields),
            None => self.left_out.extend(fields),
        }
    }

    /// The layout to be saved. An empty section is not kept.
    pub(super) fn layout(&self) -> Layout {
        let sections = self
            .sections
            .iter()
            .filter(|section| !section.fields.is_empty());
        Layout {
            sections: sections.cloned().collect(),
        }
    }
}

fn swap<T>(items: &mut [T], place: Option<usize>, up: bool) {
    let Some(place) = place else {
        return;
    };
    let other = if up {
        place.checked_sub(1)
    } else {
        place.checked_add(1)
    };
    if let Some(other) = other.filter(|other| *other < items.len() && place < items.len()) {
        items.swap(place, other);
    }
}

/// A short text that differs when a layout does: what a form remembers of the one it began with.
pub(super) fn fingerprint(layout: &Layout) -> String {
    let mut hasher = DefaultHasher::new();
    format!("{layout:?}").hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use headwater_catalogue::Catalogue;

    use super::*;

    fn form(text: &str) -> Form {
        Form::read(text.as_bytes())
    }

    fn names(section: &LayoutSection) -> Vec<&str> {
        section
            .fields
            .iter()
            .map(|field| field.field.as_str())
            .collect()
    }

    #[test]
    fn numbers_say_the_order_and_fields_without_a_section_are_left_out() {
        let catalogue = Catalogue::built_in().unwrap();
        let account = catalogue.object("Account").unwrap();
        let sent = form(
            "sections=2&s0.title=Later&s0.order=20&s0.columns=1&s1.title=First&s1.order=10&s1.columns=2\
             &f.Name.section=1&f.Name.order=20&f.Phone.section=1&f.Phone.order=5&f.Site.section=0&f.Site.readonly=true",
        );
        let working = Working::read(account, &sent);
        assert_eq!(working.sections[0].title, "First");
        assert_eq!(names(&working.sections[0]), ["Phone", "Name"]);
        assert_eq!(names(&working.sections[1]), ["Site"]);
        assert!(working.sections[1].fields[0].read_only);
        assert!(working.left_out.iter().any(|field| field.field == "Fax"));
    }

    #[test]
    fn the_fields_of_a_section_that_goes_stay_on_the_page() {
        let catalogue = Catalogue::built_in().unwrap();
        let account = catalogue.object("Account").unwrap();
        let sent = form(
            "sections=2&s0.title=A&s0.order=1&s1.title=B&s1.order=2&f.Name.section=0&f.Phone.section=1",
        );
        let mut working = Working::read(account, &sent);
        working.act(&Act::DropSection(1));
        assert_eq!(names(&working.sections[0]), ["Name", "Phone"]);
        working.act(&Act::MoveField("Phone".to_owned(), true));
        assert_eq!(names(&working.sections[0]), ["Phone", "Name"]);
        working.act(&Act::MoveField("Phone".to_owned(), true));
        assert_eq!(names(&working.sections[0]), ["Phone", "Name"]);
    }
}
