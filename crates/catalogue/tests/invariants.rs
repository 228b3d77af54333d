//! What no catalogue may be, whoever wrote its metadata: each is refused by name.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::borrow::Cow;

use headwater_catalogue::{
    Catalogue, CatalogueError, Choice, Columns, Field, Index, Object, OnDelete,
};

/// Why the built-in objects and one more of these fields do not go together.
fn refusal(fields: &'static [Field]) -> CatalogueError {
    refusal_of(Object::new("Thing__c", "a00", fields))
}

fn refusal_of(object: Object) -> CatalogueError {
    Catalogue::built_in().unwrap().with(object).unwrap_err()
}

fn name(text: &'static str) -> Cow<'static, str> {
    Cow::Borrowed(text)
}

const THING: Cow<'static, str> = Cow::Borrowed("Thing__c");

#[test]
fn an_object_of_fitting_fields_is_taken_in_and_found_ignoring_case() {
    const FIELDS: &[Field] =
        &[Field::reference("Account__c", "Account").relationship("Account__r")];
    let object = Object::new("Thing__c", "a00", FIELDS);
    let catalogue = Catalogue::built_in().unwrap().with(object).unwrap();
    let thing = catalogue.object("THING__C").unwrap();
    assert_eq!(catalogue.follow(thing, "account__r.owner.name").unwrap().object.name, "User");
}

#[test]
fn an_object_takes_the_place_of_the_one_of_its_name_and_system_fields_do_not_double() {
    let catalogue = Catalogue::built_in().unwrap();
    let lead = catalogue.object("Lead").unwrap();
    let again = catalogue.with(Catalogue::own_fields(lead)).unwrap();
    assert_eq!(again.object("Lead").unwrap(), lead);
    assert_eq!(again.objects().len(), catalogue.objects().len());
}

#[test]
fn two_objects_cannot_share_a_prefix() {
    let error = refusal_of(Object::new("Thing__c", "0PA", &[]));
    assert!(matches!(error, CatalogueError::DuplicatePrefix(object, _) if object == THING));
}

#[test]
fn two_fields_cannot_differ_by_case_only() {
    const FIELDS: &[Field] = &[Field::date("Due__c"), Field::date("DUE__c")];
    assert_eq!(refusal(FIELDS), CatalogueError::DuplicateField(THING, name("DUE__c")));
}

#[test]
fn a_field_cannot_be_called_as_a_system_field_is() {
    const FIELDS: &[Field] = &[Field::boolean("isDeleted")];
    assert!(
        matches!(refusal(FIELDS), CatalogueError::DuplicateField(object, _) if object == THING)
    );
}

#[test]
fn names_are_short_and_plain() {
    const LONG: &str = "An_identifier_that_goes_on_and_on_until_no_database_takes_all_of";
    const QUOTED: &[Field] = &[Field::date("Due\"__c")];
    const TOO_LONG: &[Field] = &[Field::date(LONG)];
    assert_eq!(refusal(QUOTED), CatalogueError::BadName(name("Due\"__c")));
    assert_eq!(refusal(TOO_LONG), CatalogueError::BadName(name(LONG)));
}

#[test]
fn a_reference_leads_to_an_object_that_exists() {
    const FIELDS: &[Field] = &[Field::reference("Other__c", "Other__c")];
    let error = CatalogueError::UnknownTarget(THING, name("Other__c"), name("Other__c"));
    assert_eq!(refusal(FIELDS), error);
}

#[test]
fn a_required_reference_is_not_cleared() {
    const FIELDS: &[Field] = &[Field::reference("AccountId", "Account").required()];
    assert_eq!(refusal(FIELDS), CatalogueError::RequiredButCleared(THING, name("AccountId")));
}

#[test]
fn lists_of_children_have_names_of_their_own() {
    const FIELDS: &[Field] = &[Field::reference("AccountId", "Account").children("contacts")];
    let error = CatalogueError::DuplicateChildren(name("Account"), name("contacts"));
    let reversed = CatalogueError::DuplicateChildren(name("Account"), name("Contacts"));
    assert!([error, reversed].contains(&refusal(FIELDS)));
}

#[test]
fn an_inherited_path_leads_to_a_field_of_the_same_kind() {
    const NOWHERE: &[Field] =
        &[Field::reference("AccountId", "Account"), Field::phone("P__c").inherited("Account.Nope")];
    const OTHER_KIND: &[Field] =
        &[Field::reference("AccountId", "Account"), Field::date("P__c").inherited("Account.Phone")];
    for fields in [NOWHERE, OTHER_KIND] {
        let error = refusal(fields);
        assert!(
            matches!(&error, CatalogueError::BadPath(_, field, _) if field == "P__c"),
            "{error}"
        );
    }
}

#[test]
fn an_inherited_field_does_not_lead_back_to_itself() {
    const FIELDS: &[Field] = &[
        Field::reference("ParentId", "Thing__c").on_delete(OnDelete::Cascade),
        Field::phone("P__c").inherited("Parent.P__c"),
    ];
    assert_eq!(refusal(FIELDS), CatalogueError::InheritedTooFar(THING, name("P__c")));
}

#[test]
fn what_is_not_stored_is_not_writable_however_it_was_said() {
    const FIELDS: &[Field] = &[
        Field::reference("AccountId", "Account"),
        Field::phone("P__c").inherited("Account.Phone").editable(),
    ];
    assert_eq!(refusal(FIELDS), CatalogueError::WritableButNotStored(THING, name("P__c")));
}

#[test]
fn a_default_is_one_of_the_values() {
    const COLOURS: &[Choice] = &Choice::list(["Red", "Blue"]);
    const FIELDS: &[Field] = &[Field::picklist("Colour__c", COLOURS).default_text("Green")];
    assert_eq!(refusal(FIELDS), CatalogueError::BadDefault(THING, name("Colour__c")));
}

#[test]
fn a_moment_is_remembered_of_a_checkbox_beside_it() {
    const NO_CHECKBOX: &[Field] =
        &[Field::date("On__c"), Field::datetime("Since__c").since("On__c")];
    const NO_MOMENT: &[Field] = &[Field::boolean("On__c"), Field::date("Since__c").since("On__c")];
    for fields in [NO_CHECKBOX, NO_MOMENT] {
        let error = CatalogueError::BadSince(THING, name("Since__c"), name("On__c"));
        assert_eq!(refusal(fields), error);
    }
}

#[test]
fn bytes_are_counted_in_a_number_beside_them() {
    const NO_SIZE: &[Field] = &[Field::base64("File__c", "Size__c")];
    const NO_NUMBER: &[Field] = &[Field::base64("File__c", "Size__c"), Field::phone("Size__c")];
    for fields in [NO_SIZE, NO_NUMBER] {
        let error = CatalogueError::BadContent(THING, name("File__c"), name("Size__c"));
        assert_eq!(refusal(fields), error);
    }
}

#[test]
fn an_index_is_over_columns() {
    const NAME: Columns = &[Index::ascending("Name__c")];
    const INDEXES: &[Index] = &[Index::on(NAME)];
    let error = refusal_of(Object::new("Thing__c", "a00", &[]).indexes(INDEXES));
    assert_eq!(error, CatalogueError::BadIndex(THING, name("Name__c")));
}

#[test]
fn a_history_object_has_the_shape_of_one() {
    let error = refusal_of(Object::new("Thing__c", "a00", &[]).history("Account"));
    assert_eq!(error, CatalogueError::BadHistory(THING, name("Account")));
}
