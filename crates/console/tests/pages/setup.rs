//! Setup: who sees it, what its forms change, and that what they change holds at once.

use axum::http::StatusCode;
use headwater_records::LoginError;
use headwater_testkit::{ADMIN, AGENT, VIEWER};

use crate::site::{Browser, Page, Site, value_of};

/// The id of the first record that a query finds.
async fn id_of(site: &Site, soql: &str) -> String {
    let answer = site.server.query(soql).as_(ADMIN).send().await;
    let records = answer.records();
    let id = records.first().and_then(|record| record["Id"].as_str());
    id.unwrap_or_else(|| panic!("nothing for {soql}"))
        .to_owned()
}

/// The permission set in which a profile keeps its rights.
async fn set_of(site: &Site, profile: &str) -> String {
    let soql = format!("SELECT Id FROM PermissionSet WHERE Profile.Name = '{profile}'");
    id_of(site, &soql).await
}

async fn count(site: &Site, soql: &str) -> u64 {
    let answer = site.server.query(soql).as_(ADMIN).send().await;
    answer.expect(200)["totalSize"].as_u64().unwrap()
}

/// Sends the checkboxes of a page with some switched on and some off.
async fn switch(browser: &Browser, path: &str, on: &[&str], off: &[&str]) -> Page {
    let was = value_of(&browser.sees(path).await, "was");
    send_switches(browser, path, &was, on, off).await
}

async fn send_switches(
    browser: &Browser,
    path: &str,
    was: &str,
    on: &[&str],
    off: &[&str],
) -> Page {
    let stays = was.split_whitespace().filter(|name| !off.contains(name));
    let mut form = vec![("was", was)];
    form.extend(stays.chain(on.iter().copied()).map(|name| ("on", name)));
    browser.post(path, &form).await
}

#[tokio::test]
async fn whoever_may_not_view_the_set_up_is_refused_every_page_and_every_change() {
    let site = Site::start().await;
    let set = set_of(&site, "Support Agent").await;
    let user = site.server.user(AGENT).await;
    let pages = [
        "/setup".to_owned(),
        "/setup/users".to_owned(),
        format!("/setup/users/{user}"),
        "/setup/permission-sets".to_owned(),
        "/setup/permission-sets/new".to_owned(),
        format!("/setup/permission-sets/{set}"),
        format!("/setup/permission-sets/{set}/Account"),
        format!("/setup/access?user={AGENT}&object=Account"),
        "/setup/objects".to_owned(),
        "/setup/objects/new".to_owned(),
        "/setup/objects/Account".to_owned(),
        "/setup/objects/Account/fields/Phone".to_owned(),
        "/setup/objects/Account/new-field?type=Text".to_owned(),
        "/setup/objects/Account/layout".to_owned(),
        "/setup/apps".to_owned(),
        "/setup/apps/new".to_owned(),
        "/setup/audit".to_owned(),
        "/setup/bulk-jobs".to_owned(),
        "/setup/audit.csv".to_owned(),
    ];
    let changes = [
        format!("/setup/users/{user}/active"),
        format!("/setup/users/{user}/password"),
        format!("/setup/users/{user}/permission-sets"),
        format!("/setup/users/{user}/permission-sets/remove"),
        "/setup/permission-sets/new".to_owned(),
        format!("/setup/permission-sets/{set}"),
        format!("/setup/permission-sets/{set}/Account"),
        "/setup/objects/new".to_owned(),
        "/setup/objects/Account/new-field".to_owned(),
        "/setup/objects/Account/layout".to_owned(),
        "/setup/apps/new".to_owned(),
        "/setup/apps/active".to_owned(),
    ];
    let before = count(&site, "SELECT Id FROM SetupAuditTrail").await;
    let admin = site.admin().await;
    for page in &pages {
        assert_eq!(admin.open(page).await.status, StatusCode::OK, "{page}");
    }
    for who in [VIEWER, AGENT] {
        let browser = site.browser(who).await;
        assert!(
            !browser
                .sees("/preferences")
                .await
                .contains("href=\"/setup\"")
        );
        for page in &pages {
            assert_eq!(
                browser.open(page).await.status,
                StatusCode::FORBIDDEN,
                "{who} {page}"
            );
        }
        for change in &changes {
            let form = [
                ("act", "reset"),
                ("label", "X"),
                ("name", "X"),
                ("Name", "X"),
                ("type", "Text"),
            ];
            let answer = browser.post(change, &form).await;
            assert_eq!(
                answer.status,
                StatusCode::FORBIDDEN,
                "{who} {change}: {}",
                answer.body
            );
        }
    }
    for change in &changes {
        let answer = admin
            .post_plain(change, &[("act", "reset"), ("form_token", "none")])
            .await;
        assert_eq!(
            answer.status,
            StatusCode::FORBIDDEN,
            "without its token: {change}"
        );
    }
    assert_eq!(count(&site, "SELECT Id FROM SetupAuditTrail").await, before);
}

#[tokio::test]
async fn whoever_only_views_the_set_up_sees_no_control_and_changes_nothing() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let set = set_of(&site, "Support Agent").await;
    let page = format!("/setup/permission-sets/{set}");
    switch_system(&admin, &page, "PermissionsViewSetup").await;
    let agent = site.browser(AGENT).await;
    for path in [
        &page,
        &format!("{page}/Account"),
        "/setup/users",
        "/setup/objects/Account/layout",
        "/setup/apps",
    ] {
        let body = agent.sees(path).await;
        let main = body.split_once("setup-main").unwrap().1;
        let main = main.split("<div id=\"toasts\"").next().unwrap();
        assert!(
            !main.contains("class=\"primary\"") && !main.contains("type=\"checkbox\""),
            "{path}"
        );
    }
    let asked = agent.open("/setup/objects/Account/new-field").await;
    assert_eq!(asked.status, StatusCode::FORBIDDEN);
    let matrix = format!("{page}/Account");
    let was = value_of(&admin.sees(&matrix).await, "was");
    let taken = send_switches(
        &agent,
        &matrix,
        &was,
        &[],
        &["Account.Phone.PermissionsEdit"],
    )
    .await;
    assert_eq!(taken.status, StatusCode::FORBIDDEN);
    let layout = agent
        .post(
            "/setup/objects/Account/layout",
            &[("act", "save"), ("sections", "0")],
        )
        .await;
    assert_eq!(layout.status, StatusCode::FORBIDDEN);
}

/// Ticks one more system permission.
async fn switch_system(admin: &Browser, page: &str, permission: &str) {
    let body = admin.sees(page).await;
    let was = value_of(&body, "was");
    let mut form = vec![("part", "system"), ("was", &*was), ("on", permission)];
    form.extend(was.split_whitespace().map(|name| ("on", name)));
    let saved = admin.post(page, &form).await;
    assert_eq!(saved.leads_to(), page);
}

#[tokio::test]
async fn a_field_right_that_is_taken_away_is_refused_on_the_record_at_once() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let account = site.server.account("Sample").await;
    let (record, edit) = (
        format!("/r/Account/{account}"),
        format!("/r/Account/{account}/edit"),
    );
    let agent = site.browser(AGENT).await;
    assert!(agent.sees(&record).await.contains("edit?field=Phone\""));
    let saved = agent
        .post(&edit, &[("Phone", "1"), ("was.Phone", "")])
        .await;
    assert_eq!(saved.leads_to(), record);

    let set = set_of(&site, "Support Agent").await;
    let matrix = format!("/setup/permission-sets/{set}/Account");
    let saved = switch(&admin, &matrix, &[], &["Account.Phone.PermissionsEdit"]).await;
    assert_eq!(saved.leads_to(), matrix);

    assert!(!agent.sees(&record).await.contains("edit?field=Phone\""));
    let refused = agent
        .post(&edit, &[("Phone", "2"), ("was.Phone", "1")])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused
            .body
            .contains("the edit right on the field Account.Phone"),
        "{}",
        refused.body
    );
    let holds = format!("SELECT Id FROM Account WHERE Id = '{account}' AND Phone = '1'");
    assert_eq!(count(&site, &holds).await, 1);
    let trail = admin.sees("/setup/audit").await;
    assert!(
        trail.contains("field permission Account.Phone of Support Agent: edit field off"),
        "{trail}"
    );
}

#[tokio::test]
async fn editing_brings_reading_and_without_reading_there_is_no_editing() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let set = id_of(
        &site,
        "SELECT Id FROM PermissionSet WHERE Name = 'ReadOnly' OR Label = 'Read Only'",
    )
    .await;
    let matrix = format!("/setup/permission-sets/{set}/Account");
    let rows = |what: &str| {
        format!(
            "SELECT Id FROM FieldPermissions WHERE ParentId = '{set}' AND Field = 'Account.Phone'{what}"
        )
    };
    let both = [
        "Account.Phone.PermissionsRead",
        "Account.Phone.PermissionsEdit",
    ];
    switch(&admin, &matrix, &[], &both).await;
    assert_eq!(
        count(&site, &rows("")).await,
        0,
        "a row that grants nothing goes"
    );
    switch(&admin, &matrix, &[both[1]], &[]).await;
    let granted = rows(" AND PermissionsRead = true AND PermissionsEdit = true");
    assert_eq!(count(&site, &granted).await, 1);
    switch(&admin, &matrix, &[], &[both[0]]).await;
    assert_eq!(count(&site, &rows("")).await, 0);
    let others = format!(
        "SELECT Id FROM FieldPermissions WHERE ParentId = '{set}' AND Field = 'Account.Fax'"
    );
    assert_eq!(count(&site, &others).await, 1, "what was not touched stays");
}

#[tokio::test]
async fn whoever_saves_second_is_told_what_the_first_has_changed() {
    let site = Site::start().await;
    let (first, second) = (site.admin().await, site.admin().await);
    let set = set_of(&site, "Support Agent").await;
    let matrix = format!("/setup/permission-sets/{set}/Account");
    let was = value_of(&second.sees(&matrix).await, "was");
    switch(&first, &matrix, &[], &["Account.Phone.PermissionsEdit"]).await;
    let late = send_switches(
        &second,
        &matrix,
        &was,
        &[],
        &["Account.Fax.PermissionsEdit"],
    )
    .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(
        late.body
            .contains("Somebody else has changed the rights on Account.Phone"),
        "{}",
        late.body
    );
    assert!(
        late.body.contains("edit field off"),
        "who was faster, and what they did"
    );
    let fax = format!(
        "SELECT Id FROM FieldPermissions WHERE ParentId = '{set}' AND Field = 'Account.Fax' AND PermissionsEdit = true"
    );
    assert_eq!(count(&site, &fax).await, 1, "nothing was written");
    // What comes back remembers the present state, and the second's own changes.
    let was = value_of(&late.body, "was");
    let again = send_switches(
        &second,
        &matrix,
        &was,
        &[],
        &["Account.Fax.PermissionsEdit"],
    )
    .await;
    assert_eq!(again.leads_to(), matrix);
    assert_eq!(count(&site, &fax).await, 0);
}

#[tokio::test]
async fn what_nobody_edits_is_locked_with_the_reason_and_the_place_to_edit_it() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let set = set_of(&site, "Support Agent").await;
    let matrix = format!("/setup/permission-sets/{set}/MessagingSession");
    let page = admin.sees(&matrix).await;
    assert!(
        page.contains("This account comes from the Messaging User (MessagingEndUser.AccountId).")
    );
    assert!(page.contains(&format!(
        "href=\"/setup/permission-sets/{set}/MessagingEndUser#f-AccountId\""
    )));
    assert!(!page.contains("value=\"MessagingSession.EndUserAccountId.PermissionsEdit\""));
    // Nor does a form that was made up give it.
    let made_up = "MessagingSession.EndUserAccountId.PermissionsEdit";
    let answer = switch(&admin, &matrix, &[made_up], &[]).await;
    assert_eq!(answer.leads_to(), matrix);
    let row = "SELECT Id FROM FieldPermissions WHERE Field = 'MessagingSession.EndUserAccountId'";
    assert_eq!(count(&site, row).await, 0);
    let field = admin
        .sees("/setup/objects/MessagingSession/fields/EndUserAccountId")
        .await;
    assert!(field.contains("reads <a href=\"/setup/objects/MessagingEndUser/fields/AccountId\">"));
}

#[tokio::test]
async fn the_inspector_says_the_first_rule_that_says_no_and_what_would_lift_it() {
    let site = Site::start().await;
    let jordan = site.jordan().await;
    let admin = site.admin().await;
    let session = format!("/r/MessagingSession/{}", jordan.session);
    let lock = admin.sees(&session).await;
    assert!(lock.contains(&format!(
        "record={}&amp;field=EndUserAccountId",
        jordan.session
    )));
    assert!(
        !site
            .browser(AGENT)
            .await
            .sees(&session)
            .await
            .contains("/setup/access")
    );

    let url = format!("/setup/access?user={VIEWER}&record={session}&field=EndUserAccountId");
    let page = admin.sees(&url).await;
    assert!(
        page.contains("This account comes from the Messaging User"),
        "{page}"
    );
    assert!(page.contains("href=\"/setup/objects/MessagingEndUser/fields/AccountId\""));
    assert!(page.contains("class=\"remedy\""));
    let profile = set_of(&site, "Minimum Access").await;
    assert!(page.contains(&format!(
        "/setup/permission-sets/{profile}/MessagingEndUser"
    )));

    let nobody = admin.open("/setup/access?user=nobody&object=Account").await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nobody.body.contains("No active user is called"));
    let named = admin
        .sees(&format!("/setup/access?user={AGENT}&record=Sample"))
        .await;
    assert!(named.contains("Account Sample"), "{named}");
}

#[tokio::test]
async fn a_custom_field_is_on_the_record_page_and_its_form_at_once() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let account = site.server.account("Sample").await;
    let form = [
        ("type", "Text"),
        ("label", "Renewal <script>alert(1)</script>"),
        ("fullName", "Renewal"),
        ("length", "20"),
    ];
    let made = admin.post("/setup/objects/Account/new-field", &form).await;
    assert_eq!(made.leads_to(), "/setup/objects/Account/fields/Renewal__c");
    let record = format!("/r/Account/{account}");
    for path in [
        "/setup/objects/Account/fields/Renewal__c",
        "/setup/objects/Account",
        "/setup/objects/Account/layout",
        "/setup/audit",
        &record,
    ] {
        let page = admin.sees(path).await;
        assert!(page.contains("Renewal"), "{path}");
        assert!(!page.contains("<script>alert"), "{path}");
    }
    assert!(admin.sees(&record).await.contains("edit?field=Renewal__c"));
    let saved = admin
        .post(
            &format!("{record}/edit"),
            &[("Renewal__c", "soon"), ("was.Renewal__c", "")],
        )
        .await;
    assert_eq!(saved.leads_to(), record);
    assert!(admin.sees(&record).await.contains("soon"));

    let again = admin.post("/setup/objects/Account/new-field", &form).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        again.body.contains("already has a field Renewal__c")
            && again.body.contains("aria-invalid")
    );
    let bad = [("type", "Text"), ("label", "Long"), ("length", "1000")];
    let bad = admin.post("/setup/objects/Account/new-field", &bad).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_custom_object_has_records_at_once() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = admin
        .post(
            "/setup/objects/new",
            &[("label", "Invoice"), ("sharingModel", "ReadWrite")],
        )
        .await;
    assert_eq!(made.leads_to(), "/setup/objects/Invoice__c");
    let record = admin.post("/o/Invoice__c/new", &[("Name", "First")]).await;
    assert!(admin.sees(record.leads_to()).await.contains("First"));
}

#[tokio::test]
async fn a_field_that_the_layout_shows_only_has_no_pencil() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let account = site.server.account("Sample").await;
    let (record, layout) = (
        format!("/r/Account/{account}"),
        "/setup/objects/Account/layout",
    );
    assert!(admin.sees(&record).await.contains("edit?field=Phone\""));
    let was = value_of(&admin.sees(layout).await, "was");
    let form = [
        ("was", was.as_str()),
        ("sections", "1"),
        ("s0.title", "What counts"),
        ("s0.columns", "1"),
        ("f.Name.section", "0"),
        ("f.Name.required", "true"),
        ("f.Phone.section", "0"),
        ("f.Phone.readonly", "true"),
        ("f.OwnerId.section", "0"),
    ];
    let with = |act: &'static str| {
        let mut all = form.to_vec();
        all.push(("act", act));
        all
    };
    // A button that only arranges saves nothing, and keeps what was typed.
    let arranged = admin.post(layout, &with("add")).await;
    assert_eq!(arranged.status, StatusCode::OK);
    assert!(arranged.body.contains("What counts") && arranged.body.contains("New section"));
    assert!(!admin.sees(&record).await.contains("What counts"));

    assert_eq!(admin.post(layout, &with("save")).await.leads_to(), layout);
    let page = admin.sees(&record).await;
    assert!(
        page.contains("What counts") && page.contains("Read only here"),
        "{page}"
    );
    assert!(!page.contains("edit?field=Phone\""));
    assert!(
        !admin
            .sees(&format!("{record}/edit"))
            .await
            .contains("input-Phone")
    );

    let late = admin.post(layout, &with("save")).await;
    assert_eq!(
        late.status,
        StatusCode::CONFLICT,
        "it began with another layout"
    );
    let was = value_of(&late.body, "was");
    let without_name = [
        ("was", was.as_str()),
        ("act", "save"),
        ("sections", "1"),
        ("s0.title", "X"),
        ("f.Phone.section", "0"),
    ];
    let refused = admin.post(layout, &without_name).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("Name must be on the layout"),
        "{}",
        refused.body
    );

    assert_eq!(
        admin.post(layout, &[("act", "reset")]).await.leads_to(),
        layout
    );
    assert!(admin.sees(&record).await.contains("edit?field=Phone\""));
    let trail = admin.sees("/setup/audit").await;
    assert!(
        trail.contains("Changed page layout Account")
            && trail.contains("Reset page layout Account")
    );
}

#[tokio::test]
async fn a_secret_is_shown_once_and_an_app_that_is_off_is_unknown() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let form = [
        ("name", "Reports"),
        ("callbacks", "https://reports.example/back"),
        ("scope", "api"),
        ("client", "secret"),
    ];
    let made = admin.post("/setup/apps/new", &form).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let shown: Vec<_> = made.body.split("class=\"secret\">").skip(1).collect();
    let [client, secret] = [0, 1].map(|place| shown[place].split('<').next().unwrap());
    assert_eq!(secret.len(), 64);
    let app = site.server.org().app(client).await.unwrap();
    let proof = site.server.org().check_app(&app, Some(secret)).await;
    assert!(proof.is_ok());
    let list = admin.sees("/setup/apps").await;
    assert!(list.contains(client) && !list.contains(secret));

    let id = app.id.to_string();
    admin
        .post("/setup/apps/active", &[("app", &id), ("active", "false")])
        .await;
    let gone = site.server.org().app(client).await;
    assert!(matches!(gone, Err(LoginError::UnknownApp)));
    let twice = admin.post("/setup/apps/new", &form).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    let bad = [
        ("name", "Other"),
        ("callbacks", "http://reports.example/back"),
    ];
    assert_eq!(
        admin.post("/setup/apps/new", &bad).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn people_get_permission_sets_passwords_and_are_switched_off() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let user = site.server.user(AGENT).await;
    let page = format!("/setup/users/{user}");
    let made = admin
        .post(
            "/setup/permission-sets/new",
            &[("kind", "set"), ("Name", "Field Staff")],
        )
        .await;
    let set = made.leads_to().rsplit('/').next().unwrap().to_owned();
    let given = admin
        .post(&format!("{page}/permission-sets"), &[("set", &set)])
        .await;
    assert_eq!(given.leads_to(), page);
    let shown = admin.sees(&page).await;
    assert!(shown.contains("Field Staff"));
    let assignment = value_of(&shown, "assignment");
    admin
        .post(
            &format!("{page}/permission-sets/remove"),
            &[("assignment", &assignment)],
        )
        .await;
    let left = format!("SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId = '{set}'");
    assert_eq!(count(&site, &left).await, 0);

    let password = format!("{page}/password");
    let differ = [
        ("password", "a new password"),
        ("again", "another password"),
    ];
    assert_eq!(
        admin.post(&password, &differ).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let short = admin
        .post(&password, &[("password", "x"), ("again", "x")])
        .await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.body.contains("a password has at least"));
    let same = [("password", "a new password"), ("again", "a new password")];
    assert_eq!(admin.post(&password, &same).await.leads_to(), page);
    assert!(
        site.server
            .org()
            .authenticate(AGENT, "a new password")
            .await
            .is_ok()
    );

    admin
        .post(&format!("{page}/active"), &[("active", "false")])
        .await;
    let refused = site
        .server
        .org()
        .authenticate(AGENT, "a new password")
        .await;
    assert!(matches!(refused, Err(LoginError::InactiveUser)));
    let myself = format!("/setup/users/{}/active", site.server.user(ADMIN).await);
    let off = admin.post(&myself, &[("active", "false")]).await;
    assert_eq!(off.status, StatusCode::UNPROCESSABLE_ENTITY);

    let trail = admin.sees("/setup/audit").await;
    for told in [
        "Created permission set Field Staff",
        "Field Staff to",
        "Set the password of",
        "active off",
    ] {
        assert!(trail.contains(told), "{told}: {trail}");
    }
    let file = admin.open("/setup/audit.csv").await;
    assert!(file.header("content-disposition").contains("attachment"));
    assert!(file.body.starts_with("Date,User,") && file.body.contains("Set the password of"));
}
