//! A layout as its record holds it: JSON, with the fields that were left out on purpose, so that a
//! field made later is not taken for one of them.

use headwater_catalogue::Object;
use serde_json::{Value, json};

use super::{Layout, LayoutField, LayoutSection, usual};
use crate::error::Error;

/// A stored layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Definition {
    layout: Layout,
    left_out: Vec<String>,
}

impl Definition {
    /// A layout of an object as it is now.
    pub(super) fn of(object: &Object, layout: Layout) -> Self {
        let places = |field: &str| layout.fields().any(|shown| shown.field == field);
        let left_out = usual::shown(object)
            .map(|field| field.name.to_string())
            .filter(|field| !places(field));
        Self {
            left_out: left_out.collect(),
            layout,
        }
    }

    /// The layout, with the custom fields that have been made since at the end of its first
    /// section.
    pub(super) fn with_new_fields(self, object: &Object) -> Layout {
        let Self {
            mut layout,
            left_out,
        } = self;
        let is_known = |name: &str| {
            left_out.iter().any(|known| known == name)
                || layout.fields().any(|shown| shown.field == name)
        };
        let custom = usual::shown(object).filter(|field| field.custom);
        let new: Vec<LayoutField> = custom
            .filter(|field| !is_known(&field.name))
            .map(usual::placed)
            .collect();
        match layout.sections.first_mut() {
            Some(first) => first.fields.extend(new),
            None if new.is_empty() => {}
            None => layout.sections.push(LayoutSection {
                title: usual::DETAILS.to_owned(),
                columns: 2,
                fields: new,
            }),
        }
        layout
    }

    pub(super) fn to_json(&self) -> String {
        let field = |shown: &LayoutField| {
            json!({
                "field": shown.field,
                "required": shown.required,
                "readOnly": shown.read_only,
            })
        };
        let section = |section: &LayoutSection| {
            json!({
                "title": section.title,
                "columns": section.columns,
                "fields": section.fields.iter().map(field).collect::<Vec<_>>(),
            })
        };
        let sections: Vec<Value> = self.layout.sections.iter().map(section).collect();
        json!({ "sections": sections, "leftOut": self.left_out }).to_string()
    }

    /// What [`Self::to_json`] wrote.
    pub(super) fn of_json(text: &str) -> Result<Self, Error> {
        let read = || {
            let value: Value = serde_json::from_str(text).ok()?;
            let sections = value["sections"].as_array()?.iter().map(section);
            let left_out = value["leftOut"].as_array()?.iter();
            let left_out = left_out.map(|name| name.as_str().map(str::to_owned));
            Some(Self {
                layout: Layout {
                    sections: sections.collect::<Option<_>>()?,
                },
                left_out: left_out.collect::<Option<_>>()?,
            })
        };
        read().ok_or_else(|| Error::internal("a page layout cannot be read"))
    }
}

fn section(value: &Value) -> Option<LayoutSection> {
    let fields = value["fields"].as_array()?.iter().map(|field| {
        Some(LayoutField {
            field: field["field"].as_str()?.to_owned(),
            required: field["required"].as_bool()?,
            read_only: field["readOnly"].as_bool()?,
        })
    });
    Some(LayoutSection {
        title: value["title"].as_str()?.to_owned(),
        columns: u8::try_from(value["columns"].as_u64()?).ok()?,
        fields: fields.collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use headwater_catalogue::Catalogue;

    use super::*;

    #[test]
    fn a_layout_is_read_as_it_was_written() {
        let catalogue = Catalogue::built_in().unwrap();
        for object in catalogue.objects() {
            let definition = Definition::of(object, usual::layout(object));
            let read = Definition::of_json(&definition.to_json()).unwrap();
            assert_eq!(read, definition, "{}", object.name);
        }
        assert!(Definition::of_json("{}").is_err());
    }
}
