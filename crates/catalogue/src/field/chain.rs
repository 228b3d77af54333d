//! Builders that say what differs from a fresh field of the kind.

use std::borrow::Cow;

use super::{DefaultValue, Field, Formula, Rollup, Source};
use crate::kind::{Kind, OnDelete};
use crate::search::{SearchClass, Searched};

/// Builders that say what differs.
impl Field {
    /// What people see.
    pub const fn label(mut self, label: &'static str) -> Self {
        put(&mut self.label, Cow::Borrowed(label));
        self
    }

    /// A create and an update may carry it.
    pub const fn editable(mut self) -> Self {
        self.createable = true;
        self.updateable = true;
        self
    }

    /// A create may carry it, an update never.
    pub const fn set_once(mut self) -> Self {
        self.createable = true;
        self.updateable = false;
        self
    }

    /// An update may carry it, a create never.
    pub const fn update_only(mut self) -> Self {
        self.createable = false;
        self.updateable = true;
        self
    }

    /// It is never empty.
    pub const fn required(mut self) -> Self {
        self.nillable = false;
        self
    }

    /// A create without it gets this text or picklist value.
    pub const fn default_text(mut self, text: &'static str) -> Self {
        put(&mut self.default, Some(DefaultValue::Text(Cow::Borrowed(text))));
        self
    }

    /// A create without it gets this.
    pub const fn default_value(mut self, value: DefaultValue) -> Self {
        put(&mut self.default, Some(value));
        self
    }

    /// A checkbox that a create without it ticks.
    pub const fn ticked(self) -> Self {
        self.default_value(DefaultValue::Boolean(true))
    }

    /// A create without it gets this, and so does one that sends null, so that no row lacks it;
    /// describe says nillable all the same.
    pub const fn always_filled(mut self, value: DefaultValue) -> Self {
        self.always_filled = true;
        self.default_value(value)
    }

    /// It can be selected, but not filtered, grouped or sorted.
    pub const fn selectable_only(mut self) -> Self {
        self.filterable = false;
        self.groupable = false;
        self.sortable = false;
        self
    }

    /// It can be filtered though its kind is not.
    pub const fn filterable(mut self) -> Self {
        self.filterable = true;
        self
    }

    /// It can be sorted though its kind is not.
    pub const fn sortable(mut self) -> Self {
        self.sortable = true;
        self
    }

    /// It cannot be filtered.
    pub const fn unfilterable(mut self) -> Self {
        self.filterable = false;
        self
    }

    /// It cannot be grouped.
    pub const fn ungroupable(mut self) -> Self {
        self.groupable = false;
        self
    }

    /// It cannot be sorted.
    pub const fn unsortable(mut self) -> Self {
        self.sortable = false;
        self
    }

    /// No two records hold the same.
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Text compares with its case.
    pub const fn case_sensitive(mut self) -> Self {
        self.case_sensitive = true;
        self
    }

    /// Records are found by it in URLs.
    pub const fn external_id(mut self) -> Self {
        self.external_id = true;
        self.id_lookup = true;
        self
    }

    /// A parent can be named by it in a body.
    pub const fn id_lookup(mut self) -> Self {
        self.id_lookup = true;
        self
    }

    /// It is the record's name.
    pub const fn name_field(mut self) -> Self {
        self.name_field = true;
        self
    }

    /// Profiles and permission sets grant it by itself.
    pub const fn permissionable(mut self) -> Self {
        self.permissionable = true;
        self
    }

    /// Its changes go to the history object.
    pub const fn tracked(mut self) -> Self {
        self.tracked = true;
        self
    }

    /// Only the server's own code sees it.
    pub const fn internal(mut self) -> Self {
        self.internal = true;
        self
    }

    /// It remembers since when this checkbox is ticked.
    pub const fn since(mut self, checkbox: &'static str) -> Self {
        put(&mut self.since, Some(Cow::Borrowed(checkbox)));
        self
    }

    /// Searches look into it as this, whatever its kind.
    pub const fn searched_as(mut self, class: SearchClass) -> Self {
        self.searched = Searched::As(class);
        self
    }

    /// Searches do not look into it: another field has the same words.
    pub const fn unsearched(mut self) -> Self {
        self.searched = Searched::Not;
        self
    }

    /// Help for people.
    pub const fn help(mut self, help: &'static str) -> Self {
        put(&mut self.help, Some(Cow::Borrowed(help)));
        self
    }

    /// Its value is the field at the end of this path of relationship names, and nothing may write
    /// it here.
    pub const fn inherited(mut self, path: &'static str) -> Self {
        put(&mut self.source, Source::Inherited(Cow::Borrowed(path)));
        self.createable = false;
        self.updateable = false;
        self
    }

    /// Its value is worked out on reading, and nothing may write it.
    pub const fn formula(mut self, formula: Formula) -> Self {
        put(&mut self.source, Source::Formula(formula));
        self.createable = false;
        self.updateable = false;
        self
    }

    /// Its value is kept by the store from referring records, and nothing may write it.
    pub const fn rollup(mut self, rollup: Rollup) -> Self {
        put(&mut self.source, Source::Rollup(rollup));
        self.createable = false;
        self.updateable = false;
        self
    }
}

/// The builder for bytes; on a field of another kind it changes nothing.
impl Field {
    /// The field that says what kind of file the bytes are.
    pub const fn media_type(mut self, field: &'static str) -> Self {
        if let Kind::Base64(content) = &mut self.kind {
            put(&mut content.media_type, Some(Cow::Borrowed(field)));
        }
        self
    }
}

/// Builders for references; on a field of another kind they change nothing.
impl Field {
    /// The parent's name in paths.
    pub const fn relationship(mut self, name: &'static str) -> Self {
        if let Kind::Reference(reference) = &mut self.kind {
            put(&mut reference.relationship, Some(Cow::Borrowed(name)));
        }
        self
    }

    /// The parent cannot be reached by a path.
    pub const fn without_relationship(mut self) -> Self {
        if let Kind::Reference(reference) = &mut self.kind {
            put(&mut reference.relationship, None);
        }
        self
    }

    /// The name of the list of children on the parent's side.
    pub const fn children(mut self, name: &'static str) -> Self {
        if let Kind::Reference(reference) = &mut self.kind {
            put(&mut reference.children, Some(Cow::Borrowed(name)));
        }
        self
    }

    /// May point to records of custom objects as well.
    pub const fn custom_too(mut self) -> Self {
        if let Kind::Reference(reference) = &mut self.kind {
            reference.custom_too = true;
        }
        self
    }

    /// What deleting the parent does.
    pub const fn on_delete(mut self, on_delete: OnDelete) -> Self {
        if let Kind::Reference(reference) = &mut self.kind {
            reference.on_delete = on_delete;
        }
        self
    }
}

/// Overwrites a part of a value under construction. `const fn`s may not run destructors, and a
/// plain assignment would drop the old part; these are constants, so nothing is lost.
pub(super) const fn put<T>(slot: &mut T, value: T) {
    core::mem::forget(core::mem::replace(slot, value));
}
