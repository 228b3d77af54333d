//! The layout of an object that was given none: worked out from the catalogue, so that every
//! object has a good one, custom ones too.
//!
//! The name first, then references that can be edited, then the object's own fields in their order
//! and the owner; addresses and long texts apart, many checkboxes apart, and who made and changed
//! the record at the end. The two objects this server is about say what comes before.

use headwater_catalogue::{Field, Formula, Kind, Object, Source};

use super::{Layout, LayoutField, LayoutSection};

/// The title of an object's main section.
pub(super) const DETAILS: &str = "Details";

/// Checkboxes beyond this number get a section of their own.
const CHECKBOXES_AMONG_OTHERS_MAX: usize = 6;

/// What is told apart from a record's own fields: when and by whom it was made and changed.
const SYSTEM: [&str; 4] = [
    "CreatedById",
    "CreatedDate",
    "LastModifiedById",
    "LastModifiedDate",
];

/// Nothing that people look at.
const HIDDEN: [&str; 3] = ["Id", "IsDeleted", "SystemModstamp"];

/// Sections that come first: of an object, a title and its fields.
type First = (&'static str, &'static str, &'static [&'static str]);

const FIRST: &[First] = &[
    (
        "MessagingSession",
        "Who",
        &["MessagingEndUserId", "EndUserAccountId", "EndUserContactId"],
    ),
    (
        "MessagingSession",
        "Related records",
        &["CaseId", "LeadId", "OpportunityId", "CampaignId"],
    ),
    (
        "MessagingSession",
        "Conversation",
        &[
            "Name",
            "Status",
            "ChannelName",
            "ChannelType",
            "StartTime",
            "AcceptTime",
            "EndTime",
            "EndedByType",
            "Origin",
            "AgentType",
            "EndUserMessageCount",
            "AgentMessageCount",
            "OwnerId",
            "EndUserLanguage",
        ],
    ),
    (
        "MessagingEndUser",
        "Linked to",
        &["AccountId", "ContactId", "LeadId"],
    ),
];

/// The usual layout of an object.
pub(super) fn layout(object: &Object) -> Layout {
    let mut rest: Vec<&Field> = shown(object).collect();
    let mut take = |wanted: &dyn Fn(&Field) -> bool| -> Vec<&Field> {
        let (taken, left) = rest.drain(..).partition(|field| wanted(field));
        rest = left;
        taken
    };
    let system = take(&|field| SYSTEM.contains(&&*field.name));
    let firsts = FIRST.iter().filter(|first| first.0 == object.name);
    let mut sections: Vec<LayoutSection> = firsts
        .map(|(_, title, names)| {
            let mut fields = take(&|field| names.contains(&&*field.name));
            fields.sort_by_key(|field| names.iter().position(|name| *name == field.name));
            section(title, 2, fields)
        })
        .collect();
    let addresses = object.fields.iter().filter_map(|field| match &field.kind {
        Kind::Address { prefix } => Some((field, &**prefix)),
        _ => None,
    });
    let mut later: Vec<LayoutSection> = addresses
        .map(|(address, prefix)| {
            let parts = take(&|field| is_part(object, field, prefix));
            section(&address.label, 2, parts)
        })
        .collect();
    later.push(section("Long texts", 1, take(&is_long)));
    let checkboxes = object.fields.iter().filter(|field| is_checkbox(field));
    if checkboxes.count() > CHECKBOXES_AMONG_OTHERS_MAX {
        later.push(section("Options", 2, take(&is_checkbox)));
    }
    let mut main = take(&|field| field.name_field);
    main.extend(take(&|field| is_link(field) && field.name != "OwnerId"));
    main.extend(take(&|field| field.name != "OwnerId"));
    main.extend(take(&|_| true));
    sections.push(section(DETAILS, 2, main));
    sections.append(&mut later);
    sections.push(section("System", 2, system));
    sections.retain(|section| !section.fields.is_empty());
    Layout { sections }
}

/// The fields that people look at. An address is shown by its parts, which are what is edited, and
/// the bytes of a file are nothing to look at.
pub(super) fn shown(object: &Object) -> impl Iterator<Item = &Field> {
    let merged_into = object.merged_into();
    object
        .fields
        .iter()
        .enumerate()
        .filter_map(move |(place, field)| {
            // Who looks at a page sees the record now.
            let is_empty = matches!(
                field.source,
                Source::Formula(Formula::LastSeen(_) | Formula::Unfilled)
            );
            let is_whole = matches!(field.kind, Kind::Address { .. } | Kind::Base64(_));
            let is_hidden = field.internal || HIDDEN.contains(&&*field.name);
            let none = is_empty || is_whole || is_hidden || merged_into == Some(place);
            (!none).then_some(field)
        })
}

/// A field as it usually stands on a page.
pub(super) fn placed(field: &Field) -> LayoutField {
    LayoutField {
        field: field.name.to_string(),
        required: field.must_be_given(),
        read_only: false,
    }
}

fn section(title: &str, columns: u8, fields: Vec<&Field>) -> LayoutSection {
    LayoutSection {
        title: title.to_owned(),
        columns,
        fields: fields.into_iter().map(placed).collect(),
    }
}

/// Whether a field is a part of the address whose parts begin so.
fn is_part(object: &Object, field: &Field, prefix: &str) -> bool {
    crate::permissions::address_of(object, field).is_some_and(
        |address| matches!(&address.kind, Kind::Address { prefix: own } if own == prefix),
    )
}

fn is_link(field: &Field) -> bool {
    field.kind.as_reference().is_some() && (field.createable || field.updateable)
}

fn is_long(field: &Field) -> bool {
    matches!(field.kind, Kind::TextArea { .. })
}

fn is_checkbox(field: &Field) -> bool {
    matches!(field.kind, Kind::Boolean)
}

#[cfg(test)]
mod tests {
    use headwater_catalogue::Catalogue;

    use super::super::check;
    use super::*;

    fn titles(layout: &Layout) -> Vec<&str> {
        let titles = layout.sections.iter().map(|section| &*section.title);
        titles.collect()
    }

    #[test]
    fn every_object_has_a_usual_layout_that_could_be_set() {
        let catalogue = Catalogue::built_in().unwrap();
        for object in catalogue.objects() {
            let usual = layout(object);
            let checked = check::checked(object, &usual);
            assert_eq!(checked.unwrap(), usual, "{}", object.name);
            let fields = shown(object).count();
            assert_eq!(usual.fields().count(), fields, "{}", object.name);
        }
    }

    #[test]
    fn a_session_begins_with_whom_it_is_with() {
        let catalogue = Catalogue::built_in().unwrap();
        let usual = layout(catalogue.object("MessagingSession").unwrap());
        assert_eq!(
            titles(&usual),
            [
                "Who",
                "Related records",
                "Conversation",
                "Details",
                "System"
            ]
        );
        let who = usual.sections[0].fields.iter();
        let who: Vec<_> = who.map(|shown| &*shown.field).collect();
        assert_eq!(
            who,
            ["MessagingEndUserId", "EndUserAccountId", "EndUserContactId"]
        );
    }

    #[test]
    fn what_comes_first_is_there() {
        let catalogue = Catalogue::built_in().unwrap();
        for (object, title, fields) in FIRST {
            let object = catalogue.object(object).unwrap();
            for field in *fields {
                assert!(object.field(field).is_some(), "{title}: {field}");
            }
        }
    }

    #[test]
    fn addresses_and_long_texts_stand_apart() {
        let catalogue = Catalogue::built_in().unwrap();
        let usual = layout(catalogue.object("Account").unwrap());
        assert_eq!(usual.sections[0].fields[0].field, "Name");
        assert!(usual.sections[0].fields[0].required);
        assert_eq!(
            titles(&usual),
            [
                "Details",
                "Billing Address",
                "Shipping Address",
                "Long texts",
                "System"
            ]
        );
    }
}
