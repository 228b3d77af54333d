//! Every kind of page that there is, to be walked.

use crate::stage::{Stage, session_page};

/// The pages, each by what it is called in pictures and its path, for somebody who may see all.
pub(crate) fn all(stage: &Stage) -> Vec<(String, String)> {
    let id = |soql: &str| stage.admin.id(soql);
    let jordan = id("SELECT Id FROM MessagingEndUser WHERE Name = 'Jordan Avery'");
    let session = stage.session();
    let ended = id("SELECT Id FROM MessagingSession WHERE Status = 'Ended' LIMIT 1");
    let sample = id("SELECT Id FROM Account WHERE Name = 'Sample'");
    let agent = id("SELECT Id FROM User WHERE Username = 'agent@headwater.example'");
    let profile = id(
        "SELECT Id FROM PermissionSet WHERE IsOwnedByProfile = true \
                      AND Profile.Name = 'Support Agent'",
    );
    let from = "?from=%2Fo%2FMessagingSession%3Fview%3Dall";
    let mut pages = vec![
        ("sessions", "/o/MessagingSession".to_owned()),
        (
            "sessions-ended",
            "/o/MessagingSession?view=ended".to_owned(),
        ),
        ("nothing-found", "/o/MessagingSession?q=nobody".to_owned()),
        ("session", session.clone()),
        ("session-beside-list", format!("{session}{from}")),
        ("session-ended", session_page(&ended)),
        ("session-edit", format!("{session}/edit")),
        ("messaging-users", "/o/MessagingEndUser".to_owned()),
        ("messaging-user", format!("/r/MessagingEndUser/{jordan}")),
        (
            "messaging-user-edit",
            format!("/r/MessagingEndUser/{jordan}/edit"),
        ),
        ("relink", format!("/relink?user={jordan}")),
        ("shared-addresses", "/shared-addresses".to_owned()),
        ("account", format!("/r/Account/{sample}")),
        ("account-edit", format!("/r/Account/{sample}/edit")),
        ("account-delete", format!("/r/Account/{sample}/delete")),
        ("search", "/search?q=sample".to_owned()),
        ("objects", "/objects".to_owned()),
        ("dashboard", "/dashboard".to_owned()),
        ("supervisor", "/supervisor".to_owned()),
        ("presence", "/presence".to_owned()),
        ("preferences", "/preferences".to_owned()),
        ("relinks", "/o/Relink".to_owned()),
        ("setup", "/setup".to_owned()),
        ("setup-users", "/setup/users".to_owned()),
        ("setup-user", format!("/setup/users/{agent}")),
        ("setup-permissions", "/setup/permission-sets".to_owned()),
        (
            "setup-permission-set",
            format!("/setup/permission-sets/{profile}"),
        ),
        (
            "setup-matrix",
            format!("/setup/permission-sets/{profile}/MessagingSession"),
        ),
        ("setup-new-set", "/setup/permission-sets/new".to_owned()),
        (
            "setup-access",
            format!("/setup/access?user={agent}&record={jordan}"),
        ),
        ("setup-objects", "/setup/objects".to_owned()),
        ("setup-new-object", "/setup/objects/new".to_owned()),
        ("setup-object", "/setup/objects/MessagingSession".to_owned()),
        (
            "setup-field",
            "/setup/objects/MessagingSession/fields/EndUserAccountId".to_owned(),
        ),
        (
            "setup-new-field",
            "/setup/objects/Account/new-field".to_owned(),
        ),
        (
            "setup-new-picklist",
            "/setup/objects/Account/new-field?type=Picklist".to_owned(),
        ),
        ("setup-layout", "/setup/objects/Account/layout".to_owned()),
        ("setup-routing", "/setup/routing".to_owned()),
        ("setup-apps", "/setup/apps".to_owned()),
        ("setup-new-app", "/setup/apps/new".to_owned()),
        ("setup-audit", "/setup/audit".to_owned()),
    ];
    for object in ["Account", "Contact", "Case", "Lead", "Opportunity"] {
        pages.push(("list", format!("/o/{object}")));
        pages.push(("new", format!("/o/{object}/new")));
        let some = id(&format!("SELECT Id FROM {object} LIMIT 1"));
        pages.push(("record", format!("/r/{object}/{some}")));
    }
    let named = pages
        .into_iter()
        .map(|(name, path)| (name.to_owned(), path));
    named.collect()
}
