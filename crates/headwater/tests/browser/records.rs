//! Every type of record: made, opened, changed and deleted with the same pages.

use headwater_testbrowser::Look;

use crate::stage::{ADMIN, Stage};

/// An object, the fields that a new one needs, and one to change with its new value.
type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    (&'static str, &'static str),
);

const CASES: &[Case] = &[
    (
        "Account",
        &[("Account Name", "Made here")],
        ("Account Phone", "12345"),
    ),
    (
        "Contact",
        &[("First Name", "Made"), ("Last Name", "Here")],
        ("Title", "Buyer"),
    ),
    (
        "Case",
        &[("Subject", "Made here")],
        ("Subject", "Changed here"),
    ),
    (
        "Lead",
        &[("Last Name", "Made here"), ("Company", "Makers")],
        ("Company", "Changers"),
    ),
    (
        "Opportunity",
        &[
            ("Name", "Made here"),
            ("Stage", "Prospecting"),
            ("Close Date", "12312030"),
        ],
        ("Name", "Changed here"),
    ),
    (
        "Campaign",
        &[("Name", "Made here")],
        ("Name", "Changed here"),
    ),
];

#[test]
fn records_of_every_type_are_made_changed_and_deleted() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(ADMIN, Look::default());
    for (object, fields, (changed, to)) in CASES {
        window.go(&format!("/o/{object}"));
        window.click("New");
        for (label, value) in *fields {
            window.fill(label, value);
        }
        window.click("Save");
        window.sees("Made.");
        let page = window.path();
        assert!(page.starts_with(&format!("/r/{object}/")), "{page}");
        window.click("Edit");
        window.fill(changed, to);
        window.click("Save");
        window.sees("Saved.");
        window.within("Details").sees(to);
        window.click("Delete…");
        window.sees("Delete ");
        window.click("Delete");
        window.sees("Deleted.");
        window.is_at(&format!("/o/{object}"));
        window.expect_error("404");
        window.go(&page);
        window.sees("Not found");
    }
}

#[test]
fn what_cannot_be_done_without_is_asked_for() {
    let Some(stage) = Stage::demo() else {
        return;
    };
    let window = stage.window(ADMIN, Look::default().without_script());
    window.go("/o/Contact/new");
    window.fill("First Name", "Nameless");
    window.click("Save");
    // The browser itself sees that it is missing.
    window.is_at("/o/Contact/new");
    assert!(
        stage
            .admin
            .query("SELECT Id FROM Contact WHERE FirstName = 'Nameless'")
            .is_empty()
    );
}
