//! Permissions, queues and groups: rows that name objects and fields must name ones that exist, as
//! the catalogue spells them, and a right takes those it makes no sense without.

use headwater_catalogue::Value;

use super::Rule;
use crate::change::Change;

/// Rights on an object.
pub(super) const OBJECT: Rule = Rule {
    objects: &["ObjectPermissions"],
    when: &OBJECT_RIGHTS,
    knows: &OBJECT_RIGHTS,
    apply: object_rights,
};

/// Rights on a field.
pub(super) const FIELD: Rule = Rule {
    objects: &["FieldPermissions"],
    when: &["PermissionsRead", "PermissionsEdit"],
    knows: &["PermissionsRead", "PermissionsEdit"],
    apply: field_rights,
};

/// The object that a queue takes, or that a default is for.
pub(super) const NAMED: Rule = Rule {
    objects: &["QueueSobject", "DefaultRecordType"],
    when: &[],
    knows: &[],
    apply: object_name,
};

/// A group is not in itself.
pub(super) const MEMBER: Rule = Rule {
    objects: &["GroupMember"],
    when: &[],
    knows: &[],
    apply: member,
};

const OBJECT_RIGHTS: [&str; 6] = [
    "PermissionsRead",
    "PermissionsCreate",
    "PermissionsEdit",
    "PermissionsDelete",
    "PermissionsViewAllRecords",
    "PermissionsModifyAllRecords",
];

/// Each right with those it takes.
const NEEDS: [(&str, &[&str]); 5] = [
    ("PermissionsCreate", &["PermissionsRead"]),
    ("PermissionsEdit", &["PermissionsRead"]),
    ("PermissionsDelete", &["PermissionsRead", "PermissionsEdit"]),
    ("PermissionsViewAllRecords", &["PermissionsRead"]),
    (
        "PermissionsModifyAllRecords",
        &[
            "PermissionsRead",
            "PermissionsEdit",
            "PermissionsDelete",
            "PermissionsViewAllRecords",
        ],
    ),
];

fn object_rights(change: &mut Change<'_>) {
    object_name(change);
    for (right, needed) in NEEDS {
        let lacking = needed.iter().find(|needed| !change.holds(needed).is_true());
        if let (true, Some(lacking)) = (change.holds(right).is_true(), lacking) {
            let message = format!("{right} takes {lacking}");
            change.refuse_rule(&[lacking], message);
            return;
        }
    }
}

fn object_name(change: &mut Change<'_>) {
    let Some(named) = change.given("SobjectType").and_then(Value::as_text) else {
        return;
    };
    let Some(object) = change.catalogue().object(named) else {
        let message = format!("SObject Type Name: there is no object {named}");
        change.refuse_rule(&["SobjectType"], message);
        return;
    };
    let name = object.name.to_string();
    change.set("SobjectType", name);
}

fn field_rights(change: &mut Change<'_>) {
    if change.is_create() {
        object_name(change);
        field_name(change);
    }
    let (read, edit) = (
        change.holds("PermissionsRead").is_true(),
        change.holds("PermissionsEdit").is_true(),
    );
    if edit && !read {
        change.refuse_rule(
            &["PermissionsRead"],
            "PermissionsEdit takes PermissionsRead",
        );
    }
}

fn field_name(change: &mut Change<'_>) {
    let Some(named) = change.given("Field").and_then(Value::as_text) else {
        return;
    };
    let spelled = named.split_once('.').and_then(|(object, field)| {
        let object = change.catalogue().object(object)?;
        let field = object.field(field).filter(|field| field.permissionable)?;
        Some((
            object.name.to_string(),
            format!("{}.{}", object.name, field.name),
        ))
    });
    let Some((object, field)) = spelled else {
        let message =
            format!("Field Name: {named} does not name a field that is granted by itself");
        change.refuse_rule(&["Field"], message);
        return;
    };
    let given = change.holds("SobjectType").as_text();
    if given.is_some_and(|given| given != object) {
        let message = format!("Field Name: {field} is not a field of the SObject Type Name");
        change.refuse_rule(&["Field"], message);
    }
    change.set("Field", field);
}

fn member(change: &mut Change<'_>) {
    if change.given("GroupId") == change.given("UserOrGroupId") && change.given("GroupId").is_some()
    {
        change.refuse_rule(
            &["UserOrGroupId"],
            "User/Group ID: a group cannot be in itself",
        );
    }
}
