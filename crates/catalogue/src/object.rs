//! Objects: a table of records, its fields, and what may be done with it.

use std::borrow::Cow;

use crate::field::Field;
use crate::kind::OnDelete;
use crate::{KeyPrefix, Name};

/// One object: `MessagingSession`, `Account`, or one made at run time.
///
/// The constants in [`crate::objects`] list an object's own fields only; building a
/// [`crate::Catalogue`] puts the system fields around them.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Object {
    /// The API name.
    pub name: Name,
    /// What people see for one.
    pub label: Name,
    /// What people see for several.
    pub plural: Name,
    /// What its record ids begin with. History objects share `017` and describe says null.
    pub prefix: KeyPrefix,
    /// Whether describe shows the prefix and an id tells the object.
    pub prefix_is_shared: bool,
    /// The fields in describe's order.
    pub fields: Cow<'static, [Field]>,
    /// Which system fields it has.
    pub system: SystemFields,
    /// Which calls it takes.
    pub calls: Calls,
    /// Who may do what with it.
    pub access: Access,
    /// Which records a caller sees who does not own them.
    pub sharing: Sharing,
    /// The object that keeps its tracked changes.
    pub history: Option<Name>,
    /// Whether it was made at run time.
    pub custom: bool,
    /// Extra indexes beyond those that references, unique fields and names get.
    pub indexes: Cow<'static, [Index]>,
    /// A query must say which records of one of these references it is about: see [`Object::filtered_by`].
    pub filtered_by: Cow<'static, [Name]>,
    /// Whether the doors have recents for it (`LastViewedDate`, `LastReferencedDate`).
    pub recents: bool,
    /// Whether its changes go into the change log: see [`Object::unlogged`].
    pub logged: bool,
}

/// Which of the system fields an object has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemFields {
    /// `Id`, `IsDeleted`, created, last modified, `SystemModstamp`.
    Full,
    /// As full, but no `IsDeleted`: a delete removes the row (users, permissions, set-up).
    WithoutIsDeleted,
    /// `Id`, `IsDeleted`, `CreatedById`, `CreatedDate`: history rows.
    CreatedOnly,
    /// `Id`, `IsDeleted`, `SystemModstamp`: links of files.
    StampOnly,
}

/// Which calls an object takes. A call that is not here answers 405.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one of describe's own flags")]
pub struct Calls {
    /// create, and the insert half of upsert.
    pub create: bool,
    /// update, and the update half of upsert.
    pub update: bool,
    /// delete.
    pub delete: bool,
    /// undelete.
    pub undelete: bool,
    /// SOQL.
    pub query: bool,
    /// SOSL.
    pub search: bool,
    /// getUpdated and getDeleted.
    pub replicate: bool,
}

impl Calls {
    /// Every call.
    pub const ALL: Self = Self {
        create: true,
        update: true,
        delete: true,
        undelete: true,
        query: true,
        search: true,
        replicate: true,
    };

    /// Set-up objects: everything but the recycle bin and search.
    pub const SET_UP: Self = Self { undelete: false, search: false, replicate: false, ..Self::ALL };

    /// Read with SOQL and by id, and nothing else.
    pub const QUERY: Self = Self { create: false, update: false, delete: false, ..Self::SET_UP };

    /// No call at all.
    pub const NONE: Self = Self { query: false, ..Self::QUERY };
}

/// Who may do what with an object's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Object and field permissions of the caller's profile and permission sets decide.
    Granted,
    /// Rights follow those on another object: history rows follow their parent, entries their
    /// session.
    Follows(Name),
    /// Everyone who may use the API reads it; writing takes this system permission.
    SetUp(SystemPermission),
    /// Whoever holds this system permission reads it, and nobody writes it but the server.
    SeenWith(SystemPermission),
    /// Only the server's own code: no door shows it.
    Internal,
}

/// Permissions that are not about one object. Fields of `PermissionSet` named `Permissions…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SystemPermission {
    /// `PermissionsApiEnabled`: use the API at all.
    ApiEnabled,
    /// `PermissionsViewAllData`: see every record.
    ViewAllData,
    /// `PermissionsModifyAllData`: see and change every record.
    ModifyAllData,
    /// `PermissionsViewSetup`: see the set-up.
    ViewSetup,
    /// `PermissionsCustomizeApplication`: make objects, fields, channels, apps.
    CustomizeApplication,
    /// `PermissionsManageUsers`: users, profiles, permission sets, groups.
    ManageUsers,
}

impl SystemPermission {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::ApiEnabled,
        Self::ViewAllData,
        Self::ModifyAllData,
        Self::ViewSetup,
        Self::CustomizeApplication,
        Self::ManageUsers,
    ];

    /// The field of `PermissionSet` that grants it.
    pub const fn field(self) -> &'static str {
        match self {
            Self::ApiEnabled => "PermissionsApiEnabled",
            Self::ViewAllData => "PermissionsViewAllData",
            Self::ModifyAllData => "PermissionsModifyAllData",
            Self::ViewSetup => "PermissionsViewSetup",
            Self::CustomizeApplication => "PermissionsCustomizeApplication",
            Self::ManageUsers => "PermissionsManageUsers",
        }
    }
}

/// Which records of an object a caller reaches who does not own them: the organization-wide
/// default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sharing {
    /// Everyone with the object right reads and edits every record.
    PublicReadWrite,
    /// Everyone with the object right reads every record; the owner and `ModifyAll` edit.
    PublicRead,
    /// Owners, their queues' members, and holders of `ViewAll` or `ModifyAll`.
    Private,
    /// Whoever reaches the record this reference field names.
    ControlledByParent(Name),
    /// Owners, and whoever reaches a record that it is linked to. Only its owner deletes it.
    ThroughLinks(Links),
}

/// The object whose records link those of another to records of any sort.
///
/// What a link lets people do is in its `ShareType`: with `V` whoever sees the linked record sees
/// this one too, with `C` they also change it, and with `I` those change it who may change the linked
/// record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// The object.
    pub object: Name,
    /// Its reference to what is linked.
    pub linked: Name,
    /// Its reference to what that is linked to.
    pub entity: Name,
}

/// The columns of a built-in index, each with whether it descends.
pub type Columns = &'static [(Name, bool)];

/// An index over columns of one object.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// Columns with whether they descend.
    pub columns: Cow<'static, [(Name, bool)]>,
    /// Whether rows must differ in them.
    pub unique: bool,
    /// Only rows whose field holds none of these values are in it (`Status` of ended sessions), and
    /// never deleted rows.
    pub unless: Option<(Name, Cow<'static, [Name]>)>,
}

impl Index {
    /// An index over these columns.
    pub const fn on(columns: Columns) -> Self {
        Self { columns: Cow::Borrowed(columns), unique: false, unless: None }
    }

    /// A column in ascending order.
    pub const fn ascending(name: &'static str) -> (Name, bool) {
        (Cow::Borrowed(name), false)
    }

    /// A column in descending order.
    pub const fn descending(name: &'static str) -> (Name, bool) {
        (Cow::Borrowed(name), true)
    }

    /// Rows must differ in the columns.
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Rows whose field holds one of these values are left out.
    pub const fn unless(mut self, field: &'static str, values: &'static [Name]) -> Self {
        core::mem::forget(self.unless.replace((Cow::Borrowed(field), Cow::Borrowed(values))));
        self
    }
}

impl Object {
    /// An object with every call, full system fields, granted access and public read-write
    /// sharing. Its plural is the label with an `s`.
    pub const fn new(name: &'static str, prefix: &'static str, fields: &'static [Field]) -> Self {
        Self {
            name: Cow::Borrowed(name),
            label: Cow::Borrowed(name),
            plural: Cow::Borrowed(""),
            prefix: KeyPrefix::new(prefix),
            prefix_is_shared: false,
            fields: Cow::Borrowed(fields),
            system: SystemFields::Full,
            calls: Calls::ALL,
            access: Access::Granted,
            sharing: Sharing::PublicReadWrite,
            history: None,
            custom: false,
            indexes: Cow::Borrowed(&[]),
            filtered_by: Cow::Borrowed(&[]),
            recents: false,
            logged: true,
        }
    }

    /// What people see, for one and for several.
    pub const fn label(mut self, label: &'static str, plural: &'static str) -> Self {
        core::mem::forget(core::mem::replace(&mut self.label, Cow::Borrowed(label)));
        core::mem::forget(core::mem::replace(&mut self.plural, Cow::Borrowed(plural)));
        self
    }

    /// Which system fields it has.
    pub const fn system(mut self, system: SystemFields) -> Self {
        self.system = system;
        self
    }

    /// Which calls it takes.
    pub const fn calls(mut self, calls: Calls) -> Self {
        self.calls = calls;
        self
    }

    /// Who may do what with it.
    pub const fn access(mut self, access: Access) -> Self {
        core::mem::forget(core::mem::replace(&mut self.access, access));
        self
    }

    /// Which records a caller sees who does not own them.
    pub const fn sharing(mut self, sharing: Sharing) -> Self {
        core::mem::forget(core::mem::replace(&mut self.sharing, sharing));
        self
    }

    /// The object that keeps its tracked changes.
    pub const fn history(mut self, history: &'static str) -> Self {
        core::mem::forget(self.history.replace(Cow::Borrowed(history)));
        self
    }

    /// Extra indexes.
    pub const fn indexes(mut self, indexes: &'static [Index]) -> Self {
        core::mem::forget(core::mem::replace(&mut self.indexes, Cow::Borrowed(indexes)));
        self
    }

    /// A query is refused that does not compare one of these references with ids, by `=` or `IN`, as
    /// Salesforce refuses it for `ContentDocumentLink`.
    pub const fn filtered_by(mut self, references: &'static [Name]) -> Self {
        core::mem::forget(core::mem::replace(&mut self.filtered_by, Cow::Borrowed(references)));
        self
    }

    /// It has recents.
    pub const fn recents(mut self) -> Self {
        self.recents = true;
        self
    }

    /// Its changes are in no change log: records come and go by the thousand, nobody can follow them, and what
    /// follows from each is logged itself.
    pub const fn unlogged(mut self) -> Self {
        self.logged = false;
        self
    }

    /// Its prefix is shared with other objects, so an id does not tell it.
    pub const fn shared_prefix(mut self) -> Self {
        self.prefix_is_shared = true;
        self
    }

    /// The place of a field, by name ignoring case.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// A field by name, ignoring case.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// The reference field whose relationship has this name, ignoring case, with its place.
    pub fn relationship(&self, name: &str) -> Option<(usize, &Field)> {
        self.fields.iter().enumerate().find(|(_, field)| {
            let relationship = field.kind.as_reference().and_then(|r| r.relationship.as_deref());
            relationship.is_some_and(|r| r.eq_ignore_ascii_case(name))
        })
    }

    /// The field that names a record to people, if there is one.
    pub fn name_field(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.name_field)
    }

    /// The place of the reference in which a deleted record says what it was merged into. Objects
    /// without it do not merge.
    pub fn merged_into(&self) -> Option<usize> {
        self.position("MasterRecordId")
    }

    /// Whether a delete keeps the row in the recycle bin.
    pub fn keeps_deleted(&self) -> bool {
        !matches!(self.system, SystemFields::WithoutIsDeleted)
    }
}

/// A reference into an object, seen from the object it points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// The referring object.
    pub object: Name,
    /// Its reference field.
    pub field: Name,
    /// The name of the list on this side.
    pub children: Option<Name>,
    /// What deleting a record here does to the referring ones.
    pub on_delete: OnDelete,
    /// Whether the field is inherited, so that there is nothing stored to clear.
    pub inherited: bool,
}
